"""Signals as requests, and signals that libraries swallow."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress

import pytest

from cnnbench.machine.interrupt import SIGNALS, stop_on_signals, unswallowed


def test_the_first_signal_is_a_request_and_the_second_an_order() -> None:
    with stop_on_signals() as stop:
        signal.raise_signal(signal.SIGTERM)
        assert (stop.signal_name, stop.signals) == ("SIGTERM", 1)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert (stop.signal_name, stop.signals) == ("SIGINT", 2)


def test_once_nobody_looks_a_signal_acts_at_once() -> None:
    with stop_on_signals() as stop:
        stop.act_at_once()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    with stop_on_signals() as stop:
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            stop.act_at_once()


def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with stop_on_signals(), unswallowed():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_a_swallowed_interrupt_is_raised_again() -> None:
    with pytest.raises(KeyboardInterrupt), unswallowed():
        with suppress(BaseException):
            signal.raise_signal(signal.SIGINT)
        raise ImportError("what a library made of it")
    with unswallowed(), pytest.raises(ImportError):
        raise ImportError("of its own")


def test_other_threads_have_no_handlers() -> None:
    found: list[str | None] = []

    def work() -> None:
        with stop_on_signals() as stop, unswallowed():
            found.append(stop.signal_name)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [None]
