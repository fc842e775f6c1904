"""The page as a browser shows it: headless Chromium on a copy of the page with a script that measures it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import escape, unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnbench.runs.folder import RunDir

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.drawn,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)"),
]

NAMES = ["two", "ten", "hundred", "hostile", "interrupted"]

MEASURE = """
<script>
addEventListener("load", () => {
  const images = [...document.images];
  const edge = document.documentElement.clientWidth;
  const boxed = e => e.closest(".scroll, .panel > div, .bars");
  const outside = e => !boxed(e) && e.getBoundingClientRect().right > edge + 1;
  const beyond = [...document.body.querySelectorAll("*")].filter(outside);
  const found = {
    images: images.length,
    broken: images.filter(i => !(i.complete && i.naturalWidth > 0)).length,
    inside: edge,
    needed: document.documentElement.scrollWidth,
    beyond: beyond.map(e => e.outerHTML.slice(0, 80)),
    loaded: performance.getEntriesByType("resource").map(e => e.name).filter(n => !n.startsWith("data:")),
    alerted: window.alerted === true,
    heading: document.querySelector("h1").textContent,
  };
  const pre = document.createElement("pre");
  pre.id = "measured";
  pre.textContent = JSON.stringify(found);
  document.body.append(pre);
});
</script>
"""
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
WATCH = "<script>window.alert = () => { window.alerted = true; };</script>"


def chromium(tmp_path: Path, page: Path, *arguments: str) -> str:
    """Open a page from disk and return what Chromium prints."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    command = [str(CHROMIUM), *options, profile, "--hide-scrollbars", *arguments, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def instrumented(run: RunDir) -> str:
    """The page with its policy replaced by scripts that measure it."""
    page, policies = POLICY.subn(WATCH, run.report.read_text(encoding="utf-8"))
    assert policies == 1
    return page.replace("</body>", MEASURE + "</body>")


def measured(tmp_path: Path, run: RunDir, width: int) -> dict[str, Any]:
    """Return what the page measures of itself in a frame of this width; a window cannot be that narrow."""
    page = escape(instrumented(run), quote=True)
    frame = f'<iframe id="f" style="width:{width}px;height:900px;border:0" srcdoc="{page}"></iframe>'
    copy = 'onload = () => out.textContent = f.contentDocument.getElementById("measured").textContent'
    outer = tmp_path / "outer.html"
    outer.write_text(f'<meta charset="utf-8">{frame}<pre id="out"></pre><script>{copy}</script>', encoding="utf-8")
    dom = chromium(tmp_path, outer, "--virtual-time-budget=10000", "--dump-dom")
    found: dict[str, Any] = json.loads(unescape(dom.partition('<pre id="out">')[2].partition("</pre>")[0]))
    return found


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("name", NAMES)
def test_page_fits_and_all_its_images_decode(tmp_path, drawn, name, width):
    found = measured(tmp_path, drawn(name), width)
    assert found["images"] >= (0 if name == "interrupted" else 12)
    assert found["broken"] == 0
    assert found["inside"] == width
    assert found["needed"] <= width
    assert found["beyond"] == []
    assert found["loaded"] == []
    assert found["alerted"] is False
    assert found["heading"] == "digits-linear"


def test_the_measurement_notices_a_page_that_is_too_wide(tmp_path, drawn):
    run = RunDir(tmp_path / "wide")
    run.path.mkdir()
    page = drawn("ten").report.read_text(encoding="utf-8")
    spoilt = '</header><div style="width:700px">x</div><img src="data:image/png;base64,AAAA" alt="">'
    run.report.write_text(page.replace("</header>", spoilt), encoding="utf-8")
    found = measured(tmp_path, run, 390)
    assert found["needed"] > 390
    assert found["broken"] == 1


@pytest.mark.parametrize(("name", "accuracy"), [("ten", "90.54"), ("hundred", "83.80"), ("interrupted", "91.44")])
def test_page_opens_from_disk_with_its_own_policy(tmp_path, drawn, name, accuracy):
    dom = chromium(tmp_path, drawn(name).report, "--dump-dom")
    assert f"{accuracy} %" in dom
    assert "<h2>Configuration</h2>" in dom and dom.count("<svg") >= 5


def test_page_is_drawn(tmp_path, drawn):
    picture = tmp_path / "page.png"
    chromium(tmp_path, drawn("ten").report, f"--screenshot={picture}", "--window-size=1200,2000")
    pixels = np.asarray(Image.open(picture).convert("RGB"), dtype=int)
    blue = np.abs(pixels - [0, 0x72, 0xB2]).sum(axis=2) < 12
    assert pixels.shape == (2000, 1200, 3)
    assert blue.sum() > 2000  # the curves and the links
