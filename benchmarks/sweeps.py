"""What a sweep costs beside its trainings: equal trials on one slot and on two, and the engine's own time per trial.

usage: python benchmarks/sweeps.py [ROUNDS]
       python benchmarks/sweeps.py tiny [TRIALS]

Eight trainings that differ in their seed alone, vgg-tiny on 2,000 images of CIFAR-10 for three epochs. Slots share the
cores: one slot with all of them, two with half of them each. The engine's time is what is left of the sweep's wall time
when the slots' time with a training's process in them is taken away; a process that was started and ended with nothing
to train tells what of that time is start-up.

With `tiny`, 64 trainings of LeNet-5 on scikit-learn's digits for ten epochs on two slots, against the sum of their
epochs over the slots.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import yaml

from cnnbench.jobs.local import LocalEngine
from cnnbench.jobs.types import Ended, Event, Job
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from cnnbench.sweep import execute
from cnnbench.sweep.define.file import load_sweep

TRIALS = 8
SMALL = {
    "base": "vgg-tiny-cifar10",
    "fixed": {"data.subset.train": 2000, "data.subset.test": 1000, "train.epochs": 3},
}
TINY = {"base": "lenet5-digits", "fixed": {"train.epochs": 10}}


class Stopwatch(LocalEngine):
    """A local engine that adds up how long processes were in its slots."""

    busy = 0.0

    def next_event(self, timeout: float) -> Event | None:
        """Return the next event, its time noted where a process ended."""
        event = super().next_event(timeout)
        if isinstance(event, Ended):
            Stopwatch.busy += event.seconds
        return event


def sweep_of(folder: Path, slots: int, base: Mapping[str, object], trials: int) -> Path:
    """Write a sweep of equal trials: data of other split seeds, and all else the same."""
    path = folder / "equal.yaml"
    file = {
        **base,
        "execution": {"slots": slots},
        "search": {"method": "grid"},
        "space": {"data.split_seed": list(range(trials))},
    }
    path.write_text(yaml.safe_dump(file), encoding="utf-8")
    return path


def measure(slots: int, base: Mapping[str, object] = SMALL, trials: int = TRIALS) -> tuple[float, float, float]:
    """Return wall time of the sweep, the slots' time without a process per trial, and training time per trial."""
    Stopwatch.busy = 0.0
    execute.LocalEngine = Stopwatch  # type: ignore[misc]  # the same, with a watch
    with tempfile.TemporaryDirectory() as folder:
        path = sweep_of(Path(folder), slots, base, trials)
        began = time.perf_counter()
        results = execute.run_sweep(load_sweep(path), execute.SweepOptions(output=Path(folder)))
        wall = time.perf_counter() - began
        runs = [RunDir(Path(str(trial.runs[0].path))) for trial in results.trials]
        assert [trial.state for trial in results.trials] == ["done"] * trials
        training = sum((Run(run.path).metrics or {})["times"]["epochs_seconds"] for run in runs)
    return wall, (wall * slots - Stopwatch.busy) / trials, training / trials


def start_up() -> float:
    """Return seconds of a job's process that finds its run done: Python, imports, reading the folder."""
    from cnnbench.config.load import dump_yaml, load_config

    config = dump_yaml(load_config("lenet5-digits", ["train.epochs=1"]))
    with tempfile.TemporaryDirectory() as folder, LocalEngine(slots=1) as engine:
        took = []
        for _ in range(4):
            engine.start(Job("run", Path(folder) / "run", config, report=False))
            while not isinstance(event := engine.next_event(60), Ended):
                pass
            took.append(event.seconds)
    return statistics.median(took[1:])


def tiny(trials: int, slots: int = 2) -> None:
    """Measure many tiny trials, and the processors' time that all of them took."""
    before = sum(os.times()[:4])
    wall, engine, training = measure(slots, TINY, trials)
    processor, each = (sum(os.times()[:4]) - before) / trials, wall * slots / trials
    print(
        f"{trials} tiny trials on {slots} slots: {wall:.1f} s, {each / training:.2f} times their epochs; per trial "
        f"{each:.2f} s of a slot: {training:.2f} s in epochs, {each - training - engine:.2f} s process and data, "
        f"{engine:.2f} s engine; {processor:.2f} s of a processor"
    )


def main() -> None:
    """Measure in turns and print medians."""
    if sys.argv[1:2] == ["tiny"]:
        tiny(int(sys.argv[2]) if len(sys.argv) > 2 else 64)
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    found: dict[int, list[tuple[float, float, float]]] = {1: [], 2: []}
    for _ in range(rounds):
        for slots, measured in found.items():
            measured.append(measure(slots))
            print(f"{slots} slot(s): {measured[-1][0]:.1f} s, {measured[-1][1]:.2f} s engine per trial", flush=True)
    medians = {
        slots: [statistics.median(column) for column in zip(*rows, strict=True)] for slots, rows in found.items()
    }
    for slots, (wall, engine, training) in medians.items():
        each = wall * slots / TRIALS
        print(
            f"{slots} slot(s): {wall:.1f} s for {TRIALS} trials; per trial {each:.2f} s of a slot: "
            f"{training:.2f} s in epochs, {each - training - engine:.2f} s process and data, {engine:.2f} s engine"
        )
    print(f"2 slots against 1: {medians[1][0] / medians[2][0]:.2f} times as fast")
    print(f"a process with nothing to train: {start_up():.2f} s")


if __name__ == "__main__":
    main()
