"""Many jobs handed to an engine as it has room for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from cnnbench.jobs.types import Ended, Engine, Epoch, Job
from cnnbench.machine.interrupt import StopRequest

TICK = 0.2  # seconds between looks at whether a signal came


class Work(Protocol):
    """What is to be done, by the keys of its jobs, and who is told of it."""

    def job(self, key: str) -> Job:
        """Return the job to begin now."""

    def on_epoch(self, epoch: Epoch) -> None:
        """A job has finished an epoch."""

    def on_end(self, ended: Ended) -> None:
        """A job is over."""

    def on_stop(self) -> None:
        """A signal came: jobs that run end with what they have, and others do not begin."""


def carry_out(keys: Sequence[str], work: Work, engine: Engine, stop: StopRequest) -> None:
    """Run the jobs in order, as many at a time as the engine has slots; after a signal end with what there is."""
    waiting, running, stopping = deque(keys), 0, False
    while waiting or running:
        if stop.signals and not stopping:
            stopping = True
            waiting.clear()
            work.on_stop()
            engine.stop()
        while waiting and running < engine.slots:
            engine.start(work.job(waiting.popleft()))
            running += 1
        event = engine.next_event(TICK)
        if isinstance(event, Epoch):
            work.on_epoch(event)
        elif isinstance(event, Ended):
            running -= 1
            work.on_end(event)
