"""Ray without what it says, and without the handlers of signals that it puts in place of a command's."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cnnbench.machine.interrupt import SIGNALS

OBJECT_STORE = 256 * 2**20  # of a cluster started here: what passes through it is small, or goes one by one
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "1",  # a task without a GPU sees none
    "RAY_DISABLE_IMPORT_WARNING": "1",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_worker_niceness": "0",  # a cluster is started here for its tasks
}


@contextmanager
def handlers_kept() -> Iterator[None]:
    """Put back the handlers of signals, which Ray replaces."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
