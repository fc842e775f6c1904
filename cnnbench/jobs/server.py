"""The process that jobs are forked from: `python -m cnnbench.jobs.server`.

It has imported what trainings need, and has started nothing: no thread, nothing of TensorFlow's runtime. Standard input
is a socket to the engine. Each message there asks for a fork, which gets the message's environment, folder and standard
streams and goes on as `cnnbench.jobs.worker`; a training leaves nothing in memory that the next one could find. The
answer is the fork's number, 0 where there is none. The fork is a child of the engine's process, which adopts it: how it
ends is told there, and this process may end before. It ends with the socket.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
import warnings
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from cnnbench.jobs import worker
from cnnbench.jobs.preloaded import LARGEST, READY
from cnnbench.machine.runtime import import_ahead, package_versions
from cnnbench.machine.sparing import alone_in_process

AHEAD = (
    *("cnnbench.learners.keras.learner", "cnnbench.data.augment_layers", "cnnbench.data.tensorflow_pipeline"),
    *("cnnbench.training.fused", "cnnbench.report.write"),
    "scipy.stats",  # of no use to networks, but 0.5 of 0.7 s that each training of an estimator would import
)
THREADS = Path("/proc/self/task")
STREAMS = 3


@dataclass(frozen=True)
class _Request:
    environment: dict[str, str]
    folder: str
    streams: list[int]


def main() -> None:
    """Import, then wait for what is to be forked; returns in no process."""
    before = dict(os.environ)
    _import()
    set_here = {name: value for name, value in os.environ.items() if before.get(name) != value}
    with socket.socket(fileno=os.dup(0)) as engine:
        engine.sendall(READY)
        request = _serve(engine)
    _become(request, set_here)
    worker.main()


def _import() -> None:
    warnings.simplefilter("ignore")
    alone_in_process()
    if import_ahead() != "tensorflow":
        sys.exit("only TensorFlow is known to bear a fork")
    for name in AHEAD:
        import_module(name)
    package_versions()  # which the forks then know
    gc.collect()
    gc.freeze()  # what is here stays, so that collections of the forks need not copy it
    if not os.fork():
        os._exit(0)
    with suppress(ChildProcessError):
        os.wait()  # OpenBLAS ends its threads before a fork and has them again when it needs them


def _serve(engine: socket.socket) -> _Request:
    """Answer requests; returns in the forks."""
    while True:
        body, streams, _, _ = socket.recv_fds(engine, LARGEST, STREAMS)
        if not body:
            os._exit(0)
        pid = _forked() if len(list(THREADS.iterdir())) == 1 else 0  # another thread may hold a lock for ever in a fork
        if pid is None:
            return _Request(**json.loads(body), streams=streams)
        for stream in streams:
            os.close(stream)
        engine.sendall(b"%d" % pid)


def _forked() -> int | None:
    """Return the number of a fork whose parent has ended, and None in the fork."""
    read, write = os.pipe()
    between = os.fork()
    if between == 0:
        if (pid := os.fork()) == 0:
            os.close(read)
            os.close(write)
            return None
        os.write(write, b"%d" % pid)
        os._exit(0)
    os.close(write)
    with suppress(ChildProcessError):
        os.waitpid(between, 0)
    told = os.read(read, 16)
    os.close(read)
    return int(told or 0)


def _become(request: _Request, set_here: dict[str, str]) -> None:
    """Be the process that was asked for, as an interpreter that had made the same imports."""
    os.setsid()
    for number, stream in enumerate(request.streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment | set_here)


if __name__ == "__main__":
    main()
