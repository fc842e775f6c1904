"""Asking something of many files on all processors, without a million questions waiting at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from cnnbench.machine.cpu import available_cores

AT_ONCE = 256

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def answers(question: Callable[[Asked], Answer], of: Iterable[Asked]) -> Iterator[tuple[Asked, Answer]]:
    """Yield each of `of` with what `question` returns for it, in order."""
    waiting = iter(of)
    with ThreadPoolExecutor(available_cores(), thread_name_prefix="files") as pool:
        while some := list(islice(waiting, AT_ONCE)):
            yield from zip(some, pool.map(question, some), strict=True)
