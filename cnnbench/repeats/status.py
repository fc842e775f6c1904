"""`status.json` of a folder of repeats, true however they end."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from cnnbench.errors import CnnbenchError, InterruptedRun, OutputError
from cnnbench.machine.interrupt import StopRequest
from cnnbench.repeats.plan import Plan
from cnnbench.runs.folder import RunDir
from cnnbench.runs.parents import RepeatsDir
from cnnbench.runs.status import Status, now, origin


@contextmanager
def recorded(folder: RepeatsDir, plan: Plan, stop: StopRequest) -> Iterator[Status]:
    """Write state, reason and process while repeats run; who runs them writes how they ended.

    Raises InterruptedRun that says how to go on where they are stopped at once.
    """
    status = _started(folder, plan)
    try:
        yield status
    except KeyboardInterrupt:
        reason = f"stopped at once by {stop.signal_name or 'SIGINT'}"
        _end(status, "interrupted", reason)
        raise InterruptedRun(f"{reason}; go on with: cnnbench train --resume {folder.path}") from None
    except Exception as e:
        _end(status, "failed", str(e) if isinstance(e, CnnbenchError) else f"{type(e).__name__}: {e}")
        raise


def _started(folder: RepeatsDir, plan: Plan) -> Status:
    run = RunDir(folder.path)
    before = run.read_status() if run.status.exists() else {}
    seconds = before.get("seconds") or 0.0
    values: dict[str, Any] = {
        "state": "running",
        "reason": None,
        "smoke": plan.smoke,
        "failed": {},
        **origin(plan.base, plan.changes),
        "started": before.get("started") or now(),
        "ended": None,
        "seconds": seconds,
        "host": platform.node(),
        "pid": os.getpid(),
    }
    status = Status(run, values, time.monotonic() - seconds)
    status.update()
    return status


def _end(status: Status, state: str, reason: str) -> None:
    with suppress(OutputError):
        status.end(state, reason)
