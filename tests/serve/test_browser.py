"""The page to try a model on, in headless Chromium."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient

from cnnbench.serve.app import application
from cnnbench.serve.limits import Limits
from cnnbench.serve.listen import Server, listening, url_of
from cnnbench.serve.served import Served
from tests.builders.images import write_image
from tests.report.test_browser import CHROMIUM
from tests.serve.chromium import Tab, opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)"),
]
TOKEN = "s3cret"
BARS = "[...document.querySelectorAll('.tile')][{}].querySelectorAll('.bars b')"


@pytest.fixture
def url(served: Served) -> Iterator[str]:
    """The address of a server that wants a token."""
    taken = listening("127.0.0.1", 0, TOKEN)
    ready = threading.Event()
    config = uvicorn.Config(application(served, Limits(), 0.002, TOKEN), log_config=None, access_log=False)
    server = Server(config, ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
    thread.start()
    assert ready.wait(30)
    yield url_of(taken)
    server.should_exit = True
    thread.join()


def assert_fits(tab: Tab) -> None:
    for width in (390, 1200):
        tab.resize(width)
        assert tab.value("document.documentElement.scrollWidth") <= width


def test_images_that_are_chosen_get_bars(url: str, served: Served, tmp_path: Path) -> None:
    files = [write_image(tmp_path / f"{i}.png", seed=i, size=(20, 14)) for i in range(2)]
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    sent = [("images", (file.name, file.read_bytes())) for file in files]
    expected = TestClient(application(served, Limits(), 0)).post("/predict", files=sent).json()["predictions"]
    with opened(url, tmp_path / "profile") as tab:
        tab.wait_for("document.querySelector('h1')?.textContent === 'tiny'")
        about = tab.value("document.querySelector('#about').textContent")
        assert about == "10 classes; images are brought to 8×8, grey."
        assert tab.value("document.querySelector('#secret').hidden") is False
        tab.choose("#files", files[:1])
        tab.wait_for("document.querySelector('.tile .wrong')?.textContent.startsWith('the token is missing')")
        tab.value(f"document.querySelector('#token').value = '{TOKEN}'")
        tab.choose("#files", [*files, broken])
        tab.wait_for("document.querySelector('#status').textContent === '4 of 4 classified'")
        texts = tab.value("[...document.querySelectorAll('.tile p')].map(p => p.innerText)")
        assert texts[0].startswith("image 1 (broken.png): not an image that can be read")
        assert texts[1:3] == [f"{one['predicted']}\n{one['file']}" for one in reversed(expected)]
        widths = tab.value(f"[...{BARS.format(2)}].map(bar => parseFloat(bar.style.width))")
        largest = sorted(expected[0]["probabilities"].values(), reverse=True)[:5]
        assert widths == pytest.approx([100 * share for share in largest], abs=1e-3)
        assert tab.value(f"[...{BARS.format(2)}].map(bar => bar.className)") == ["right", "", "", "", ""]
        tab.wait_for("[...document.querySelectorAll('.tile img')].filter(i => i.naturalWidth > 0).length === 3")
        assert_fits(tab)
        assert [said for said in tab.said if "status of 401" not in said and "status of 422" not in said] == []


def test_the_page_for_programs_is_all_there(url: str, tmp_path: Path) -> None:
    with opened(f"{url}/docs", tmp_path / "profile") as tab:
        tab.wait_for("document.querySelectorAll('h2').length === 4")
        assert "Authorization: Bearer $CNNBENCH_TOKEN" in tab.value("document.body.innerText")
        loaded = tab.value("performance.getEntriesByType('resource').map(e => e.name)")
        assert [name for name in loaded if not name.endswith("/favicon.ico")] == []
        assert_fits(tab)
