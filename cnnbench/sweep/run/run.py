"""The story of a sweep: from a checked sweep file to its folder with a leaderboard and a page.

Running it again goes on where it was: finished runs are found in the sweep's folder, stopped ones are resumed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.errors import DataError, InterruptedRun, OutputError, first_line
from cnnbench.files.lock import held
from cnnbench.files.whole import write_text
from cnnbench.jobs.types import Engine, Job
from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.define.types import Budget, Execution, Sweep, SweepResults
from cnnbench.sweep.run.conductor import Conductor, Watcher
from cnnbench.sweep.run.images import check_images
from cnnbench.sweep.run.ledger import Ledger
from cnnbench.sweep.run.place import Place
from cnnbench.sweep.run.state import SweepStatus, SweepWatcher
from cnnbench.sweep.run.study import open_study
from cnnbench.sweep.tell.results import read
from cnnbench.training.interrupt import StopRequest, stop_on_signals

if TYPE_CHECKING:
    from optuna import Study

    from cnnbench.machine.runtime import Backend

SMOKE_TRIALS = 3


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
    with _locked(folder), _failures_told(options):
        study = open_study(folder, sweep, options.storage)
        check_images(study, sweep, offline=options.offline)
        write_text(folder.sweep, sweep.text)
        place = Place(folder, shared=options.storage is not None)
        ledger = Ledger(study, sweep, place, smoke=options.smoke, retry=options.retry)
        with stop_on_signals() as stop, _engine(sweep.execution) as engine:
            status = SweepStatus.start(folder, sweep, engine.slots, smoke=options.smoke, changes=options.changes)
            keeper = SweepWatcher(folder, status, lambda: read(study, sweep, place, "running", options.smoke))
            conductor = Conductor(
                sweep,
                folder,
                ledger,
                engine,
                _template(sweep, options),
                [keeper, *options.watchers],
                may_begin=lambda: not _is_spent(sweep.budget, status),
                stopping=lambda: bool(stop.signals),
            )
            for watcher in options.watchers:
                watcher.on_begin(read(study, sweep, place, "running", options.smoke))
            try:
                conductor.run()
            except KeyboardInterrupt:
                stop.signals += 1
        return _concluded(place, study, sweep, status, stop, conductor, options)


def _concluded(
    place: Place,
    study: Study,
    sweep: Sweep,
    status: SweepStatus,
    stop: StopRequest,
    conductor: Conductor,
    options: SweepOptions,
) -> SweepResults:
    from cnnbench.sweep.tell.page import write_all

    fault = conductor.fault
    if fault is not None:
        state, reason = "interrupted", f"{fault.job.key}: {fault.reason}"
    elif stop.signals:
        state, reason = "interrupted", f"interrupted by {stop.signal_name}"
    else:
        state, reason = "done", conductor.over or "out of budget.hours"
    results = read(study, sweep, place, state, options.smoke)
    status.end(state, reason)
    write_all(place.folder, results, plots=stop.signals < 2)  # who asks twice is in a hurry
    if fault is not None:
        raise DataError(f"{reason}; {_how_to_go_on(options)}") if fault.state == "data" else OutputError(reason)
    if stop.signals:
        done = sum(trial.state == "done" for trial in results.trials)
        raise InterruptedRun(f"{reason} after {done} finished trial(s); {_how_to_go_on(options)}")
    return results


def shrunk(sweep: Sweep) -> Sweep:
    """Return a sweep of a few trials of one seed, in a folder of its own, whose trainings are to be shrunk."""
    budget = Budget(trials=min(SMOKE_TRIALS, sweep.budget.trials or SMOKE_TRIALS))
    return replace(sweep, name=f"{sweep.name}-smoke", repeats=1, budget=budget)


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
    if execution.engine == "ray":
        from cnnbench.jobs.ray_engine import RayEngine

        return RayEngine(
            execution.address,
            execution.slots,
            cpus=execution.cpus_per_trial,
            gpus=execution.gpus_per_trial,
            threads=execution.threads,
        )
    from cnnbench.jobs.local import LocalEngine

    return LocalEngine(execution.slots, execution.threads)


def _is_spent(budget: Budget, status: SweepStatus) -> bool:
    return budget.hours is not None and status.seconds() > 3600 * budget.hours


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
