"""The beginning of jobs' processes as forks of one that has imported what trainings need."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

from cnnbench.config.dump import load_plain
from cnnbench.errors import DataError
from cnnbench.jobs.process import Forked, Process, fresh
from cnnbench.jobs.types import Job
from cnnbench.machine.adoption import adopting
from cnnbench.runs.run import Run

READY = b"ready"
PATIENCE = 120.0  # seconds that the server may take to import, or to fork
LARGEST = 2**20  # bytes of a request
NO_THREAD = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}  # pyarrow's, which Keras brings by way of pandas


class Preloaded:
    """Begins the processes of jobs; its server starts with the first job that can be forked, or before.

    A job is a fresh interpreter instead on any system but Linux, on any backend but TensorFlow, and where the server
    does not come up, is not single-threaded or is gone; the next job then has another server if it ever came up.
    """

    def __init__(self) -> None:
        self._server: Server | None = None
        self._works = sys.platform == "linux"

    def begin(self, job: Job, log: IO[bytes], environment: Mapping[str, str]) -> Process:
        """Begin a job's process; see `process.fresh`."""
        forked = self._forked(log, environment) if self._works and _on_tensorflow(job) else None
        return forked or fresh(job, log, environment)

    def begin_import(self, backend: str | None) -> None:
        """Begin to import, for jobs to come soon; `backend` is what they name, None where they leave it to Keras."""
        if self._works and _is_tensorflow(backend):
            with suppress(OSError):  # which the first job meets too
                self._server = self._server or Server()

    def close(self) -> None:
        """End the server; what it has forked goes on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _forked(self, log: IO[bytes], environment: Mapping[str, str]) -> Forked | None:
        try:
            self._server = self._server or Server()
            return self._server.fork(log, environment)
        except ConnectionError:  # killed, as for memory
            self.close()
        except OSError:
            self._works = False
            self.close()
        return None


class Server:
    """A process that imports, then forks, at the other end of a socket."""

    def __init__(self, command: Sequence[str] = (sys.executable, "-m", "cnnbench.jobs.server")) -> None:
        self._socket, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(PATIENCE)
        with there:
            self._process = subprocess.Popen(
                command,
                env=os.environ | NO_THREAD,
                stdin=there.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # what cannot be imported is said in the log of the job that needs it
                start_new_session=True,
            )
        self._is_ready = False

    def fork(self, log: IO[bytes], environment: Mapping[str, str]) -> Forked | None:
        """Return a process that is about to read its job; None where the server is not to be forked.

        Raises ConnectionError where the server is gone, another OSError where it has not come up or this system has no
        such forks.
        """
        self._wait_for_imports()
        request = json.dumps({"environment": dict(environment), "folder": str(Path.cwd())}).encode()
        if len(request) > LARGEST:
            return None
        with ExitStack() as theirs, ExitStack() as ours:
            stdin, to_job = _pipe(theirs, ours)
            from_job, stdout = _pipe(ours, theirs)
            with adopting():
                pid = self._answer(request, [stdin, stdout, log])
                if not pid:
                    return None
                forked = Forked(pid, to_job, from_job)
            ours.pop_all()
            return forked

    def close(self) -> None:
        """End the process."""
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def _wait_for_imports(self) -> None:
        if not self._is_ready and self._socket.recv(len(READY)) != READY:
            raise OSError("the server did not come up")
        self._is_ready = True

    def _answer(self, request: bytes, streams: Sequence[IO[bytes]]) -> int:
        socket.send_fds(self._socket, [request], [stream.fileno() for stream in streams])
        answer = self._socket.recv(16)
        if not answer:
            raise ConnectionError("the server is gone")
        return int(answer)


def _pipe(reads: ExitStack, writes: ExitStack) -> tuple[IO[bytes], IO[bytes]]:
    """Return the two ends of a pipe, each of them closed with the one who has it."""
    read, write = os.pipe()
    return reads.enter_context(os.fdopen(read, "rb")), writes.enter_context(os.fdopen(write, "wb"))


def _on_tensorflow(job: Job) -> bool:
    """Return whether nothing says that a job runs on another backend; Keras' own settings are the server's to ask."""
    try:
        began = Run(job.folder).environment.get("backend")
    except (DataError, OSError):
        return False  # which the job tells
    configured = (load_plain(job.config) or {}).get("train", {}).get("backend")
    return _is_tensorflow(began or job.backend or configured)


def _is_tensorflow(backend: str | None) -> bool:
    return (backend or os.environ.get("KERAS_BACKEND") or "tensorflow") == "tensorflow"
