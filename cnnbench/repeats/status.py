"""`status.json` of a folder of repeats, true however they end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cnnbench.errors import CnnbenchError, InterruptedRun, OutputError
from cnnbench.machine.interrupt import StopRequest
from cnnbench.repeats.plan import Plan
from cnnbench.runs.parents import RepeatsDir
from cnnbench.runs.status import Status


@contextmanager
def recorded(folder: RepeatsDir, plan: Plan, stop: StopRequest) -> Iterator[Status]:
    """Write state, reason and process while repeats run; who runs them writes how they ended.

    Raises InterruptedRun that says how to go on where they are stopped at once.
    """
    status = Status.start(
        folder.status,
        smoke=plan.smoke,
        failed={},
        data=plan.base.data.source,
        network=plan.base.model.title or plan.base.name,
        changes=plan.changes,
    )
    try:
        yield status
    except KeyboardInterrupt:
        reason = f"stopped at once by {stop.signal_name or 'SIGINT'}"
        _end(status, "interrupted", reason)
        raise InterruptedRun(f"{reason}; go on with: cnnbench train --resume {folder.path}") from None
    except Exception as e:
        _end(status, "failed", str(e) if isinstance(e, CnnbenchError) else f"{type(e).__name__}: {e}")
        raise


def _end(status: Status, state: str, reason: str) -> None:
    with suppress(OutputError):
        status.end(state, reason)
