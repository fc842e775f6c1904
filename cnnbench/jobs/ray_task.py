"""What runs on a Ray cluster: a job's task on some node, and the board between it and the driver.

The nodes need cnnbench installed, and data sets where they look for them themselves.
"""

from __future__ import annotations

import asyncio
import queue
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cnnbench.jobs.child import Child
from cnnbench.jobs.parcel import packed, unpack
from cnnbench.jobs.types import Ended, Epoch, Event, Job

GO, STOP, HALT = "go", "stop", "halt"
POLL = 0.2


@dataclass(frozen=True)
class Errand:
    """A job on its way to a node: `ticket` names this attempt, `files` is the stopped run to go on with.

    `folder` is the run folder on the driver's disk. Where `shared` is None, who finds the ticket in the file `marker`
    shares that disk. `cwd` is the driver's.
    """

    job: Job
    ticket: str
    threads: int
    files: bytes
    folder: Path
    marker: Path
    shared: bool | None
    cwd: Path


@dataclass(frozen=True)
class Returned:
    """How a job ended; `files` holds its run folder where the driver does not see the node's disk."""

    state: str
    reason: str
    log: str
    seconds: float
    files: bytes


class Board:
    """An actor on the driver's node: tasks post epochs and read orders, the driver the other way round."""

    def __init__(self) -> None:
        self._posts: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self._orders: dict[str, asyncio.Queue[str]] = defaultdict(asyncio.Queue)

    async def post(self, ticket: str, news: Any) -> None:
        """Keep what a task says: "begun", or an epoch's row and the number of epochs."""
        self._posts.put_nowait((ticket, news))

    async def posts(self, timeout: float) -> list[tuple[str, Any]]:
        """Return what tasks have said, waiting for the first up to `timeout` seconds."""
        return await _taken(self._posts, timeout)

    async def order(self, ticket: str, order: str) -> None:
        """Keep an order for a task."""
        self._orders[ticket].put_nowait(order)

    async def orders(self, ticket: str, timeout: float) -> list[str]:
        """Return the orders for a task, waiting for the first up to `timeout` seconds."""
        return await _taken(self._orders[ticket], timeout)


async def _taken(items: asyncio.Queue[Any], timeout: float) -> list[Any]:
    taken: list[Any] = []
    if items.empty() and timeout > 0:
        with suppress(TimeoutError):
            taken.append(await asyncio.wait_for(items.get(), timeout))
    while not items.empty():
        taken.append(items.get_nowait())
    return taken


def run_errand(errand: Errand, board: Any) -> Returned:
    """Run a job on this node, in the driver's own folder where the node sees it."""
    with ThreadPoolExecutor(1) as aside:  # a task that waits for the board in its main thread lends out its CPUs
        return aside.submit(_run_aside, errand, board).result()


def _run_aside(errand: Errand, board: Any) -> Returned:
    import ray

    if HALT in ray.get(board.orders.remote(errand.ticket, 0)):
        return Returned("interrupted", "stopped before it began", "", 0.0, b"")
    ray.get(board.post.remote(errand.ticket, "begun"))
    with chdir(errand.cwd) if errand.cwd.is_dir() else nullcontext():
        if _shares_disk(errand):
            return _run(errand, board, errand.folder)
        with tempfile.TemporaryDirectory(prefix="cnnbench-") as place:
            folder = Path(place) / errand.folder.name
            if errand.files:
                unpack(errand.files, folder)
            returned = _run(errand, board, folder)
            return replace(returned, files=packed(folder))


def _shares_disk(errand: Errand) -> bool:
    if errand.shared is not None:
        return errand.shared
    try:
        return errand.marker.read_text() == errand.ticket
    except OSError:
        return False


def _run(errand: Errand, board: Any, folder: Path) -> Returned:
    """Start the job's process and stand between it and the board until it ends."""
    import ray

    events: queue.Queue[Event] = queue.Queue()
    child = Child(replace(errand.job, folder=folder), events.put, threads=errand.threads, environment={})
    try:
        while True:
            for order in ray.get(board.orders.remote(errand.ticket, POLL if events.empty() else 0)):
                child.stop() if order == HALT else child.answer(order == GO)
            while not events.empty():
                event = events.get()
                if isinstance(event, Ended):
                    return Returned(event.state, event.reason, event.log, event.seconds, b"")
                ray.get(board.post.remote(errand.ticket, _news(event)))
    finally:
        child.kill()  # where the driver is gone; else it has ended


def _news(event: Epoch) -> tuple[Mapping[str, float], int]:
    return event.row, event.epochs
