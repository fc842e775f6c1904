"""Processes of `cnnbench`, and of programs in a string, that are forked from one which has imported Keras already.

Importing it takes longer than most of what tests train. What begins here has signals, streams, exit code, folder and
environment of its own; only the imports are not its own, so tests of these start `python -m cnnbench` themselves. The
jobs of a command are forked from a fork too, which waits beside it.

The parts: `python -m tests.nursery SOCKET` is the server. `python tests/nursery.py SOCKET ARGUMENT...` stands for one
process, with an interpreter's arguments: it hands its streams over, passes signals on and ends as the process does.
Between them is a guard, which also kills the process where what stands for it is killed.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

IMPORTED = ("tests.shared_server", "matplotlib.backends.backend_agg")
PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stand_for(path: str, arguments: list[str]) -> int:
    """Have a command run and return its exit code, negative for a signal."""
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        for number in PASSED_ON:
            signal.signal(number, lambda number, frame: server.sendall(bytes([number])))
        body = json.dumps({"arguments": arguments, "folder": str(Path.cwd()), "environment": dict(os.environ)}).encode()
        socket.send_fds(server, [len(body).to_bytes(8, "big")], [0, 1, 2])
        server.sendall(body)
        return int.from_bytes(server.recv(4), "big", signed=True)


def serve(path: str) -> dict[str, Any]:
    """Wait for commands; returns in the processes that are to carry them out. Ends with its standard input."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # guards are not waited for
        while listener in select.select([listener, 0], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                return _guarded(connection)
            connection.close()
    sys.exit()


def _guarded(connection: socket.socket) -> dict[str, Any]:
    """Fork the command and return in it; what stays behind watches both ends and tells how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    header, streams, _, _ = socket.recv_fds(connection, 8, 3)
    body = b""
    while len(body) < int.from_bytes(header, "big"):
        body += connection.recv(1 << 16)
    child = os.fork()
    if child == 0:
        connection.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        return dict(json.loads(body))
    for number in (0, 1, 2, *streams):
        os.close(number)
    _watch(child, connection)
    os._exit(0)


def _watch(child: int, connection: socket.socket) -> None:
    ended = os.pidfd_open(child)
    while ended not in (ready := select.select([ended, connection], [], [])[0]):
        told = connection.recv(1) if connection in ready else b""
        os.kill(child, told[0] if told else signal.SIGKILL)
        if not told:
            break
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(BrokenPipeError):
        connection.sendall(code.to_bytes(4, "big", signed=True))


def carry_out(command: dict[str, Any]) -> int:
    """Be `python -m MODULE ...` or `python -c PROGRAM ...` up to its end and return its exit code."""
    os.chdir(command["folder"])
    os.environ.clear()
    os.environ.update(command["environment"])
    kind, what, *arguments = command["arguments"]
    if what == "cnnbench":
        sys.modules["tests.shared_server"].stand_by()
    sys.argv = [kind, *arguments]
    sys.path[0] = command["folder"]
    try:
        if kind == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
    except SystemExit as e:
        return e.code if isinstance(e.code, int) else int(e.code is not None)
    return 0


def _import() -> dict[str, str]:
    """Import what trainings need and return what that has set in the environment, as in a process of its own."""
    before = dict(os.environ)
    with warnings.catch_warnings():
        for name in IMPORTED:
            importlib.import_module(name)
        sys.modules["tests.shared_server"].import_ahead()
    return {name: value for name, value in os.environ.items() if before.get(name) != value}


def _end(code: int) -> None:
    """End as an interpreter does, without the second it takes to take TensorFlow's modules apart."""
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as an interpreter's end does
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    if __package__:
        set_here = _import()
        command = serve(sys.argv[1])
        command["environment"] = set_here | command["environment"]
        _end(carry_out(command))
    code = stand_for(sys.argv[1], sys.argv[2:])
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


if __name__ == "__main__":
    main()
