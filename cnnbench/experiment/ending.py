"""How a run ends: done, interrupted or failed, what it then says of itself, and its report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from cnnbench.errors import (
    CnnbenchError,
    InterruptedRun,
    OutputError,
    PrunedRun,
    ReportError,
    TrainingError,
    explained,
    first_line,
)
from cnnbench.runs.folder import RunDir
from cnnbench.runs.parents import RepeatsDir, SweepDir
from cnnbench.runs.run import Run
from cnnbench.runs.status import Status

if TYPE_CHECKING:
    from cnnbench.config.schema import Config
    from cnnbench.experiment.options import Options
    from cnnbench.machine.interrupt import StopRequest

Folder = TypeVar("Folder", RunDir, RepeatsDir, SweepDir)


@contextmanager
def concluded(run_dir: RunDir, config: Config, stop: StopRequest, options: Options) -> Iterator[Status]:
    """Keep status.json true however the run ends, and draw the report, if wanted, of one that is done or interrupted.

    Raises InterruptedRun that says how to go on, TrainingError where memory or the disk ran out, and ReportError
    where all is done but the report.
    """
    try:
        with _recorded(run_dir, config, stop, options) as status:
            yield status
    except InterruptedRun as e:
        if stop.signals == 1 and options.report:  # who asks twice is in a hurry
            draw(_write_report, run_dir, options.observer.on_stage)
        raise InterruptedRun(_how_to_go_on(run_dir, str(e))) from None
    if options.report:
        draw(_write_report, run_dir, options.observer.on_stage)


@contextmanager
def _recorded(run_dir: RunDir, config: Config, stop: StopRequest, options: Options) -> Iterator[Status]:
    before = Run(run_dir.path).status  # there is one where a run goes on
    status = Status.start(
        run_dir.status,
        epoch=0,
        epochs=config.train.known_epochs,
        best_epoch=None,
        kept_epoch=None,
        monitor=None,
        smoke=options.smoke or bool(before.get("smoke")),
        data=config.data.source,
        network=config.model.title or config.name,
        changes=options.changes,
        notes=[],
    )
    try:
        yield status
    except KeyboardInterrupt:
        reason = f"interrupted by {stop.signal_name or 'SIGINT'}"
        _end(status, "interrupted", reason)
        raise InterruptedRun(reason) from None
    except PrunedRun as e:
        _end(status, "pruned", str(e))
        raise
    except OutputError as e:
        _end(status, "failed", str(e))
        how = f"; go on with: cnnbench train --resume {run_dir.path}" if run_dir.path.is_dir() else ""
        raise TrainingError(f"{e}{how}") from e
    except CnnbenchError as e:
        _end(status, "failed", str(e))
        raise
    except Exception as e:
        problem = explained(e)
        _end(status, "failed", str(problem or f"{type(e).__name__}: {e}"))
        if problem is not None:
            raise problem from e
        raise


def _end(status: Status, state: str, reason: str) -> None:
    """Write the last status, where the disk is not what ended the run."""
    with suppress(OutputError):
        status.end(state, reason)


def _write_report(run_dir: RunDir) -> None:
    from cnnbench.report.write import write_report

    write_report(run_dir)


def draw(write: Callable[[Folder], object], folder: Folder, show: Callable[[str], None]) -> None:
    """Draw a report; what is written down already is none the worse where that fails."""
    show("drawing the report")
    try:
        write(folder)
    except (Exception, KeyboardInterrupt) as e:
        kind = InterruptedRun if isinstance(e, KeyboardInterrupt) else ReportError
        again = f"the run is written down; again with: cnnbench report {folder.path}"
        raise kind(f"{folder.report}: not drawn ({_why(e)}); {again}") from e


def _why(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return str(error) if isinstance(error, CnnbenchError) else f"{type(error).__name__}: {first_line(error)}"


def _how_to_go_on(run_dir: RunDir, reason: str) -> str:
    report = f"report: {run_dir.report}; " if run_dir.report.exists() else ""
    return (
        f"{reason} after {len(Run(run_dir.path).history)} finished epoch(s); {report}"
        f"go on with: cnnbench train --resume {run_dir.path}"
    )
