"""How a run ends: done, interrupted or failed, what it then says of itself, and its report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from cnnbench.errors import (
    CnnbenchError,
    InterruptedRun,
    OutputError,
    ReportError,
    TrainingError,
    first_line,
    out_of_memory,
)
from cnnbench.record import Status
from cnnbench.rundir import RunDir

if TYPE_CHECKING:
    from cnnbench.config.schema import Config
    from cnnbench.training.interrupt import StopRequest


@contextmanager
def concluded(
    run_dir: RunDir, config: Config, stop: StopRequest, *, smoke: bool, show: Callable[[str], None]
) -> Iterator[Status]:
    """Keep status.json true however the run ends, and draw the report of one that is done or interrupted.

    Raises InterruptedRun that says how to go on, TrainingError where memory or the disk ran out, and ReportError
    where all is done but the report.
    """
    try:
        with _recorded(run_dir, config, stop, smoke) as status:
            yield status
    except InterruptedRun as e:
        if stop.signals == 1:  # who asks twice is in a hurry
            _draw(run_dir, show)
        raise InterruptedRun(_how_to_go_on(run_dir, str(e))) from None
    _draw(run_dir, show)


@contextmanager
def _recorded(run_dir: RunDir, config: Config, stop: StopRequest, smoke: bool) -> Iterator[Status]:
    before = run_dir.read_status() if run_dir.status.exists() else {}  # there is one where a run goes on
    smoke = smoke or before.get("smoke", False)
    status = Status.start(run_dir, config, smoke=smoke, seconds_before=before.get("seconds") or 0.0)
    try:
        yield status
    except KeyboardInterrupt:
        reason = f"interrupted by {stop.signal_name or 'SIGINT'}"
        _end(status, "interrupted", reason)
        raise InterruptedRun(reason) from None
    except OutputError as e:
        _end(status, "failed", str(e))
        raise TrainingError(f"{e}; go on with: cnnbench train --resume {run_dir.path}") from e
    except CnnbenchError as e:
        _end(status, "failed", str(e))
        raise
    except Exception as e:
        problem = out_of_memory(e)
        _end(status, "failed", str(problem or f"{type(e).__name__}: {e}"))
        if problem is not None:
            raise problem from e
        raise


def _end(status: Status, state: str, reason: str) -> None:
    """Write the last status, where the disk is not what ended the run."""
    with suppress(OutputError):
        status.end(state, reason)


def _draw(run_dir: RunDir, show: Callable[[str], None]) -> None:
    """Draw the report; a run whose results are written is none the worse where that fails."""
    from cnnbench.report.write import write_report

    show("drawing the report")
    try:
        write_report(run_dir)
    except (Exception, KeyboardInterrupt) as e:
        kind = InterruptedRun if isinstance(e, KeyboardInterrupt) else ReportError
        again = f"the run is written down; again with: cnnbench report {run_dir.path}"
        raise kind(f"{run_dir.report}: not drawn ({_why(e)}); {again}") from e


def _why(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return str(error) if isinstance(error, CnnbenchError) else f"{type(error).__name__}: {first_line(error)}"


def _how_to_go_on(run_dir: RunDir, reason: str) -> str:
    report = f"report: {run_dir.report}; " if run_dir.report.exists() else ""
    return (
        f"{reason} after {len(run_dir.read_history())} finished epoch(s); {report}"
        f"go on with: cnnbench train --resume {run_dir.path}"
    )
