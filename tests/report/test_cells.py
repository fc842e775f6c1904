"""The cells of a page's confusion matrix in headless Chromium, by pointer and keys, under the page's own policy."""

from __future__ import annotations

import json
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

from cnnbench.report.write import write_report
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.report.test_browser import CHROMIUM, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.drawn,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)"),
]

TRY = """
onload = () => {
  const page = f.contentDocument, matrix = page.querySelector(".matrix"), box = matrix.querySelector("image");
  const opened = () => ({
    open: [...page.querySelectorAll("#confusion details[open]")].map(e => e.id),
    said: page.querySelector("#confusion [role=status]").textContent,
    shown: [...page.querySelectorAll("#confusion details[open] img")].filter(e => e.clientWidth > 20).length,
    focused: page.activeElement.closest("details")?.id ?? page.activeElement.className,
  });
  const click = (row, column, classes) => {
    const seen = box.getBoundingClientRect();
    const clientX = seen.left + seen.width * (column + 0.5) / classes;
    const clientY = seen.top + seen.height * (row + 0.5) / classes;
    const event = new f.contentWindow.MouseEvent("click", { bubbles: true, clientX, clientY });
    matrix.querySelector("svg").dispatchEvent(event);
    return opened();
  };
  const press = (place, ...keys) => {
    for (const key of keys) place.dispatchEvent(new f.contentWindow.KeyboardEvent("keydown", { key, bubbles: true }));
    return opened();
  };
  const found = STEPS;
  found.needed = page.documentElement.scrollWidth;
  out.textContent = JSON.stringify(found);
};
"""


def tried(tmp_path: Path, run: RunDir, width: int, steps: str) -> dict[str, Any]:
    """Return what steps find in the page, unchanged, in a frame of this width."""
    page = escape(run.report.read_text(encoding="utf-8"), quote=True)
    frame = f'<iframe id="f" style="width:{width}px;height:900px;border:0" srcdoc="{page}"></iframe>'
    outer = tmp_path / "outer.html"
    script = TRY.replace("STEPS", steps)
    outer.write_text(f'<meta charset="utf-8">{frame}<pre id="out"></pre><script>{script}</script>', encoding="utf-8")
    dom = chromium(tmp_path, outer, "--virtual-time-budget=10000", "--dump-dom")
    found: dict[str, Any] = json.loads(unescape(dom.partition('<pre id="out">')[2].partition("</pre>")[0]))
    return found


@pytest.mark.parametrize("width", [390, 1280])
def test_a_cell_opens_its_images(width: int, tmp_path: Path, run: RunDir) -> None:
    write_report(run)
    found = Run(run.path).predictions
    assert found is not None
    matrix = found.confusion_matrix()
    (true, predicted), images = max(
        (((t, p), int(matrix[t, p])) for t in range(10) for p in range(10) if t != p), key=lambda one: one[1]
    )
    empty = next(p for p in range(10) if matrix[true, p] == 0)
    steps = f"""{{
      clicked: click({true}, {predicted}, 10),
      empty: click({true}, {empty}, 10),
      entered: (matrix.focus(), press(matrix, ...Array({abs(predicted - empty)}).fill("{
        "ArrowRight" if predicted > empty else "ArrowLeft"
    }"), "Enter")),
      back: press(page.activeElement, "Escape"),
      edge: press(matrix, ...Array(20).fill("ArrowUp"), ...Array(20).fill("ArrowLeft")),
    }}"""
    seen = tried(tmp_path, run, width, steps)
    cell, said = f"cell-{true}-{predicted}", f"{true}, taken for {predicted}: {images} images"
    assert seen["clicked"] == {"open": [cell], "said": said, "shown": images, "focused": cell}
    assert seen["empty"]["open"] == [] and seen["empty"]["said"].endswith(": no picture is kept of such an image")
    assert seen["entered"] == seen["clicked"]
    assert seen["back"]["focused"] == "matrix"
    assert seen["edge"]["said"].startswith("0, classified right: ")
    assert seen["needed"] <= width


def test_a_hundred_classes_have_cells_too(tmp_path: Path, drawn: Any) -> None:
    run = drawn("hundred")
    found = Run(run.path).predictions
    assert found is not None
    true, predicted = (int(i) for i in divmod(int(found.confusion_matrix().argmax()), 100))
    seen = tried(tmp_path, run, 1280, f"({{clicked: click({true}, {predicted}, 100)}})")["clicked"]
    assert seen["open"] == [f"cell-{true}-{predicted}"] and seen["shown"] >= 1
    assert seen["said"].startswith(f"{found.class_names[true]}, ")
