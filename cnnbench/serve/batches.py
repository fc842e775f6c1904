"""Images of many requests, answered together.

A model that is free waits for more images only while a request is on its way that has none here yet, and never longer
than `wait` seconds. What arrives while it computes is answered next, all of it at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

Answer = NDArray[np.float32]


class Batches:
    """Asks `answer` for at most `most` images at once, one batch after the other, in a thread of `pool`."""

    def __init__(self, answer: Callable[[NDArray[Any]], Answer], most: int, wait: float, pool: Executor) -> None:
        self._answer, self._most, self._wait, self._pool = answer, most, wait, pool
        self._waiting: deque[tuple[NDArray[Any], asyncio.Future[Answer]]] = deque()
        self._coming = 0
        self._busy = False
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Let others wait for the images that the block prepares."""
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1

    async def ask(self, images: Sequence[NDArray[Any]]) -> list[Answer]:
        """Return what the model says of each image, in their order; raises what asking it raises."""
        loop = asyncio.get_running_loop()
        answers: list[asyncio.Future[Answer]] = [loop.create_future() for _ in images]
        self._waiting.extend(zip(images, answers, strict=True))
        if not self._busy:
            self._consider(loop)
        return await asyncio.gather(*answers)

    def _consider(self, loop: asyncio.AbstractEventLoop) -> None:
        if len(self._waiting) >= self._most or not self._coming:
            self._begin(loop)
        elif self._timer is None:
            self._timer = loop.call_later(self._wait, self._begin, loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        self._busy = True
        job = loop.run_in_executor(self._pool, self._compute, [image for image, _ in batch])
        job.add_done_callback(lambda done: self._end(loop, done, [answer for _, answer in batch]))

    def _compute(self, images: Sequence[NDArray[Any]]) -> Answer:
        return self._answer(np.stack(images))

    def _end(
        self, loop: asyncio.AbstractEventLoop, done: asyncio.Future[Answer], answers: Sequence[asyncio.Future[Answer]]
    ) -> None:
        self._busy = False
        failure = done.exception()
        for i, answer in enumerate(answers):
            if answer.done():  # whoever asked has gone
                continue
            if failure is None:
                answer.set_result(done.result()[i])
            else:
                answer.set_exception(failure)
        if self._waiting:
            self._begin(loop)
