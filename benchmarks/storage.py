"""How long a sweep's storage lets those wait who share it: many clients, trials that take no time, one database.

usage: python benchmarks/storage.py URL [--clients 64] [--trials 10000] [--seconds 0]

Every client is a process with a folder of its own, as a machine of a sweep on `--storage URL` is: it asks the sweep's
ledger for a trial, keeps it for about `--seconds` (drawn evenly from half to one and a half of that), and tells its
value. Nothing is trained. Prints, for every tenth of the trials, the median and the 95th, 99th and last percentile of
an ask and of a tell, trials per second, and how many trials were begun by two clients in the same moment.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.define.file import load_sweep
from cnnbench.sweep.run.ledger import Ledger
from cnnbench.sweep.run.place import Place
from cnnbench.sweep.run.study import open_study
from cnnbench.sweep.run.trials import is_same

SPACE = {
    "train.optimizer.name": ["SGD", "RMSprop", "Adam"],
    "train.optimizer.learning_rate": {"low": 1e-5, "high": 1e-1, "log": True},
    "train.batch_size": {"low": 8, "high": 256},
    "train.loss.label_smoothing": {"low": 0.0, "high": 0.2},
}
PARTS = 10


@dataclass(frozen=True)
class Waited:
    """One trial of a client: its number, when it was told, and the seconds that the ask and the tell took."""

    number: int
    at: float
    ask: float
    tell: float


def sweep_of(folder: Path, trials: int) -> Path:
    """Write the sweep: drawn points of four keys."""
    path = folder / "storage.yaml"
    file = {"base": "lenet5-digits", "search": {"method": "random"}, "space": SPACE, "budget": {"trials": trials}}
    path.write_text(yaml.safe_dump(file), encoding="utf-8")
    return path


def ledger_of(folder: Path, file: Path, url: str) -> Ledger:
    """Return what a machine of the sweep asks for trials."""
    folder.mkdir()
    place, sweep = Place(SweepDir(folder), shared=True), load_sweep(file)
    return Ledger(open_study(place.folder, sweep, url), sweep, place, smoke=False, retry=False)


def client(folder: Path, file: Path, url: str, seconds: float, gate: Barrier, told: Queue[list[Waited]]) -> None:
    """Ask and tell until all trials are done, from the moment that all clients are there."""
    ledger, waited = ledger_of(folder, file, url), []
    gate.wait()
    while ledger.over is None:
        started = time.perf_counter()
        if (point := ledger.next()) is None:
            continue
        asked = time.perf_counter()
        time.sleep(seconds * random.uniform(0.5, 1.5))
        kept = time.perf_counter()
        ledger.finish(point, "done", "nothing to train", [random.random()])
        waited.append(Waited(point.number, time.time(), asked - started, time.perf_counter() - kept))
    told.put(waited)


def run(url: str, clients: int, trials: int, seconds: float) -> tuple[list[Waited], int]:
    """Return what every trial waited, in the order they were told, and how many points were begun twice."""
    with tempfile.TemporaryDirectory() as folder:
        told: Queue[list[Waited]] = multiprocessing.Queue()
        home, gate = Path(folder), multiprocessing.Barrier(clients)
        file = sweep_of(home, trials)
        ledger_of(home / "first", file, url)  # makes the tables and the study
        for number in range(clients):
            arguments = (home / str(number), file, url, seconds, gate, told)
            multiprocessing.Process(target=client, args=arguments).start()
        waited = sorted((w for _ in range(clients) for w in told.get()), key=lambda w: w.at)
        study = open_study(SweepDir(home / "first"), load_sweep(file), url)
    return waited, sum(map(is_same, study.get_trials(deepcopy=False)))


def percentiles(seconds: list[float]) -> str:
    """Return the median and the 95th, 99th and last percentile in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return " / ".join(f"{1000 * value:,.0f}" for value in (cuts[49], cuts[94], cuts[98], max(seconds)))


def main() -> None:
    """Run, and print a row per tenth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=0.0)
    asked = parser.parse_args()
    began = time.time()
    waited, twice = run(asked.url, asked.clients, asked.trials, asked.seconds)
    table = Table("trials", "trials/s", "ask, ms: 50 / 95 / 99 / 100 %", "tell, ms")
    size = -(-len(waited) // PARTS)
    for first in range(0, len(waited), size):
        part = waited[first : first + size]
        rate = len(part) / (part[-1].at - began)
        table.add_row(
            f"{first + len(part):,}",
            f"{rate:.1f}",
            percentiles([w.ask for w in part]),
            percentiles([w.tell for w in part]),
        )
        began = part[-1].at
    Console(width=120).print(table)
    print(f"all: ask {percentiles([w.ask for w in waited])} ms, tell {percentiles([w.tell for w in waited])} ms")
    print(f"{twice:,} points were begun by two clients in the same moment, beside {len(waited):,}")


if __name__ == "__main__":
    main()
