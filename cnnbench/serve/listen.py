"""A server at an address: who may reach it, how its port is taken, and how a signal ends it."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

from cnnbench.errors import ConfigError
from cnnbench.machine.interrupt import SIGNALS

GRACE = 25  # seconds that requests under way have to end in; orchestrators kill after 30


def listening(host: str, port: int, token: str | None) -> socket.socket:
    """Return a socket that takes connections.

    Raises ConfigError, also where others than this machine could ask without a token.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as e:
        raise ConfigError(f"--host {host}: no such address ({getattr(e, 'strerror', None) or e})") from None
    if token is None and not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
        raise ConfigError(f"--host {host}: others than this machine reach it: give --token, or $CNNBENCH_TOKEN")
    try:
        return socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as e:
        raise ConfigError(
            f"--port {port}: {host} cannot be listened at ({os.strerror(e.errno) if e.errno else e})"
        ) from None


def url_of(taken: socket.socket) -> str:
    """Return the address that a browser takes."""
    host, port = taken.getsockname()[:2]
    return f"http://[{host}]:{port}" if taken.family == socket.AF_INET6 else f"http://{host}:{port}"


def serve(app: FastAPI, taken: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM, then finish what is under way; `ready` is called when requests are answered.

    Raises KeyboardInterrupt after Ctrl-C, when that is finished too.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    server = Server(config, ready)
    server.run(sockets=[taken])
    if server.signal_number == signal.SIGINT:
        raise KeyboardInterrupt


class Server(uvicorn.Server):
    """Uvicorn's, but that it tells when it is ready, and which signal ended it instead of raising it once more."""

    signal_number: int | None = None

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.signal_number = self.signal_number or sig
        super().handle_exit(sig, frame)
