"""What tests of the command line share: a real process, and small real experiments."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import yaml

TINY: dict[str, Any] = {
    "name": "tiny",
    "data": {"source": "digits", "subset": {"train": 200}, "test": 0.1},
    "augment": [
        {"RandomFlip": {"mode": "horizontal"}},
        {"RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1}},
    ],
    "model": {
        "name": "tiny-net",
        "layers": [
            {"Conv2D": {"filters": 8, "kernel_size": 3, "activation": "relu"}},
            "BatchNormalization",
            {"MaxPooling2D": {"pool_size": 2}},
            "Flatten",
            {"Dropout": {"rate": 0.3}},
            "classifier",
        ],
    },
    "train": {"epochs": 3, "batch_size": 32, "optimizer": {"name": "Adam", "learning_rate": 0.01}},
}
TIMING = {"seconds", "images_per_second"}


def tiny(**changes: Any) -> dict[str, Any]:
    """Return the small experiment with dotted keys changed."""
    import copy

    config = copy.deepcopy(TINY)
    for path, value in changes.items():
        *sections, key = path.split("__")
        place = config
        for section in sections:
            place = place.setdefault(section, {})
        place[key] = value
    return config


def write_config(folder: Path, config: dict[str, Any]) -> Path:
    """Write a configuration file."""
    path = folder / f"{config['name']}.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return path


def start(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.Popen[str]:
    """Start `cnnbench` in a process of its own, which Ctrl-C reaches also where it does not reach the tests."""
    return subprocess.Popen(
        [sys.executable, "-m", "cnnbench", *map(str, arguments)],
        cwd=cwd,
        env=_environment(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def cnnbench(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `cnnbench` to its end; a test asserts the exit code."""
    return subprocess.run(
        [sys.executable, "-m", "cnnbench", *map(str, arguments)],
        cwd=cwd,
        env=_environment(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )


def _environment(changes: dict[str, str]) -> dict[str, str]:
    root = str(Path(__file__).parent.parent)
    return {**os.environ, "PYTHONPATH": root, "COLUMNS": "160", **changes}


def only_run(output: Path) -> Path:
    """Return the one run folder below `output`."""
    (config,) = output.glob("*/*/config.yaml")
    return config.parent


def comparable_history(rows: list[dict[str, float]]) -> list[dict[str, float]]:
    """Return history rows without what a clock measured."""
    return [{k: v for k, v in row.items() if k not in TIMING} for row in rows]


def variables(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Return a checkpoint's arrays without the history."""
    with np.load(path) as file:
        return {name: file[name] for name in file.files if name != "history"}


def assert_same_variables(a: Path, b: Path) -> None:
    """Assert that two checkpoints are equal to the bit."""
    first, second = variables(a), variables(b)
    assert first.keys() == second.keys()
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], err_msg=name)
