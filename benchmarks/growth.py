"""What grows how: seconds of the processor and peak memory of each command for ten and a hundred times the work.

usage: python benchmarks/growth.py [images|files|names|classes|runs ...] [--steps 3]

Every command is a process of its own on images that are made up, so that what is measured is cnnbench and not the
network: one layer on 8x8 grey pixels. `images` and `classes` train on the synthetic source, `files` reads as many small
PNG files, `names` lists empty ones, a million in the third step, `runs` copies one run. Prints a row per command and
size, with the factor to the size before: ten is linear, less than ten says that what does not grow still weighs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from PIL import Image
from rich.console import Console
from rich.table import Table

TOOL = [sys.executable, "-m", "cnnbench"]
LIST = "from cnnbench.data.folder import list_images; from pathlib import Path; list_images(Path('files'), '.')"
SIDE, CLASSES, FEW = 8, 10, 1000


@dataclass(frozen=True)
class Cost:
    """Processor time in seconds, children included, and the peak resident memory in bytes."""

    seconds: float
    memory: int


def cost(command: list[str], folder: Path) -> Cost:
    """Return what a command costs; its output goes nowhere, and it has to succeed."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {said}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def experiment(folder: Path, data: dict[str, object]) -> None:
    """Write a configuration of one layer and one epoch."""
    config = {
        "name": "growth",
        "data": data,
        "model": {"layers": ["Flatten", "classifier"]},
        "train": {"epochs": 1, "batch_size": 256, "precision": "float32"},
    }
    (folder / "growth.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")


def synthetic(classes: int, train: int) -> dict[str, object]:
    """Return the data section for made-up images, a fifth as many to test."""
    size = {"classes": classes, "shape": [SIDE, SIDE, 1], "train": train, "test": train // 5}
    return {"source": "synthetic", "synthetic": size}


def one_run(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the commands of a run's life."""
    yield "train", [*TOOL, "train", "growth.yaml", "--quiet"]
    yield "evaluate", [*TOOL, "evaluate", "outputs/growth", "--quiet"]
    yield "report", [*TOOL, "report", "outputs/growth", "--quiet"]


def images(folder: Path, factor: int) -> Iterator[tuple[str, list[str]]]:
    """Yield commands on `factor` times 1,000 training images in memory and a fifth of that to test."""
    experiment(folder, synthetic(CLASSES, FEW * factor))
    yield from one_run(folder)


def classes(folder: Path, factor: int) -> Iterator[tuple[str, list[str]]]:
    """Yield commands on `factor` times ten classes of 20 training images each."""
    experiment(folder, synthetic(CLASSES * factor, 20 * CLASSES * factor))
    yield from one_run(folder)


def files(folder: Path, factor: int) -> Iterator[tuple[str, list[str]]]:
    """Yield commands on `factor` times 1,000 PNG files."""
    random, count = np.random.default_rng(0), FEW * factor
    for number in range(count):
        home = folder / "files" / f"class{number % CLASSES}"
        home.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (SIDE, SIDE), np.uint8)).save(home / f"{number:07}.png")
    yield "list", [sys.executable, "-c", LIST]
    experiment(folder, {"source": "image_folder", "path": "files", "color": "luminance"})
    yield "data check", [*TOOL, "data", "check", "growth.yaml", "--quiet"]
    yield from one_run(folder)


def names(folder: Path, factor: int) -> Iterator[tuple[str, list[str]]]:
    """Yield the command that lists `factor` times 10,000 empty files called as images are."""
    homes = [folder / "files" / f"class{number}" for number in range(CLASSES)]
    for home in homes:
        home.mkdir(parents=True)
    for number in range(10 * FEW * factor):
        os.close(os.open(f"{homes[number % CLASSES]}/{number:07}.png", os.O_CREAT | os.O_WRONLY))
    yield "list", [sys.executable, "-c", LIST]


def runs(folder: Path, factor: int) -> Iterator[tuple[str, list[str]]]:
    """Yield commands on `factor` times ten copies of one run."""
    experiment(folder, synthetic(CLASSES, FEW))
    cost([*TOOL, "train", "growth.yaml", "--quiet"], folder)
    (run,) = (folder / "outputs/growth").iterdir()
    for number in range(CLASSES * factor):
        shutil.copytree(run, folder / f"many/growth/{run.name}-{number:05}")
    yield "runs", [*TOOL, "runs", "many"]
    yield "compare", [*TOOL, "compare", "many", "--quiet"]


KINDS: dict[str, Callable[[Path, int], Iterator[tuple[str, list[str]]]]] = {
    "images": images,
    "files": files,
    "names": names,
    "classes": classes,
    "runs": runs,
}


def measure(kind: str, factor: int) -> dict[str, Cost]:
    """Return what each command of a kind costs at `factor` times the smallest size."""
    with tempfile.TemporaryDirectory() as folder:
        return {name: cost(command, Path(folder)) for name, command in KINDS[kind](Path(folder), factor)}


def main() -> None:
    """Measure and print, a table per kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="kind", help=", ".join(KINDS))
    parser.add_argument("--steps", type=int, default=3)
    asked = parser.parse_args()
    for kind in asked.kinds or KINDS:
        table, before = Table("command", "work", "processor, s", "factor", "peak, MB", "factor", title=kind), {}
        for factor in (10**step for step in range(asked.steps)):
            for name, now in (found := measure(kind, factor)).items():
                times = ("", "") if name not in before else _factors(now, before[name])
                row = (f"{now.seconds:.2f}", times[0], f"{now.memory / 1e6:,.0f}", times[1])
                table.add_row(name, f"{factor:,}x", *row)
            before = found
        Console(width=100).print(table)


def _factors(now: Cost, before: Cost) -> tuple[str, str]:
    return f"{now.seconds / before.seconds:.1f}", f"{now.memory / before.memory:.1f}"


if __name__ == "__main__":
    main()
