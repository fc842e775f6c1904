"""A result at a glance: three lines for a prompt, a small page for a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from cnnbench.runs.status import is_alive, shown_state
from cnnbench.text import NOTHING, count, duration, percent, printable

if TYPE_CHECKING:
    from cnnbench.experiment.result import Result

LEFT, WIDE, HIGH, GAP = 64, 280, 84, 10  # pixels left of the curve, of the curve, and around texts
LEFTMOST = "style='text-align:left;white-space:nowrap'"
CURVES = {"accuracy": ("training", "#0072B2"), "val_accuracy": ("validation", "#E69F00")}


def as_text(result: Result) -> str:
    """Return what it is, what it reached and where to look further, a line each."""
    facts = _facts(result)
    lines = (
        f"{_name(result)}, {facts['state']}: {result.path}",
        f"test accuracy {facts['test accuracy']}",
        f"{_took(facts)}; report: {result.report}",
    )
    return "\n".join(" ".join(printable(line).splitlines()) for line in lines)


def _took(facts: Mapping[str, str]) -> str:
    return f"{facts['epochs']} epochs in {facts['time']}" if "epochs" in facts else f"fitted in {facts['time']}"


def as_html(result: Result) -> str:
    """Return a heading, a small table and the accuracy's curves."""
    facts = {**_facts(result), "folder": printable(str(result.path))}
    cells = (
        (f"<th {LEFTMOST}>{escape(what)}</th>", f"<td {LEFTMOST}>{escape(said)}</td>") for what, said in facts.items()
    )
    rows = "".join(f"<tr>{what}{said}</tr>" for what, said in cells)
    return f"<h4>{escape(_name(result))}</h4><table>{rows}</table>{_curves(result.history)}"


def _name(result: Result) -> str:
    return printable(result.name).replace("\n", " ")


def _facts(result: Result) -> dict[str, str]:
    status = result.status
    state = shown_state(status, is_alive(result.path, status)) + (" (smoke)" if status.get("smoke") else "")
    fitted = result.status.get("epochs") == 0 and "fit" in result.metrics
    epochs = {} if fitted else {"epochs": f"{len(result.history)} of {status.get('epochs', NOTHING)}"}
    return {
        "state": state,
        "test accuracy": _accuracy(result),
        **epochs,
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
    drawn = {name: values for name, values in drawn.items() if len(values) > 1}
    if not drawn:
        return ""
    low, high = min(map(min, drawn.values())), max(map(max, drawn.values()))
    texts = [_text(LEFT - GAP, GAP, percent(high), end=True), _text(LEFT - GAP, HIGH, percent(low), end=True)]
    for at, (name, values) in enumerate(drawn.items()):
        what, color = CURVES[name]
        texts.append(_text(LEFT + at * WIDE / 2, HIGH + 2 * GAP, f"{what} {percent(values[-1])}", color))
    lines = [_line(values, low, high, CURVES[name][1]) for name, values in drawn.items()]
    size = f'width="{LEFT + WIDE + 2 * GAP}" height="{HIGH + 3 * GAP}"'
    title = f"<title>Accuracy of epochs 1 to {len(history)}</title>"
    return f'<svg {size} role="img" style="font:12px sans-serif">{title}{"".join((*texts, *lines))}</svg>'


def _text(x: float, y: float, text: str, color: str = "currentColor", end: bool = False) -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="{color}" text-anchor="{"end" if end else "start"}">{text}</text>'


def _line(values: Sequence[float], low: float, high: float, color: str) -> str:
    across, up = WIDE / (len(values) - 1), (HIGH - 2) / (high - low or 1)
    points = " ".join(f"{LEFT + i * across:.1f},{1 + up * (high - value):.1f}" for i, value in enumerate(values))
    return f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>'
