"""The engine of a Ray cluster: a task per job, on whatever node has room for it."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from cnnbench.errors import ConfigError, OutputError, TrainingError, first_line
from cnnbench.jobs.outside import outside
from cnnbench.jobs.parcel import packed, unpack
from cnnbench.jobs.ray_task import GO, HALT, POLL, STOP, Board, Errand, Returned, run_errand
from cnnbench.jobs.types import Ended, Epoch, Event, Job, State
from cnnbench.machine.cpu import available_cores
from cnnbench.machine.ray_quiet import OBJECT_STORE, QUIET, handlers_kept
from cnnbench.machine.runtime import silenced_stderr

ATTEMPTS = 3


@dataclass
class _Running:
    """A job under way: `errand` is its latest attempt, `seen` the last epoch that was told."""

    errand: Errand
    task: Any
    attempts: int = 1
    begun: bool = False
    seen: int = 0


class RayEngine:
    """Runs jobs as tasks of a Ray cluster, each with `cpus` CPUs and `gpus` GPUs of its node.

    `address` is "auto", "host:port" or "ray://host:port"; None starts a cluster on this machine and ends it again.
    `slots` None takes as many as the cluster has room for, `threads` None a thread per CPU. `shared` says whether the
    nodes see the folders of the jobs; None finds out for each job. A job whose worker or node is lost runs again.
    """

    def __init__(
        self,
        address: str | None = None,
        slots: int | None = None,
        *,
        cpus: float = 1,
        gpus: float = 0,
        threads: int | None = None,
        shared: bool | None = None,
    ) -> None:
        self.slots = slots or 1
        self._wanted_slots, self._address, self._cpus, self._gpus = slots, address, cpus, gpus
        self._threads = threads or max(1, int(cpus))
        self._shared = shared
        self._running: dict[str, _Running] = {}  # by ticket
        self._events: deque[Event] = deque()
        self._stopping = False

    def __enter__(self) -> RayEngine:
        """Connect; raises ConfigError in one line where that cannot be."""
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        try:
            import ray
        except ModuleNotFoundError as e:
            if e.name != "ray":
                raise
            raise ConfigError("execution.engine: ray needs pip install 'cnnbench[ray]'") from None
        self._ray: Any = ray
        self._connect()
        try:
            self.slots = self._wanted_slots or self._room()
            self._task = ray.remote(num_cpus=self._cpus, num_gpus=self._gpus, max_retries=0)(run_errand)
            self._board = self._open_board()
        except BaseException:
            ray.shutdown()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for running in self._running.values():
            self._ray.cancel(running.task, force=True)  # a job's process ends with its worker
            running.errand.marker.unlink(missing_ok=True)
        with handlers_kept():
            self._ray.shutdown()

    def start(self, job: Job) -> None:
        """Hand a job to the cluster, which begins it where there is room."""
        job.folder.parent.mkdir(parents=True, exist_ok=True)
        self._send(job, attempts=1, seen=0)

    def next_event(self, timeout: float) -> Event | None:
        """Return what happened next, None where nothing did for `timeout` seconds; raises TrainingError."""
        deadline = time.monotonic() + timeout
        while not self._events:
            left = deadline - time.monotonic()
            if left < 0:
                return None
            self._look(min(left, POLL))
        return self._events.popleft()

    def answer(self, job: Job, go_on: bool) -> None:
        """Tell a judged job whether to go on after the epoch it has just finished."""
        for ticket, running in self._running.items():
            if running.errand.job.key == job.key:
                self._order(ticket, GO if go_on else STOP)

    def stop(self) -> None:
        """Ask every job to stop after what it has is saved; one that has not begun never does."""
        self._stopping = True
        for ticket, running in self._running.items():
            self._order(ticket, HALT)
            if not running.begun:
                self._ray.cancel(running.task)

    def _connect(self) -> None:
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        if self._address is None:
            cpus = max(available_cores(), (self._wanted_slots or 1) * self._cpus)
            options |= {"num_cpus": int(-(-cpus // 1)), "object_store_memory": OBJECT_STORE, "include_dashboard": False}
        else:
            _refuse_unreachable(self._address)
        with handlers_kept(), silenced_stderr():
            failure = self._failure_to_connect(options)
        if failure is not None:
            where = self._address or "a cluster on this machine"
            raise ConfigError(f"execution.address: {where}: Ray does not answer ({failure}){self._token_hint()}")

    def _failure_to_connect(self, options: dict[str, Any]) -> str | None:
        """Connect, or return why not: as an exception it would let out the many lines that Ray writes of its tries."""
        try:
            self._ray.init(self._address or "local", **options)
        except (ConnectionError, RuntimeError, ValueError, OSError, ImportError, self._ray.exceptions.RayError) as e:
            return first_line(e)
        return None

    def _token_hint(self) -> str:
        """Return what may be missing: Ray finds a token by itself for "auto" only, and a refusal does not name it."""
        if self._address in (None, "auto") or "RAY_AUTH_MODE" in os.environ:
            return ""
        return "; a cluster that asks for a token needs RAY_AUTH_MODE=token"

    def _room(self) -> int:
        """Return how many jobs fit beside each other."""
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        asked = {name: amount for name, amount in (("CPU", self._cpus), ("GPU", self._gpus)) if amount}
        room = sum(int(min((node.get(n, 0) / amount for n, amount in asked.items()), default=1)) for node in nodes)
        if not room:
            most = ", ".join(f"{max(n.get(name, 0) for n in nodes):g} {name}" for name in asked)
            wanted = ", ".join(f"{amount:g} {name}" for name, amount in asked.items())
            raise ConfigError(f"execution: a trial needs {wanted} on one node of the cluster; the largest have {most}")
        return room

    def _open_board(self) -> Any:
        """Return the board's handle; it lives where the driver does, so that no other node's loss takes it along."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = NodeAffinitySchedulingStrategy(self._ray.get_runtime_context().get_node_id(), soft=False)
        actor = self._ray.remote(num_cpus=0, scheduling_strategy=here, max_concurrency=1000)(Board)
        return actor.remote()

    def _send(self, job: Job, *, attempts: int, seen: int) -> None:
        folder, ticket = job.folder.absolute(), secrets.token_hex(8)
        errand = Errand(
            job=job,
            ticket=ticket,
            threads=self._threads,
            files=packed(folder) if folder.exists() else b"",
            folder=folder,
            marker=folder.with_name(f".{folder.name}.{ticket}"),
            shared=self._shared,
            cwd=Path.cwd(),
        )
        if self._shared is None:
            errand.marker.write_text(ticket)
        task = self._task.options(name=job.key).remote(errand, self._board)
        self._running[ticket] = _Running(errand, task, attempts, seen=seen)

    def _order(self, ticket: str, order: str) -> None:
        self._board.order.remote(ticket, order)

    def _look(self, timeout: float) -> None:
        """Gather what tasks have posted, then what has ended: an epoch is posted before its task ends."""
        tickets = {running.task: ticket for ticket, running in self._running.items()}
        try:
            ended, _ = self._ray.wait(list(tickets), num_returns=len(tickets), timeout=0) if tickets else ([], [])
            for ticket, news in self._ray.get(self._board.posts.remote(0 if ended else timeout)):
                self._hear(ticket, news)
        except self._ray.exceptions.RayError as e:
            raise TrainingError(f"the Ray cluster is lost ({first_line(e)}); the same command goes on") from e
        for task in ended:
            self._end(self._running.pop(tickets[task]))

    def _hear(self, ticket: str, news: Any) -> None:
        running = self._running.get(ticket)
        if running is None:
            return  # of an attempt given up
        if news == "begun":
            running.begun = True
            return
        row, epochs = news
        if row["epoch"] > running.seen:
            running.seen = int(row["epoch"])
            self._events.append(Epoch(running.errand.job, row, epochs))
        elif running.errand.job.judged:
            self._order(ticket, GO)  # judged in an earlier attempt

    def _end(self, running: _Running) -> None:
        errors = self._ray.exceptions
        running.errand.marker.unlink(missing_ok=True)
        try:
            returned: Returned = self._ray.get(running.task)
        except errors.TaskCancelledError:
            returned = Returned("interrupted", "stopped before it began", "", 0.0, b"")
        except errors.RayTaskError as e:
            returned = Returned("failed", f"on its node: {_cause(e)}", str(e), 0.0, b"")
        except errors.RayError as e:
            if self._stopping:
                returned = Returned("interrupted", f"its worker was lost ({first_line(e)})", "", 0.0, b"")
            elif running.attempts < ATTEMPTS:
                self._send(running.errand.job, attempts=running.attempts + 1, seen=running.seen)
                return
            else:
                lost = f"its worker was lost {ATTEMPTS} times ({first_line(e)})"
                returned = Returned("failed", lost, str(e), 0.0, b"")
        self._events.append(_brought_back(running.errand.job, returned))


def _brought_back(job: Job, returned: Returned) -> Ended:
    """Put the run folder in its place and return how the job ended."""
    state, reason = returned.state, returned.reason
    try:
        if returned.files:
            unpack(returned.files, job.folder)
    except OutputError as e:
        state, reason = outside(e) or "failed", str(e)
    return Ended(job, cast(State, state), reason, returned.log, returned.seconds)


def _cause(error: BaseException) -> str:
    """Return what a task raised: Ray's text is a traceback whose last line says it."""
    return (str(error).strip().splitlines() or ["no message"])[-1].strip()


def _refuse_unreachable(address: str) -> None:
    """Raise ConfigError where nobody listens at "host:port" or "ray://host:port": Ray itself tries for minutes."""
    if address == "auto":
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        raise ConfigError(f'execution.address: {address}: expected "auto", host:port or ray://host:port')
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except OSError as e:
        raise ConfigError(f"execution.address: {address}: nobody answers there ({e.strerror or e})") from None
