"""Ctrl-C and SIGTERM as a request that training looks at between steps."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class StopRequest:
    """Which signal asked this run to stop, and how many came."""

    signal_name: str | None = None
    signals: int = 0
    at_once: bool = False

    def ask(self, signal_name: str) -> None:
        """Make the request on behalf of another process that got the signal."""
        self.signal_name = signal_name
        self.signals += 1

    def act_if_asked(self) -> None:
        """Raise KeyboardInterrupt where a signal came: for what has nothing worth keeping yet."""
        if self.signals:
            raise KeyboardInterrupt

    def act_at_once(self) -> None:
        """Let a signal raise KeyboardInterrupt from now on, also one that came already: nobody looks any more."""
        self.at_once = True
        self.act_if_asked()


SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def unswallowed() -> Iterator[None]:
    """Raise KeyboardInterrupt where a signal raised it and a library swallowed it, as imports of TensorFlow do."""
    handlers = {number: handler for number in SIGNALS if callable(handler := signal.getsignal(number))}
    if threading.current_thread() is not threading.main_thread():
        handlers = {}
    came = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal came
        came = True
        handlers[signal.Signals(number)](number, frame)

    for number in handlers:
        signal.signal(number, note)
    try:
        yield
    except Exception:
        if not came:
            raise
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


@contextmanager
def stop_on_signals() -> Iterator[StopRequest]:
    """Turn the first SIGINT or SIGTERM into a request; a second one raises KeyboardInterrupt.

    Outside the main thread, where Python allows no handlers, the request is never made.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return

    def note(number: int, frame: FrameType | None) -> None:
        request.signal_name = signal.Signals(number).name
        request.signals += 1
        if request.at_once or request.signals > 1:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, note) for number in SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
