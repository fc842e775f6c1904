"""A result at a glance: three lines for a prompt, a small page for a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from cnnbench.runs.status import is_alive, shown_state
from cnnbench.text import NOTHING, count, duration, percent, printable

if TYPE_CHECKING:
    from cnnbench.experiment.result import Result

WIDE, HIGH = 240, 72  # pixels of the curve
CURVES = {"accuracy": ("training", "#0072B2"), "val_accuracy": ("validation", "#E69F00")}


def as_text(result: Result) -> str:
    """Return what it is, what it reached and where to look further, a line each."""
    facts = _facts(result)
    lines = (
        f"{_name(result)}, {facts['state']}: {result.path}",
        f"test accuracy {facts['test accuracy']}",
        f"{facts['epochs']} epochs in {facts['time']}; report: {result.report}",
    )
    return "\n".join(" ".join(printable(line).splitlines()) for line in lines)


def as_html(result: Result) -> str:
    """Return a heading, a small table and the accuracy's curves."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(what)}</th><td style='text-align:left'>{escape(said)}</td></tr>"
        for what, said in {**_facts(result), "folder": printable(str(result.path))}.items()
    )
    return f"<h4>{escape(_name(result))}</h4><table>{rows}</table>{_curves(result.history)}"


def _name(result: Result) -> str:
    return printable(result.name).replace("\n", " ")


def _facts(result: Result) -> dict[str, str]:
    status = result.status
    state = shown_state(status, is_alive(result.path, status)) + (" (smoke)" if status.get("smoke") else "")
    epochs = f"{len(result.history)} of {status.get('epochs', NOTHING)}"
    return {
        "state": state,
        "test accuracy": _accuracy(result),
        "epochs": epochs,
        "time": duration(status.get("seconds")),
    }


def _accuracy(result: Result) -> str:
    found = result.metrics
    if not found:
        return "not measured (yet)"
    low, high = found["accuracy_interval"]
    return (
        f"{percent(found['accuracy'])} of {count(found['images'])} images, "
        f"95 % interval {percent(low)} to {percent(high)}"
    )


def _curves(history: Sequence[Mapping[str, float]]) -> str:
    """Return accuracy by epoch as SVG, "" where there are not two epochs to draw a line between."""
    drawn = {name: [row[name] for row in history if name in row] for name in CURVES}
    lines = [_line(values, *CURVES[name]) for name, values in drawn.items() if len(values) > 1]
    if not lines:
        return ""
    ends = f'<text x="0" y="10">100 %</text><text x="0" y="{HIGH}">0 %, epochs 1 to {len(history)}</text>'
    style = 'style="font:11px sans-serif;fill:currentColor;overflow:visible"'
    return f'<svg width="{WIDE}" height="{HIGH}" role="img" {style}><title>Accuracy</title>{ends}{"".join(lines)}</svg>'


def _line(values: Sequence[float], name: str, color: str) -> str:
    last = len(values) - 1
    points = " ".join(f"{WIDE * i / last:.1f},{HIGH * (1 - value):.1f}" for i, value in enumerate(values))
    return (
        f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2">'
        f"<title>{name} accuracy, at last {percent(values[-1])}</title></polyline>"
    )
