"""What a training costs beside its epochs, forked from a process that has imported TensorFlow or started afresh.

usage: python benchmarks/preload.py [TRIALS]

LeNet-5 on the digits of scikit-learn for two epochs, a seed per trial, on one slot. Each seed is trained both ways, one
after the other, and whose turn is first changes; weights and predictions of the two must be the same to the bit.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np

from cnnbench.config.load import dump_yaml, load_config
from cnnbench.jobs.local import LocalEngine
from cnnbench.jobs.types import Ended, Job
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run

WAYS = ("forked", "fresh")


def beside_epochs(engine: LocalEngine, folder: Path, seed: int) -> float:
    """Train and return the seconds that were not spent in epochs."""
    config = dump_yaml(load_config("lenet5-digits", ["train.epochs=2", f"seed={seed}"]))
    engine.start(Job("run", folder, config, report=False))
    while not isinstance(event := engine.next_event(60), Ended):
        pass
    assert event.state == "done", event
    return event.seconds - float((Run(folder).metrics or {})["times"]["epochs_seconds"])


def same(one: RunDir, other: RunDir) -> bool:
    """Return whether two runs ended with the same weights and predictions."""
    with np.load(one.last_checkpoint) as first, np.load(other.last_checkpoint) as second:
        names = [name for name in first.files if name != "history"]  # which a clock is in
        weights = all(np.array_equal(first[name], second[name]) for name in names)
    return weights and one.predictions.read_bytes() == other.predictions.read_bytes()


def main() -> None:
    """Let both ways take turns, and print medians."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    took: dict[str, list[float]] = {way: [] for way in WAYS}
    equal = 0
    with tempfile.TemporaryDirectory() as place, LocalEngine(1) as forked, LocalEngine(1, preload=False) as fresh:
        engines = {"forked": forked, "fresh": fresh}
        for seed in range(trials):
            folders = {way: Path(place) / f"{way}-{seed}" for way in WAYS}
            for way in WAYS[:: 1 if seed % 2 else -1]:
                took[way].append(beside_epochs(engines[way], folders[way], seed))
            equal += same(*(RunDir(folder) for folder in folders.values()))
    for way, (first, *others) in took.items():
        low, high = min(others), max(others)
        told = f"{statistics.median(others):.2f} s beside its epochs ({low:.2f} to {high:.2f}); the first {first:.2f} s"
        print(f"{way}: a trial takes {told}")
    print(f"{equal} of {trials} trials have the same weights and predictions to the bit both ways")


if __name__ == "__main__":
    main()
