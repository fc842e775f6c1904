"""One process for the jobs of all tests to be forked from, in place of one for each sweep: it imports for seconds.

`python -m tests.shared_server` is that process.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from functools import partial
from typing import IO

from cnnbench.jobs import preloaded, server
from cnnbench.jobs.process import Forked
from tests import drawing

COMMAND = (sys.executable, "-m", "tests.shared_server")


class SharedServer(preloaded.Server):
    """A server that outlives the engine it was started for, and ends with this process."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        super().__init__(COMMAND)

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


def leave_figures_out() -> None:
    """Have this process, and what it forks or has forked for its jobs, draw no figures that nobody asks for."""
    drawing.only_if_asked()
    preloaded.Server = partial(preloaded.Server, COMMAND)  # type: ignore[misc,assignment]  # as good as the class here


if __name__ == "__main__":
    drawing.only_if_asked()
    server.main()
