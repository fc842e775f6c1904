"""The story of a sweep: from a checked sweep file to its folder with a leaderboard and a page.

Running it again goes on where it was: finished runs are found in the sweep's folder, stopped ones are resumed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.errors import DataError, InterruptedRun, OutputError, first_line
from cnnbench.files.lock import held
from cnnbench.files.whole import write_text
from cnnbench.jobs.local import LocalEngine
from cnnbench.jobs.ray_engine import RayEngine
from cnnbench.jobs.types import Engine, Job
from cnnbench.machine.interrupt import StopRequest, stop_on_signals
from cnnbench.runs.parents import SweepDir
from cnnbench.runs.status import STATUS, Status
from cnnbench.sweep.define.sections import Budget, Execution
from cnnbench.sweep.define.sweep import Sweep, shrunk
from cnnbench.sweep.run.conductor import Conductor, Watcher
from cnnbench.sweep.run.images import check_images
from cnnbench.sweep.run.kept import keep
from cnnbench.sweep.run.ledger import Ledger, Point
from cnnbench.sweep.run.place import Place
from cnnbench.sweep.run.state import start
from cnnbench.sweep.run.study import open_study
from cnnbench.sweep.run.trials import SeedRun, SweepResults
from cnnbench.sweep.tell.page import write_all
from cnnbench.sweep.tell.results import read

if TYPE_CHECKING:
    from optuna import Study

    from cnnbench.machine.runtime import Backend


@dataclass(frozen=True)
class SweepOptions:
    """How a sweep is carried out, as opposed to what it searches; `retry` runs failed trials again."""

    output: Path = Path("outputs")
    storage: str | None = None
    smoke: bool = False
    offline: bool = False
    retry: bool = False
    backend: Backend | None = None
    command: str | None = None
    changes: tuple[str, ...] = ()
    track: tuple[str, ...] = ()
    watchers: tuple[Watcher, ...] = field(default=())


def run_sweep(sweep: Sweep, options: SweepOptions) -> SweepResults:
    """Run what is missing of a sweep, write it up and return it.

    Raises ConfigError where another process works in its folder, DataError where the images of its finished trials are
    not as they were or the data are away, OutputError where the study's storage or the disk fails, InterruptedRun that
    says how to go on.
    """
    sweep = shrunk(sweep) if options.smoke else sweep
    folder = SweepDir(options.output / sweep.name)
    with _locked(folder), ExitStack() as engine_open:
        engine = engine_open.enter_context(_engine(sweep.execution))
        _import_ahead(engine, sweep, folder, options)
        with _failures_told(options):
            return _searched(sweep, folder, options, engine, engine_open)


def _searched(
    sweep: Sweep, folder: SweepDir, options: SweepOptions, engine: Engine, engine_open: ExitStack
) -> SweepResults:
    study = open_study(folder, sweep, options.storage)
    check_images(study, sweep, offline=options.offline)
    write_text(folder.sweep, sweep.text)
    told = Told(study, sweep, Place(folder, shared=options.storage is not None), options.smoke)
    with stop_on_signals() as stop:
        status, conductor = _conducted(told, options, engine, stop)
        engine_open.close()  # what is read below does not change any more
    state, reason = _end(conductor, stop)
    results = told.results(state)
    status.end(state, reason)
    told.write(results, plots=stop.signals < 2)  # who asks twice is in a hurry
    _raise_if_cut_short(conductor, stop, reason, results, options)
    return results


@dataclass(frozen=True)
class Told:
    """What a sweep's folder tells of its study."""

    study: Study
    sweep: Sweep
    place: Place
    smoke: bool

    def results(self, state: str) -> SweepResults:
        """Return the trials as far as they have come; `state` is the sweep's."""
        return read(self.study, self.sweep, self.place, state, self.smoke)

    def write(self, results: SweepResults, *, plots: bool) -> None:
        """Write leaderboard and best configuration, with `plots` the page too."""
        keep(self.place.folder, results if self.place.shared else None)
        write_all(self.place.folder, results, plots)


SHARE = 0.05  # of a sweep's time that its leaderboard may take


class Keeper(Watcher):
    """Keeps status, leaderboard and best configuration on disk true.

    They are written after every trial, but as that takes the longer the more trials there are (5 ms for ten, 0.2 s for
    3,000), not before a time has passed of which the last writing was its share; the sweep writes them when it ends.
    """

    def __init__(self, status: Status, told: Told) -> None:
        self._status, self._told = status, told
        self._next = time.monotonic()

    def on_run(self, point: Point, run: SeedRun) -> None:
        """Note the time worked."""
        self._status.update()

    def on_trial(self, point: Point, state: str, reason: str) -> None:
        """Write the leaderboard again where it is time."""
        began = time.monotonic()
        if began < self._next:
            return
        self._told.write(self._told.results("running"), plots=False)
        ended = time.monotonic()
        self._next = ended + (ended - began) / SHARE


def _conducted(told: Told, options: SweepOptions, engine: Engine, stop: StopRequest) -> tuple[Status, Conductor]:
    """Train what is missing and return the sweep's status and what trained it."""
    sweep, folder = told.sweep, told.place.folder
    ledger = Ledger(told.study, sweep, told.place, smoke=options.smoke, retry=options.retry)
    status = start(folder, sweep, engine.slots, smoke=options.smoke, changes=options.changes)
    conductor = Conductor(
        sweep,
        folder,
        ledger,
        engine,
        _template(sweep, options),
        [Keeper(status, told), *options.watchers],
        may_begin=_until_spent(sweep.budget, status),
        stopping=lambda: bool(stop.signals),
    )
    for watcher in options.watchers:
        watcher.on_begin(told.results("running"))
    try:
        conductor.run()
    except KeyboardInterrupt:
        stop.signals += 1
    return status, conductor


def _end(conductor: Conductor, stop: StopRequest) -> tuple[str, str]:
    """Return state and reason that a sweep ends with."""
    if (fault := conductor.fault) is not None:
        return "interrupted", f"{fault.job.key}: {fault.reason}"
    if stop.signals:
        return "interrupted", f"interrupted by {stop.signal_name}"
    return "done", conductor.over or "out of budget.hours"


def _raise_if_cut_short(
    conductor: Conductor, stop: StopRequest, reason: str, results: SweepResults, options: SweepOptions
) -> None:
    if (fault := conductor.fault) is not None:
        raise DataError(f"{reason}; {_how_to_go_on(options)}") if fault.state == "data" else OutputError(reason)
    if stop.signals:
        done = sum(trial.state == "done" for trial in results.trials)
        raise InterruptedRun(f"{reason} after {done} finished trial(s); {_how_to_go_on(options)}")


def _template(sweep: Sweep, options: SweepOptions) -> Job:
    return Job(
        key="",
        folder=Path(),
        config="",
        smoke=options.smoke,
        offline=options.offline,
        backend=options.backend,
        report=False,  # `cnnbench report` draws any trial's; hundreds of pages nobody opens would cost seconds each
        minutes=sweep.budget.trial_minutes,
        command=options.command,
        track=options.track,
    )


def _engine(execution: Execution) -> AbstractContextManager[Engine]:
    if execution.engine == "local":
        return LocalEngine(execution.at_a_time, execution.threads, preload=execution.preload)
    return RayEngine(
        execution.address,
        execution.at_a_time,
        cpus=execution.cpus_per_trial,
        gpus=execution.gpus_per_trial,
        threads=execution.threads,
    )


def _import_ahead(engine: Engine, sweep: Sweep, folder: SweepDir, options: SweepOptions) -> None:
    """Begin what trainings import, and import what the page needs, while nothing else is to be done.

    Where the sweep was done, most likely no training is left.
    """
    if isinstance(engine, LocalEngine) and STATUS.read(folder.status).get("state") != "done":
        train = (sweep.base.data or {}).get("train") or {}
        engine.begin_import(options.backend or train.get("backend"))
        import_module("cnnbench.views.canvas")


def _until_spent(budget: Budget, status: Status) -> Callable[[], bool]:
    return lambda: budget.hours is None or status.seconds <= 3600 * budget.hours


@contextmanager
def _locked(folder: SweepDir) -> Iterator[None]:
    """Hold the sweep's folder for this process; the system lets go of it however the process ends."""
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise OutputError(f"{folder.path}: cannot be written ({e.strerror})") from e
    with held(folder.path, f"{folder.path}: another process works on this sweep; see --status"):
        yield


@contextmanager
def _failures_told(options: SweepOptions) -> Iterator[None]:
    """Say in one line, and how to go on, that disk or study are out of reach. Finished runs stay."""
    from optuna.exceptions import StorageInternalError

    try:
        yield
    except StorageInternalError as e:
        cause = first_line(e.__cause__ or e)
        raise OutputError(f"the sweep's study cannot be read or written ({cause}); {_how_to_go_on(options)}") from None
    except OutputError as e:
        raise OutputError(f"{e}; {_how_to_go_on(options)}") from e


def _how_to_go_on(options: SweepOptions) -> str:
    return f"go on with the same command: {options.command}"
