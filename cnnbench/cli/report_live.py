"""`cnnbench report --live`: the page of what still runs, drawn anew in memory as it goes on and served on loopback.

It reads and never writes: the folder belongs to the process that works in it.
"""

from __future__ import annotations

import posixpath
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import unquote, urlsplit

from cnnbench.cli.live_files import HTML, inside, kind_of, links, listing, policy_of_pages
from cnnbench.errors import CnnbenchError
from cnnbench.runs.parents import ParentDir
from cnnbench.runs.status import STATUS, is_alive, shown_state
from cnnbench.views.page import Page, render

LOOPBACK = "127.0.0.1"
NAMES = (LOOPBACK, "localhost")  # what a browser may call it: a page from elsewhere could have its own name lead here
LEAST_PAUSE = 1.0  # seconds between two looks
DRAWING = 4  # times as long as drawing took is no drawing done
PATIENCE = 5.0  # seconds for a browser to fetch the last page
FOLLOWED = ("history.csv", "status.json", "metrics.json", "leaderboard.csv")


@dataclass(frozen=True)
class Shown:
    """A page as it was drawn; replaced as a whole, so that an answer never mixes two drawings."""

    html: bytes = b""
    version: int = 0
    ended: bool = False


@dataclass
class Served:
    """The page of a folder as it was drawn last, and the files in there that pages which were served link to.

    `last` is set when the page of what has ended has been fetched.
    """

    folder: Path
    linked: set[str] = field(default_factory=set)
    shown: Shown = Shown()
    last: Event = field(default_factory=Event)

    def renew(self, page: Page, ended: bool) -> None:
        """Show another page from now on."""
        version = self.shown.version + 1
        html = render(replace(page, live={"version": str(version), "ended": ended}))
        self.linked.update(links(html))
        self.shown = Shown(html.encode(), version, ended)

    def file(self, name: str) -> tuple[bytes, str] | None:
        """Return what a page that was served links to, and what it is; None where there is no such link or file."""
        path = inside(self.folder, name) if name in self.linked else None
        if path is None:
            return None
        try:
            body = listing(path).encode() if path.is_dir() else path.read_bytes()
        except OSError:  # gone since
            return None
        if kind_of(path) == HTML:
            self.linked.update(links(body.decode(errors="replace"), posixpath.dirname(name)))
        return body, kind_of(path)


def state_of(folder: Path) -> str:
    """Return the state of a run, of repeats or of a sweep; "running" where a process works on it."""
    status = STATUS.read(ParentDir(folder).status)
    return shown_state(status, is_alive(folder, status))


def follow(folder: Path, draw: Callable[[], Page], begun: Callable[[str], None]) -> None:
    """Serve the page of a folder until what runs there has ended, and tell `begun` the address.

    What cannot be read while it is written is read again at the next look.
    """
    served = Served(folder)
    _look(folder, draw, served)
    with ThreadingHTTPServer((LOOPBACK, 0), _handler(served)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            begun(f"http://{LOOPBACK}:{server.server_address[1]}/")
            _follow(folder, draw, served)
        finally:
            server.shutdown()


def _follow(folder: Path, draw: Callable[[], Page], served: Served) -> None:
    seen = None
    while not served.shown.ended:
        began, marks = time.monotonic(), _marks(folder)
        if marks != seen or state_of(folder) != "running":
            with suppress(CnnbenchError):
                _look(folder, draw, served)
                seen = marks
        time.sleep(max(LEAST_PAUSE, DRAWING * (time.monotonic() - began)) if not served.shown.ended else 0)
    served.last.wait(PATIENCE)


def _look(folder: Path, draw: Callable[[], Page], served: Served) -> None:
    ended = state_of(folder) != "running"  # asked first: what is drawn then is all there will be
    served.renew(draw(), ended)


def _marks(folder: Path) -> dict[Path, tuple[int, int]]:
    """Return when each file that is followed changed last, and how long it is."""
    found = {}
    for path in (path for name in FOLLOWED for path in folder.rglob(name)):
        with suppress(OSError):  # gone since
            told = path.stat()
            found[path] = told.st_mtime_ns, told.st_size
    return found


def _handler(served: Served) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            """Answer with the page, or with its version."""
            if (self.headers.get("Host") or "").rpartition(":")[0] not in NAMES:
                self.send_error(403)
            elif self.path == "/":
                shown = served.shown
                self._send(shown.html, HTML)
                if shown.ended:
                    served.last.set()
            elif self.path == "/version":
                self._send(str(served.shown.version).encode(), "text/plain")
            elif (found := served.file(unquote(urlsplit(self.path).path).removeprefix("/"))) is not None:
                self._send(*found, policy_of_pages())
            else:
                self.send_error(404)

        def _send(self, body: bytes, kind: str, policy: str = "") -> None:
            self.send_response(200)
            for name, value in (
                ("Content-Type", kind),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
                *([("Content-Security-Policy", policy)] if policy else []),
            ):
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing of requests."""

    return Handler
