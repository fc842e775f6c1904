"""Headless Chromium that is told what to do: a page is opened, files are chosen, and what it then shows is read."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from tests.report.test_browser import CHROMIUM

OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
)


class Tab:
    """A page that is open, spoken to as DevTools do."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._number = socket, 0
        self.said: list[str] = []  # on its console, and what its policy refused

    def tell(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method and return its result."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=60))
            if message.get("id") == self._number:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            if message.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
                self.said.append(json.dumps(message["params"]))

    def value(self, expression: str) -> Any:
        """Return what an expression is in the page."""
        return self.tell("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """Return what an expression is once that is true."""
        for _ in range(600):
            if found := self.value(expression):
                return found
            time.sleep(0.05)
        raise AssertionError(f"never: {expression}; there is {self.value('document.body.innerText')!r}, {self.said}")

    def choose(self, selector: str, files: Sequence[Path]) -> None:
        """Choose files as somebody does in the window that opens."""
        root = self.tell("DOM.getDocument")["root"]["nodeId"]
        node = self.tell("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.tell("DOM.setFileInputFiles", nodeId=node, files=[str(file) for file in files])

    def resize(self, width: int) -> None:
        """Be as wide as a telephone, or a screen."""
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)


@contextmanager
def opened(url: str, profile: Path) -> Iterator[Tab]:
    """Yield a page, opened in a browser of its own."""
    command = [str(CHROMIUM), *OPTIONS, f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with connect(_address(profile), max_size=None) as socket:
            tab = Tab(socket)
            for domain in ("Log", "Runtime", "DOM", "Page"):
                tab.tell(f"{domain}.enable")
            tab.tell("Page.navigate", url=url)
            yield tab
    finally:
        process.terminate()
        process.wait()


def _address(profile: Path) -> str:
    """Return where the first tab is spoken to; the browser writes its port into its profile."""
    for _ in range(600):
        try:
            port = (profile / "DevToolsActivePort").read_text().split()[0]
            tabs = httpx.get(f"http://127.0.0.1:{port}/json/list").json()
            return str(next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"))
        except (FileNotFoundError, IndexError, StopIteration, httpx.HTTPError):
            time.sleep(0.05)
    raise AssertionError("Chromium does not start")
