"""A job's process as its parent sees it."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from cnnbench.errors import OutputError
from cnnbench.files.whole import refuse_link
from cnnbench.jobs.process import Begin, fresh
from cnnbench.jobs.types import Ended, Epoch, Event, Job, State

GRACE = 60.0  # seconds from asking to stop until the process is killed
TAIL = 30  # lines of the log that explain a failure
KERNEL_EVENTS = Path("/proc/vmstat")  # of all control groups, whichever version they are of


class Child:
    """Starts a job's process and emits its events, the last one Ended, from a thread of its own.

    `environment` is laid over this process' own; `threads` is the CPU threads of a configuration that names none.
    `begin` begins its process.
    """

    def __init__(
        self,
        job: Job,
        emit: Callable[[Event], None],
        *,
        threads: int | None,
        environment: Mapping[str, str],
        begin: Begin = fresh,
    ) -> None:
        self._job, self._emit = job, emit
        self._began = time.monotonic()
        self._why_stopped: str | None = None
        self._killed = False
        self._oom_before = _oom_kills()
        self._timers: list[threading.Timer] = []
        refuse_link(job.folder, log_of(job.folder))
        with _opened_log(job.folder) as log:
            self._process = begin(job, log, {**os.environ, **environment})
        self._send(json.dumps(_as_json(job, threads)))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if job.minutes is not None:
            self._after(60 * job.minutes, lambda: self.stop(f"out of time after {job.minutes:g} minutes"))

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def answer(self, go_on: bool) -> None:
        """Tell a judged job whether to go on."""
        self._send("go" if go_on else "stop")

    def stop(self, why: str | None = None) -> None:
        """Ask the process to save what it has and end; it is killed where it has not after a while.

        With `why` the job counts as failed for that reason, without as interrupted.
        """
        self._why_stopped = self._why_stopped or why
        self._signal(signal.SIGTERM)
        self._send("go")  # it may be waiting for a verdict
        self._after(GRACE, self.kill)

    def kill(self) -> None:
        """End the process at once."""
        self._killed = True
        self._signal(signal.SIGKILL)

    def join(self) -> None:
        """Wait until Ended has been emitted."""
        self._reader.join()

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, action)
        timer.daemon = True
        timer.start()
        self._timers.append(timer)

    def _send(self, line: str) -> None:
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass  # it is gone, and the reader says so

    def _signal(self, number: int) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)

    def _read(self) -> None:
        assert self._process.stdout is not None
        told = self._relay(self._process.stdout)
        self._process.wait()
        for timer in self._timers:
            timer.cancel()
        self._emit(self._ended(told))

    def _relay(self, lines: IO[bytes]) -> tuple[State, str] | None:
        """Emit epochs; return what the process says of its end, None where it ends without a word."""
        told: tuple[State, str] | None = None
        for line in lines:
            try:
                event = json.loads(line)
            except ValueError:
                continue  # killed in the middle of a line
            if event["event"] == "epoch":
                self._emit(Epoch(self._job, event["row"], event["epochs"]))
            else:
                told = event["state"], event["reason"]
        return told

    def _ended(self, told: tuple[State, str] | None) -> Ended:
        state, reason = told or ("failed", self._silent_end())
        if self._why_stopped is not None and state != "done":
            state, reason = "failed", self._why_stopped
        elif told is None and self._killed:
            state, reason = "interrupted", "killed before it had saved its last epoch"
        log = log_of(self._job.folder)
        if state == "done" and not log.stat().st_size:
            log.unlink()
        tail = "" if state == "done" else _tail(log)
        return Ended(self._job, state, reason, tail, time.monotonic() - self._began)

    def _silent_end(self) -> str:
        code = self._process.wait()
        if code >= 0:
            return f"its process ended with exit code {code}"
        if code == -signal.SIGKILL and _oom_kills() > self._oom_before:
            return "out of memory: the kernel killed its process; a smaller train.batch_size or fewer slots need less"
        name = signal.Signals(-code).name
        hint = ", as the kernel does where memory runs out" if code == -signal.SIGKILL else ""
        return f"its process was killed by {name}{hint}"


def _opened_log(folder: Path) -> IO[bytes]:
    path = log_of(folder)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("ab")
    except OSError as e:
        raise OutputError(f"{path}: cannot be written ({e.strerror})") from e


def log_of(folder: Path) -> Path:
    """Return where a job's process prints to: beside its run folder, which may not be there yet."""
    return folder.with_name(folder.name + ".log")


def _as_json(job: Job, threads: int | None) -> dict[str, object]:
    values = {name: getattr(job, name) for name in job.__dataclass_fields__}
    like = None if job.like is None else str(job.like.absolute())
    return {**values, "folder": str(job.folder.absolute()), "like": like, "threads": threads}


def _tail(log: Path) -> str:
    """Return the last lines of a log, "" where nothing was printed."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(lines[-TAIL:])


def _oom_kills() -> int:
    """Return how often the kernel has killed for memory since it started, 0 where it does not say."""
    try:
        counts = dict(line.split() for line in KERNEL_EVENTS.read_text().splitlines())
    except OSError:
        return 0
    return int(counts.get("oom_kill", 0))
