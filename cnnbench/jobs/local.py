"""The engine of this machine: a process per job."""

from __future__ import annotations

import queue
from types import TracebackType

from cnnbench.jobs.child import Child
from cnnbench.jobs.preloaded import Preloaded
from cnnbench.jobs.process import fresh
from cnnbench.jobs.types import Ended, Event, Job
from cnnbench.machine import slots as machine


class LocalEngine:
    """Runs up to `slots` jobs at a time, each with `threads` CPU threads and, where there are GPUs, one of them.

    Without numbers it takes as many as this machine carries. A job's threads are those of its configuration where it
    names them. With `preload` jobs are forked from a process that has imported Keras, where that can be.
    """

    def __init__(self, slots: int | None = None, threads: int | None = None, *, preload: bool = True) -> None:
        self._gpus = machine.gpus()
        self.slots = slots or machine.slots()
        self._threads = threads or machine.threads(self.slots)
        self._events: queue.Queue[Event] = queue.Queue()
        self._children: dict[str, Child] = {}
        self._places: dict[str, int] = {}
        self._preloaded = Preloaded() if preload else None

    def __enter__(self) -> LocalEngine:
        """Return the engine; nothing runs yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children.values():
            child.kill()
        for child in self._children.values():
            child.join()
        if self._preloaded is not None:
            self._preloaded.close()

    def begin_import(self, backend: str | None) -> None:
        """Begin what the first job would wait for, where jobs are forked; see `Preloaded.begin_import`."""
        if self._preloaded is not None:
            self._preloaded.begin_import(backend)

    def start(self, job: Job) -> None:
        """Begin a job on a free slot."""
        place = min(set(range(self.slots)) - set(self._places.values()))
        self._places[job.key] = place
        visible = {"CUDA_VISIBLE_DEVICES": self._gpus[place % len(self._gpus)]} if self._gpus else {}
        self._children[job.key] = Child(
            job,
            self._events.put,
            threads=self._threads,
            environment=visible,
            begin=fresh if self._preloaded is None else self._preloaded.begin,
        )

    def next_event(self, timeout: float) -> Event | None:
        """Return what happened next, None where nothing did for `timeout` seconds."""
        try:
            event = self._events.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(event, Ended):
            del self._children[event.job.key], self._places[event.job.key]
        return event

    def answer(self, job: Job, go_on: bool) -> None:
        """Tell a judged job whether to go on after the epoch it has just finished."""
        if job.key in self._children:
            self._children[job.key].answer(go_on)

    def stop(self) -> None:
        """Ask every job to stop after what it has is saved."""
        for child in self._children.values():
            child.stop()
