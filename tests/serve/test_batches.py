"""Images of many requests answered together: when, how many, and what becomes of failures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cnnbench.serve.batches import Batches

FOREVER = 60.0


class Model:
    """Says of each image its one pixel, and remembers how many it was asked for at once."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, images: NDArray[Any]) -> NDArray[np.float32]:
        self.asked.append(len(images))
        if (images == 255).any():
            raise ValueError("no such image")
        return images.reshape(len(images), 1).astype(np.float32)


def images(*values: int) -> list[NDArray[np.uint8]]:
    return [np.full((1, 1, 1), value, np.uint8) for value in values]


def running(most: int, wait: float, story: Callable[[Batches], Awaitable[Any]]) -> tuple[Any, list[int]]:
    """Return what a story with batches ends with, and the sizes the model was asked for."""
    model = Model()
    with ThreadPoolExecutor(1) as pool:

        async def told() -> Any:
            return await asyncio.wait_for(story(Batches(model, most, wait, pool)), 10)

        return asyncio.run(told()), model.asked


def test_who_is_alone_does_not_wait() -> None:
    said, asked = running(8, FOREVER, lambda batches: batches.ask(images(3, 4)))
    assert [float(one[0]) for one in said] == [3, 4]
    assert asked == [2]


def test_images_wait_for_those_that_are_on_their_way() -> None:
    async def story(batches: Batches) -> Any:
        async def late() -> Any:
            with batches.coming():
                await asyncio.sleep(0.05)
            return await batches.ask(images(2))

        return await asyncio.gather(late(), asyncio.create_task(after(0.01, batches.ask, images(1))))

    (second, first), asked = running(8, FOREVER, story)
    assert (float(first[0][0]), float(second[0][0])) == (1, 2)
    assert asked == [2]


def test_they_wait_no_longer_than_is_allowed() -> None:
    async def story(batches: Batches) -> Any:
        with batches.coming():  # and never arrives
            return await batches.ask(images(7))

    said, asked = running(8, 0.01, story)
    assert (float(said[0][0]), asked) == (7, [1])


def test_a_full_batch_waits_for_nobody_and_none_is_larger() -> None:
    async def story(batches: Batches) -> Any:
        with batches.coming():
            return await batches.ask(images(*range(10)))

    said, asked = running(4, FOREVER, story)
    assert [float(one[0]) for one in said] == list(range(10))
    assert asked == [4, 4, 2]


def test_a_failure_reaches_who_was_in_the_batch_and_nobody_else() -> None:
    async def story(batches: Batches) -> Any:
        with pytest.raises(ValueError, match="no such image"):
            await batches.ask(images(1, 255))
        return await batches.ask(images(5))

    said, asked = running(8, FOREVER, story)
    assert (float(said[0][0]), asked) == (5, [2, 1])


def test_who_goes_away_takes_nobody_along() -> None:
    async def story(batches: Batches) -> Any:
        with batches.coming():
            gone = asyncio.create_task(batches.ask(images(1)))
            await asyncio.sleep(0)
            gone.cancel()
            return await batches.ask(images(2))

    said, asked = running(8, 0.01, story)
    assert (float(said[0][0]), asked) == (2, [2])


async def after(seconds: float, ask: Callable[[Any], Awaitable[Any]], given: Any) -> Any:
    await asyncio.sleep(seconds)
    return await ask(given)
