"""One process for the jobs of all tests to be forked from, in place of one for each sweep: it imports for seconds.

`python -m tests.shared_server` is that process. Commands that are forked themselves, from what has imported as much,
fork another one for their jobs before they begin.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Mapping
from typing import IO

from cnnbench.jobs import preloaded, server
from cnnbench.jobs.process import Forked
from tests import drawing
from tests.tools import python


class SharedServer(preloaded.Server):
    """A server that outlives the engine it was started for, and ends with this process."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        super().__init__((*python(), "-m", "tests.shared_server"))

    def fork(self, log: IO[bytes], environment: Mapping[str, str]) -> Forked | None:
        with self._one_at_a_time:
            return super().fork(log, environment)

    def close(self) -> None:
        """Leave it to the next engine."""

    @property
    def is_up(self) -> bool:
        return self._process.poll() is None


_running: list[SharedServer] = []


def shared_server() -> SharedServer:
    """Return the server, another one where the last is gone."""
    if not _running or not _running[-1].is_up:
        _running.append(SharedServer())
    return _running[-1]


class Standby(SharedServer):
    """A fork of this process, which has imported what jobs need and begun nothing yet; it waits to be called."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._called = self._is_ready = False
        self._socket, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(preloaded.PATIENCE)
        with there:
            if not os.fork():
                self._socket.close()
                _serve_when_called(there)

    def called(self) -> SharedServer:
        """Return this server, soon ready to fork."""
        if not self._called:
            self._socket.send(preloaded.READY)
            self._called = True
        return self


def _serve_when_called(engine: socket.socket) -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for number, descriptor in enumerate((engine.fileno(), nothing, nothing)):
        os.dup2(descriptor, number)
    engine.close()
    os.close(nothing)
    with socket.socket(fileno=os.dup(0)) as waiting:
        if not waiting.recv(len(preloaded.READY)):
            os._exit(0)
    server.main()


def import_ahead() -> None:
    """Import what jobs need; draw no figures that nobody asks for."""
    drawing.only_if_asked()
    server._import()


def stand_by() -> None:
    """Have the jobs of this process forked from a fork of what it is now."""
    preloaded.Server = Standby().called  # type: ignore[misc,assignment]  # as good as the class here


if __name__ == "__main__":
    drawing.only_if_asked()
    server.main()
