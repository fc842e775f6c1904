"""A network's picture as SVG: boxes from top to bottom, paths side by side, a frame around what comes several times.

Colours are the theme's where the picture stands in a page, and its own where it is a file by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise

from scripts.docs.networks import Box, Fork, Part, Repeat, family

LINE, GAP, ASIDE, PADDING = 17, 14, 18, 10  # pixels: a line of text, between boxes, between paths, inside a box
LETTER = 6.4  # width of a letter of 12 pixels, about; boxes are as wide as their longest line
COLOURS = {
    "convolution": "#3f7fd0",
    "dense": "#7a5cc9",
    "pooling": "#d08a2d",
    "normalisation": "#4a9a6a",
    "other": "#888888",
}
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:var(--md-default-fg-color,#222);text-anchor:middle}"
    ".m{font-size:11px;fill:var(--md-default-fg-color--light,#666)}"
    ".l{fill:none;stroke:var(--md-default-fg-color--light,#777)}"
    ".f{fill:none;stroke:var(--md-default-fg-color--lighter,#aaa);stroke-dasharray:4 3}"
    + "".join(f".{name}{{fill:{colour};fill-opacity:.16;stroke:{colour}}}" for name, colour in COLOURS.items())
)
_ATTACHED = ("normalisation", "other")  # stand right below what they follow


@dataclass(frozen=True)
class Drawn:
    """What is drawn: its size, and a function that returns its elements with the middle of its top at (x, y)."""

    width: float
    height: float
    at: Callable[[float, float], list[str]]
    joined: bool = False  # stands right below what is above it, without a line between
    framed: bool = False  # nothing is joined to a frame


def picture(parts: Sequence[Part], title: str, top: str) -> str:
    """Return the SVG of a network; `title` is its text for those who do not see it, `top` what goes into it."""
    whole = _column([replace(_pill(top), framed=True), *map(_drawn, parts)])
    width, height = whole.width + 2 * PADDING, whole.height + 2 * PADDING
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    inside = "".join(whole.at(width / 2, PADDING))
    named = f'role="img" aria-label="{escape(title)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {named}><style>{_STYLE}</style>{inside}</svg>'


def _drawn(part: Part) -> Drawn:
    if isinstance(part, Box):
        return _box(part)
    return _fork(part) if isinstance(part, Fork) else _frame(part)


def _box(box: Box) -> Drawn:
    kind = family(box.kind)
    joined = kind in _ATTACHED
    count = f" · {box.weights:,}" if box.weights else ""
    lines = [box.title + count] if joined else [box.title, box.shape + count]
    width, height = max(map(len, lines)) * LETTER + 2 * PADDING, LINE * len(lines) + 4

    def at(x: float, y: float) -> list[str]:
        return [_rectangle(x, y, width, height, kind), *_texts(x, y, lines)]

    return Drawn(width, height, at, joined)


def _pill(text: str) -> Drawn:
    width = len(text) * LETTER + 2 * PADDING

    def at(x: float, y: float) -> list[str]:
        round_ = (
            f'<rect class="l" x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{LINE + 4}" rx="10"/>'
        )
        return [round_, *_texts(x, y, [text])]

    return Drawn(width, LINE + 4, at)


def _column(items: Sequence[Drawn]) -> Drawn:
    """Put items below each other, joined by lines."""
    gaps = [0, *(0 if below.joined and not above.framed else GAP for above, below in pairwise(items))][: len(items)]
    height = sum(item.height for item in items) + sum(gaps)

    def at(x: float, y: float) -> list[str]:
        found = []
        for item, gap in zip(items, gaps, strict=True):
            found += [_line(x, y, x, y + gap)] if gap else []
            found += item.at(x, y + gap)
            y += gap + item.height
        return found

    return Drawn(max((item.width for item in items), default=0), height, at)


def _fork(fork: Fork) -> Drawn:
    """Put paths side by side between two bars, above what merges them."""
    paths = [_column([_drawn(part) for part in path]) for path in fork.paths]
    widths = [max(path.width, 2 * ASIDE) for path in paths]
    tallest = max(path.height for path in paths)
    end = _pill(f"{fork.merge} · {fork.shape}")
    across = sum(widths) + ASIDE * (len(paths) - 1)
    height = tallest + 2 * GAP + end.height

    def at(x: float, y: float) -> list[str]:
        found, left, middles = [], x - across / 2, []
        for path, width in zip(paths, widths, strict=True):
            middle = left + width / 2
            middles.append(middle)
            left += width + ASIDE
            found += [_line(middle, y, middle, y + GAP), *path.at(middle, y + GAP)]
            found.append(_line(middle, y + GAP + path.height, middle, y + tallest + 2 * GAP - GAP / 2))
        below = y + tallest + 1.5 * GAP
        bars = [_line(min([*middles, x]), bar, max([*middles, x]), bar) for bar in (y, below)]
        return [*found, *bars, _line(x, below, x, y + tallest + 2 * GAP), *end.at(x, y + tallest + 2 * GAP)]

    return Drawn(max(across, end.width), height, at)


def _frame(repeat: Repeat) -> Drawn:
    """Put a frame around what comes several times."""
    inside = _column([_drawn(part) for part in repeat.parts])
    label = f"{repeat.times} times, to {repeat.shape}"
    width = max(inside.width, len(label) * LETTER) + 2 * PADDING
    height = inside.height + 2 * PADDING + LINE

    def at(x: float, y: float) -> list[str]:
        frame = (
            f'<rect class="f" x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="8"/>'
        )
        through = [_line(x, y, x, y + PADDING)]
        return [frame, *through, *inside.at(x, y + PADDING), *_texts(x, y + height - LINE - 4, [label], "m")]

    return Drawn(width, height, at, framed=True)


def _rectangle(x: float, y: float, width: float, height: float, kind: str, rounded: int = 3) -> str:
    size = f'width="{width:.1f}" height="{height:.1f}" rx="{rounded}"'
    return f'<rect class="{kind}" x="{x - width / 2:.1f}" y="{y:.1f}" {size}/>'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path class="l" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>'


def _texts(x: float, y: float, lines: Sequence[str], first: str = "") -> list[str]:
    """Return lines of text; those after the first are smaller and paler."""
    kinds = [first, *["m"] * (len(lines) - 1)]
    places = [y + LINE * (i + 1) - 3 for i in range(len(lines))]
    return [
        f'<text{f" class={chr(34)}{kind}{chr(34)}" if kind else ""} x="{x:.1f}" y="{place:.1f}">{escape(line)}</text>'
        for line, kind, place in zip(lines, kinds, places, strict=True)
    ]
