"""Optuna's side of a sweep: storage, distributions and pruners."""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from cnnbench.catalogue.searches import PRUNINGS
from cnnbench.config.schema import Train
from cnnbench.errors import ConfigError, first_line
from cnnbench.files.sqlite import sqlite_url
from cnnbench.numbers import is_number
from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.define.sweep import Axis, Choices, Sweep

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.pruners import BasePruner
    from optuna.storages import BaseStorage

HEARTBEAT = 60  # seconds between signs of life of a trial in a storage that machines share
MEETINGS = 6  # tries to make the tables, half a second apart
GRACE = 300  # seconds without one until a trial counts as lost


def open_study(folder: SweepDir, sweep: Sweep, storage: str | None, *, to_read: bool = False) -> Study:
    """Return the sweep's study, made where it is not there yet, unless it is `to_read` alone.

    `storage` is a URL that Optuna takes; without it the study lies in the sweep's folder. Its name carries a hash of
    all that decides what trials there are and what they are worth, so that a changed sweep file gets a study of its own
    and finished runs are still found in their folders. Raises ConfigError where the storage cannot be used, or has
    nothing to read.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)  # of heartbeats
    warnings.filterwarnings("ignore", "Heartbeat of storage is supposed", UserWarning)  # the ledger gives them
    name, url = f"{sweep.name}-{signature(sweep)}", storage or sqlite_url(folder.study)
    kept = _storage(url, shared=storage is not None)
    if to_read and name not in optuna.get_all_study_names(kept):
        where = folder.study if storage is None else f"--storage {_without_password(url)}"
        raise ConfigError(f"{where}: holds no study {name}, that of {folder.sweep}")
    return optuna.create_study(
        study_name=name,
        storage=kept,
        directions=[objective.direction for objective in sweep.objectives],
        sampler=optuna.samplers.RandomSampler(),  # of a trial whose values are known it is asked nothing
        pruner=_pruner(sweep),
        load_if_exists=True,
    )


def signature(sweep: Sweep) -> str:
    """Return eight hex digits of a hash of what decides a sweep's trials and their worth."""
    parts = [sweep.method, sweep.seed, sweep.repeats, sweep.base.data, [dict(row) for row in sweep.rows]]
    parts += [
        [asdict(a) if isinstance(a, Choices) else a.model_dump(exclude={"points"}) for a in sweep.space],
        [objective.model_dump() for objective in sweep.objectives],
        sweep.pruning.model_dump(),
        *([sweep.carry] if sweep.search.in_turn else []),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:8]


def _storage(url: str, shared: bool) -> BaseStorage:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return _tables(url, shared)
    except (SQLAlchemyError, ImportError, ValueError) as e:
        lacks_driver = isinstance(e, ImportError) and url.startswith("postgresql:")
        hint = "; pip install 'cnnbench[postgresql]' brings its driver" if lacks_driver else ""
        raise ConfigError(f"--storage {_without_password(url)}: cannot be used ({first_line(e)}){hint}") from None


def _tables(url: str, shared: bool) -> BaseStorage:
    """Return the storage, its tables made where they are missing, which another machine may do in the same moment."""
    from optuna.storages import RDBStorage
    from sqlalchemy.exc import DatabaseError, IntegrityError

    url = url.replace("{", "{{").replace("}", "}}")  # braces mean something to Optuna
    beats = {"heartbeat_interval": HEARTBEAT, "grace_period": GRACE} if shared else {}
    for _ in range(MEETINGS):
        try:
            return RDBStorage(url, **beats)  # type: ignore[arg-type]  # both are numbers
        except DatabaseError as e:
            if not isinstance(e, IntegrityError) and "already exists" not in str(e):
                raise
            time.sleep(0.5)
    return RDBStorage(url, **beats)  # type: ignore[arg-type]  # both are numbers


def _without_password(url: str) -> str:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url


def distributions(sweep: Sweep) -> dict[str, BaseDistribution]:
    """Return Optuna's description of every axis.

    Listed numbers are numbers to a planned sweep, so that their importance and plots have an order; a sampler that may
    choose gets them as categories, or it would choose others.
    """
    return {axis.path: _distribution(axis, not sweep.search.draws) for axis in sweep.space}


def _distribution(axis: Axis, listed: bool) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(axis, Choices):
        labels = axis.listed
        if not listed or not all(is_number(x) for x in labels):
            return CategoricalDistribution(labels)
        numbers = [x for x in labels if isinstance(x, int | float)]
        low, high, log = min(numbers), max(numbers), _is_geometric(numbers)
        if all(isinstance(x, int) for x in numbers):
            return IntDistribution(int(low), int(high), log=log)
        return FloatDistribution(low, high, log=log)
    if axis.integer:
        return IntDistribution(int(axis.low), int(axis.high), log=axis.log, step=int(axis.step or 1))
    return FloatDistribution(axis.low, axis.high, log=axis.log, step=None if listed else axis.step)


def _is_geometric(numbers: Sequence[float]) -> bool:
    return min(numbers) > 0 and max(numbers) >= 100 * min(numbers)


def _pruner(sweep: Sweep) -> BasePruner:
    method = PRUNINGS[sweep.pruning.method]
    arguments = {argument: getattr(sweep.pruning, key) for key, argument in method.takes.items()}
    if method.longest is not None:
        arguments[method.longest] = _most_epochs(sweep)
    made: BasePruner = resolve_name(method.pruner)(**arguments)
    return made


def _most_epochs(sweep: Sweep) -> int:
    if (axis := sweep.axes.get("train.epochs")) is not None:
        return max(map(int, axis.values))
    return int(sweep.base.data.get("train", {}).get("epochs", Train().epochs))
