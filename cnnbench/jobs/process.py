"""The process of a job as the system knows it: a fresh interpreter, or what another process forked for this one."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO

from cnnbench.jobs.types import Job


class Forked:
    """A child of this process that another one has forked: as much of a Popen as a job needs.

    Raises ChildProcessError where it is no child of this process. Its number is not another's before it is waited for,
    which no signal can come in between.
    """

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        self.returncode: int | None = None
        self._held = threading.Lock()
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)

    def poll(self) -> int | None:
        """Return its exit code, negative for a signal, None while it runs."""
        with self._held:
            return self._reaped(os.WNOHANG)

    def wait(self) -> int:
        """Wait until it has ended and return its exit code."""
        with suppress(ChildProcessError):  # it has been waited for
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        with self._held:
            code = self._reaped(0)
        assert code is not None
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        with self._held:
            if self._reaped(os.WNOHANG) is None:
                os.kill(self.pid, number)

    def _reaped(self, options: int) -> int | None:
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, options)
            except ChildProcessError:  # where this process was begun with SIGCHLD ignored, as Popen takes it too
                pid, status = self.pid, 0
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


Process = subprocess.Popen[bytes] | Forked
Begin = Callable[[Job, IO[bytes], Mapping[str, str]], Process]  # with the log and all of the environment


def fresh(job: Job, log: IO[bytes], environment: Mapping[str, str]) -> Process:
    """Begin a job's process as an interpreter of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "cnnbench.jobs.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env=environment,
        start_new_session=True,  # a Ctrl-C at the terminal is the parent's to pass on
    )
