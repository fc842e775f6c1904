"""Curves in a browser, under the page's own policy: what its script does when somebody points, types and clicks."""

from __future__ import annotations

import json
from html import escape, unescape
from typing import Any

import pytest

from cnnbench.views.charts import curves
from cnnbench.views.figure import Figure, draw
from cnnbench.views.page import Page, Section, render
from tests.report.test_browser import CHROMIUM, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.drawn,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)"),
]

HISTORY = [{"epoch": e, "loss": 1 / e, "val_loss": 2 / e} for e in range(1, 7)]

# It sits outside the page, whose policy lets nothing of others run, and does what somebody would.
DO = """
<pre id="out"></pre>
<script>
addEventListener("load", () => {
  const page = f.contentDocument, view = f.contentWindow;
  const panel = page.querySelector(".panel"), found = { foreign: view.foreign === true, focused: panel.tabIndex };
  const told = () => panel.querySelector("output").textContent;
  const press = key => panel.dispatchEvent(new view.KeyboardEvent("keydown", { key, bubbles: true }));
  const svg = panel.querySelector("svg"), box = svg.getBoundingClientRect();
  press("Home"); found.home = told();
  press("ArrowRight"); found.next = told();
  press("End"); found.end = told();
  found.dots = panel.querySelectorAll("circle").length;
  const off = [...page.querySelectorAll(".switches button")].find(one => one.textContent === "validation");
  off.click(); found.off = told(); found.pressed = off.getAttribute("aria-pressed");
  found.hidden = [...svg.querySelectorAll(".off")].map(one => view.getComputedStyle(one).display);
  off.click(); found.on = told();
  press("Escape"); found.left = told();
  const at = { clientX: box.left + box.width * 0.98, clientY: box.top + box.height / 2, bubbles: true };
  panel.dispatchEvent(new view.PointerEvent("pointermove", at)); found.pointed = told();
  out.textContent = JSON.stringify(found);
});
</script>
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("curves")
    drawn = draw([Figure("loss", "Loss", [curves.both_parts([HISTORY], curves.LOSS, kept_epoch=3)])])
    page = render(Page("t", ("1", "x"), [Section("curves", "Curves", list(drawn.values()))], "s"))
    foreign = page.replace("</main>", "<script>window.foreign = true;</script></main>")
    outer = folder / "outer.html"
    frame = f'<iframe id="f" style="width:700px;height:900px" srcdoc="{escape(foreign, quote=True)}"></iframe>'
    outer.write_text(f'<meta charset="utf-8">{frame}{DO}', encoding="utf-8")
    dom = chromium(folder, outer, "--virtual-time-budget=10000", "--dump-dom")
    told: dict[str, Any] = json.loads(unescape(dom.partition('<pre id="out">')[2].partition("</pre>")[0]))
    return told


def test_only_the_pages_own_script_runs(found):
    assert found["foreign"] is False
    assert found["home"]  # which its own script has written


def test_arrow_keys_read_the_values(found):
    assert found["focused"] == 0
    assert found["home"] == "epoch 11 training2 validation"
    assert found["next"] == "epoch 20.5 training1 validation"
    assert found["end"] == "epoch 60.1667 training0.3333 validation"
    assert (found["dots"], found["left"]) == (2, "")


def test_a_pointer_reads_the_values_next_to_it(found):
    assert found["pointed"] == found["end"]


def test_a_series_goes_and_comes_back(found):
    assert found["pressed"] == "false"
    assert found["off"] == "epoch 60.1667 training" and found["on"] == found["end"]
    assert found["hidden"] and set(found["hidden"]) == {"none"}
