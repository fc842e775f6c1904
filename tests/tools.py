"""What tests of the command line share: a real process, and small real experiments."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import yaml

from cnnbench.listing.lines import lines_below
from cnnbench.runs.folder import RunDir
from cnnbench.runs.walk import walk
from tests import nursery

ROOT = Path(__file__).parent.parent

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
HEEDED_LATE = {"TF_CONFIG"}  # variables of the environment that no import looks at


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


def start(
    *arguments: str | Path, cwd: Path, stdout: int = subprocess.PIPE, **environment: str
) -> subprocess.Popen[str]:
    """Start `cnnbench` in a process of its own, which Ctrl-C reaches also where it does not reach the tests."""
    return subprocess.Popen(
        _command(arguments, environment),
        cwd=cwd,
        env=_environment(environment),
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def cnnbench(*arguments: str | Path, cwd: Path, **environment: str) -> CompletedProcess[str]:
    """Run `cnnbench` to its end in this process, where TensorFlow is warm; in one of its own with an environment."""
    if environment:
        return process(*arguments, cwd=cwd, **environment)
    assert not any("train.threads" in str(argument) for argument in arguments), "TensorFlow keeps its first threads"
    given, streams, before = list(map(str, arguments)), (sys.stdin, sys.stdout, sys.stderr), Path.cwd()
    kept = {number: os.dup(number) for number in (0, 1, 2)}
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, Path(os.devnull).open("rb") as nothing:
        try:
            for number, file in enumerate((nothing, out, err)):
                os.dup2(file.fileno(), number)
            sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, "rw"[n > 0], closefd=False) for n in (0, 1, 2))
            os.chdir(cwd)
            code = _exit_code(given)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            sys.stdin, sys.stdout, sys.stderr = streams
            os.chdir(before)
            for number, descriptor in kept.items():
                os.dup2(descriptor, number)
                os.close(descriptor)
            for number, handler in handlers.items():
                signal.signal(number, handler)
        written = [file.seek(0) or file.read().decode(errors="backslashreplace") for file in (out, err)]
    return CompletedProcess(given, code, *written)


def _exit_code(arguments: list[str]) -> int:
    from cnnbench.cli.main import main

    argv, environment, disabled = sys.argv, dict(os.environ), logging.root.manager.disable
    sys.argv = ["cnnbench", *arguments]
    os.environ["COLUMNS"] = "160"
    try:
        with warnings.catch_warnings():
            main()
    except SystemExit as e:
        return e.code if isinstance(e.code, int) else int(e.code is not None)
    finally:
        sys.argv = argv
        logging.disable(disabled)
        os.environ.clear()
        os.environ.update(environment)
    return 0


def process(*arguments: str | Path, cwd: Path, **environment: str) -> CompletedProcess[str]:
    """Run `cnnbench` to its end in a process of its own; a test asserts the exit code."""
    return subprocess.run(
        _command(arguments, environment),
        cwd=cwd,
        env=_environment(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )


def python() -> list[str]:
    """Return what takes an interpreter's `-m MODULE ...` or `-c PROGRAM ...` and has Keras on TensorFlow imported."""
    if not hasattr(os, "pidfd_open"):
        return [sys.executable]
    return [sys.executable, "-I", "-S", nursery.__file__, _server()]


def _command(arguments: Sequence[str | Path], environment: dict[str, str]) -> list[str]:
    """Return what runs `cnnbench`: an interpreter of its own where what it imports may heed its environment."""
    interpreter = python() if environment.keys() <= HEEDED_LATE else [sys.executable]
    return [*interpreter, "-m", "cnnbench", *map(str, arguments)]


@cache
def _server() -> str:
    """Start this worker's nursery, which ends with the worker, and return its address."""
    path = Path(tempfile.mkdtemp(prefix="nursery-")) / "socket"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.nursery", str(path)],
        cwd=ROOT,
        env=_environment({}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    atexit.register(shutil.rmtree, path.parent)
    _KEPT.append(process)
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    return str(path)


_KEPT: list[subprocess.Popen[bytes]] = []  # their standard inputs stay open as long as this process lives


def _environment(changes: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "160", **changes}


def only_run(output: Path) -> Path:
    """Return the one run folder below `output`."""
    (config,) = output.glob("*/*/config.yaml")
    return config.parent


def listed(root: Path, children: bool = False) -> list[dict[str, Any]]:
    """Return what `cnnbench runs` says of the runs below a folder."""
    return [line.described for line in lines_below(root, children)]


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


def runs_below(root: Path) -> list[RunDir]:
    """Return every run below a folder, those of repeats and sweeps too, the oldest first."""
    return [RunDir(found.path) for found in walk(root, children=True) if found.kind == "run"]
