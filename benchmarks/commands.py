"""Seconds a user waits for: help, validate, the first training step; and the memory of a training on CIFAR-10.

usage: python benchmarks/commands.py
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPEATS = 3
FIRST_STEP = """
import os, sys
from cnnbench.experiment import progress
def stop(self, progress):
    print("first step", flush=True)
    os._exit(0)
progress.Screen.on_step = stop
from cnnbench.cli.main import program
sys.argv = ["cnnbench", *sys.argv[1:]]
program()
"""


def seconds(command: list[str], folder: str) -> float:
    """Return the median wall time of a command."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Measure and print."""
    tool = str(Path(sys.executable).with_name("cnnbench"))
    with tempfile.TemporaryDirectory() as folder:
        for arguments in (["--help"], ["train", "--help"], ["validate", "thesis-cnn-cifar10"], ["runs"]):
            print(f"cnnbench {' '.join(arguments):<30} {seconds([tool, *arguments], folder):.2f} s")
        for config in ("lenet5-digits", "thesis-cnn-cifar10", "thesis-cnn-fast"):
            took = seconds([sys.executable, "-c", FIRST_STEP, "train", config], folder)
            print(f"cnnbench train {config:<24} {took:.2f} s to the end of the first training step")
        subprocess.run(
            [tool, "train", "thesis-cnn-cifar10", "train.epochs=2"], cwd=folder, stdout=subprocess.DEVNULL, check=True
        )
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        print(
            f"peak memory of thesis-cnn-cifar10, two epochs and the test: {peak:.2f} GiB ({peak * 1.073741824:.2f} GB)"
        )


if __name__ == "__main__":
    main()
