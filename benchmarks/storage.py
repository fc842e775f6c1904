"""How long a sweep's storage lets those wait who share it: many clients, trials that take no time, one database.

usage: python benchmarks/storage.py URL [--clients 64] [--trials 10000] [--seconds 0] [--before 0]

Every client is a process with a folder of its own, as a machine of a sweep on `--storage URL` is: it asks the sweep's
ledger for a trial, keeps it for about `--seconds` (drawn evenly from half to one and a half of that), and tells its
value. Nothing is trained. Prints, for every tenth of the trials, the median and the 95th, 99th and last percentile of
an ask and of a tell, trials per second, and how many trials were begun by two clients in the same moment; what of that
is the clients' own processor time, which other work beside does not change; how long the first look took, and the size
of the database. With `--before` that many trials are done already, written by the database itself (PostgreSQL alone).
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from optuna import Study
from optuna.distributions import CategoricalDistribution, FloatDistribution, distribution_to_json
from rich.console import Console
from rich.table import Table

from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.define.file import load_sweep
from cnnbench.sweep.run.ledger import Ledger
from cnnbench.sweep.run.place import Place
from cnnbench.sweep.run.study import distributions, open_study
from cnnbench.sweep.run.trials import is_same

SPACE = {
    "train.optimizer.name": ["SGD", "RMSprop", "Adam"],
    "train.optimizer.learning_rate": {"low": 1e-5, "high": 1e-1, "log": True},
    "train.batch_size": {"low": 8, "high": 256},
    "train.loss.label_smoothing": {"low": 0.0, "high": 0.2},
}
PARTS = 10
TOLD = {  # of a trial that was there before, as SQL
    "owner": """'{"host": "machine", "folder": "/a/folder/of/a/sweep"}'""",
    "point": """'"' || substr(md5(trial_id::text), 1, 12) || '"'""",
    "reason": """'"nothing to train"'""",
}


@dataclass(frozen=True)
class Waited:
    """One trial of a client: when it was told, the seconds that ask and tell took, and of these of its processor."""

    at: float
    ask: float
    tell: float
    ask_worked: float
    tell_worked: float


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


def fill(study: Study, axes: Mapping[str, Any], trials: int) -> None:
    """Have the database write trials that are done, with values that it draws."""
    identifier = study._study_id
    begun = f"FROM trials WHERE study_id = {identifier}"
    inserts = [
        "trials (number, study_id, state, datetime_start, datetime_complete) "
        f"SELECT n, {identifier}, 'COMPLETE', now(), now() FROM generate_series(0, {trials - 1}) n",
        f"trial_values (trial_id, objective, value, value_type) SELECT trial_id, 0, random(), 'FINITE' {begun}",
    ]
    for path, axis in axes.items():
        columns = "trial_params (trial_id, param_name, distribution_json, param_value)"
        inserts.append(f"{columns} SELECT trial_id, '{path}', '{distribution_to_json(axis)}', {drawn(axis)} {begun}")
    for key, told in TOLD.items():
        inserts.append(f"trial_user_attributes (trial_id, key, value_json) SELECT trial_id, '{key}', {told} {begun}")
    with study._storage._backend.engine.begin() as database:  # type: ignore[attr-defined]  # of a database
        for rows in inserts:
            database.exec_driver_sql(f"INSERT INTO {rows}")
        database.exec_driver_sql("ANALYZE")


def drawn(axis: Any) -> str:
    """Return what draws a value of an axis as the database has it, a category by its place."""
    if isinstance(axis, CategoricalDistribution):
        return f"floor(random() * {len(axis.choices)})"
    value = f"{axis.low} + random() * {axis.high - axis.low}"
    return value if isinstance(axis, FloatDistribution) else f"round({value})"


def client(folder: Path, file: Path, url: str, seconds: float, gate: Barrier, told: Queue[list[Waited]]) -> None:
    """Ask and tell until all trials are done, from the moment that all clients are there."""
    ledger, waited = ledger_of(folder, file, url), []
    gate.wait()
    while ledger.over is None:
        started = now()
        if (point := ledger.next()) is None:
            continue
        asked = now()
        time.sleep(seconds * random.uniform(0.5, 1.5))
        kept = now()
        ledger.finish(point, "done", "nothing to train", [random.random()])
        ask, tell = asked - started, now() - kept
        waited.append(Waited(time.time(), ask[0], tell[0], ask[1], tell[1]))
    told.put(waited)


def now() -> NDArray[np.float64]:
    """Return seconds on the clock and of this process' processor time."""
    return np.array([time.perf_counter(), time.process_time()])


def run(url: str, clients: int, trials: int, seconds: float, before: int) -> tuple[list[Waited], int]:
    """Return what every trial waited, in the order they were told, and how many points were begun twice."""
    with tempfile.TemporaryDirectory() as folder:
        told: Queue[list[Waited]] = multiprocessing.Queue()
        home, gate = Path(folder), multiprocessing.Barrier(clients)
        file = sweep_of(home, before + trials)
        sweep = load_sweep(file)
        study = open_study(SweepDir(home), sweep, url)  # makes the tables and the study
        if before:
            fill(study, distributions(sweep), before)
        print(f"the first look: {first_look(home / 'first', file, url)}; {size(study)} of the database")
        for number in range(clients):
            arguments = (home / str(number), file, url, seconds, gate, told)
            multiprocessing.Process(target=client, args=arguments).start()
        waited = sorted((w for _ in range(clients) for w in told.get()), key=lambda w: w.at)
        print(f"at the end: {size(study)} of the database")
    return waited, sum(map(is_same, study.get_trials(deepcopy=False)))


def first_look(folder: Path, file: Path, url: str) -> str:
    """Return what it takes to join the study."""
    began = now()
    ledger_of(folder, file, url)
    clock, worked = now() - began
    return (
        f"{clock:.1f} s, {worked:.1f} s of the processor, {getrusage(RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB at the most"
    )


def size(study: Study) -> str:
    """Return how large the database is, as PostgreSQL says it."""
    engine = study._storage._backend.engine  # type: ignore[attr-defined]  # of a database
    with engine.begin() as database:
        return f"{database.exec_driver_sql('SELECT pg_database_size(current_database())').scalar_one() / 1e6:,.0f} MB"


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
    parser.add_argument("--before", type=int, default=0)
    asked = parser.parse_args()
    began = time.time()
    waited, twice = run(asked.url, asked.clients, asked.trials, asked.seconds, asked.before)
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
    worked = [w.ask_worked for w in waited], [w.tell_worked for w in waited]
    print(f"of the clients' processors: ask {percentiles(worked[0])} ms, tell {percentiles(worked[1])} ms")
    print(f"{twice:,} points were begun by two clients in the same moment, beside {len(waited):,}")


if __name__ == "__main__":
    main()
