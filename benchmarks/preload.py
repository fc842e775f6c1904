"""What a training costs beside its epochs, forked from a process that has imported TensorFlow or started afresh.

usage: python benchmarks/preload.py [TRIALS]

LeNet-5 on the digits of scikit-learn for two epochs, a seed per trial, on one slot. Each seed is trained both ways, one
after the other, and whose turn is first changes; weights and predictions of the two must be the same to the bit. Every
fifth forked trial is killed after its first epoch and goes on in another fork; its times are not counted.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cnnbench.config.load import dump_yaml, load_config
from cnnbench.jobs.local import LocalEngine
from cnnbench.jobs.types import Ended, Epoch, Job
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run

WAYS = ("forked", "fresh")
KILLED = 5  # one of so many forked trials


def job_of(folder: Path, seed: int) -> Job:
    """Return the training of a seed."""
    config = dump_yaml(load_config("lenet5-digits", ["train.epochs=2", f"seed={seed}"]))
    return Job("run", folder, config, report=False)


def trained(engine: LocalEngine, job: Job) -> tuple[float, float]:
    """Train and return the seconds that were not spent in epochs, and those of the processor in all."""
    before = processor_seconds()
    engine.start(job)
    while not isinstance(event := engine.next_event(60), Ended):
        pass
    assert event.state == "done", event
    epochs = float((Run(job.folder).metrics or {})["times"]["epochs_seconds"])
    return event.seconds - epochs, processor_seconds() - before


def kill_after_first_epoch(engine: LocalEngine, job: Job) -> None:
    """Begin a training that waits after an epoch, and kill it there."""
    engine.start(replace(job, judged=True))
    while not isinstance(event := engine.next_event(60), Ended):
        if isinstance(event, Epoch):
            engine._children[job.key].kill()
    assert event.state == "interrupted" and len(Run(job.folder).history) == 1, event


def processor_seconds() -> float:
    """Return what the processes that have ended took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def same(one: RunDir, other: RunDir) -> bool:
    """Return whether two runs ended with the same weights and predictions."""
    with np.load(one.last_checkpoint) as first, np.load(other.last_checkpoint) as second:
        names = [name for name in first.files if name != "history"]  # which a clock is in
        weights = all(np.array_equal(first[name], second[name]) for name in names)
    return weights and one.predictions.read_bytes() == other.predictions.read_bytes()


def told(way: str, first: float, took: Sequence[tuple[float, float]]) -> str:
    """Return a line of medians; the first trial of a way, which imports, stands apart."""
    beside, processor = zip(*took, strict=True)
    spread = f"{min(beside):.2f} to {max(beside):.2f}"
    wall = f"{statistics.median(beside):.2f} s beside its epochs ({spread}; the first {first:.2f} s)"
    return f"{way}: a trial takes {wall}, {statistics.median(processor):.2f} s of a processor in all"


def main() -> None:
    """Let both ways take turns, and print medians."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    took: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    equal = killed = 0
    with tempfile.TemporaryDirectory() as place, LocalEngine(1) as forked, LocalEngine(1, preload=False) as fresh:
        engines = {"forked": forked, "fresh": fresh}
        for seed in range(trials):
            jobs = {way: job_of(Path(place) / f"{way}-{seed}", seed) for way in WAYS}
            for way in WAYS[:: 1 if seed % 2 else -1]:
                if is_killed := way == "forked" and seed % KILLED == KILLED - 1:
                    kill_after_first_epoch(engines[way], jobs[way])
                    killed += 1
                measured = trained(engines[way], jobs[way])
                took[way] += [] if is_killed else [measured]
            equal += same(*(RunDir(job.folder) for job in jobs.values()))
    for way, (first, *others) in took.items():
        print(told(way, first[0], others))
    print(
        f"{equal} of {trials} trials have the same weights and predictions to the bit both ways; {killed} were killed"
    )


if __name__ == "__main__":
    main()
