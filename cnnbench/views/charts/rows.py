"""A row for every class, run or group: values with intervals, several scores beside each other, stacked amounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cnnbench.text import label
from cnnbench.views.figure import PHONE, Panel
from cnnbench.views.style import BLUE, COLORS, FAINT, GREY, INK, MARKERS, SHARE, Ends, explained, within

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ROWS = 120  # a plot of more is too tall to look at
NAME_LIMIT = 24
ROW = 0.19  # inches


@dataclass(frozen=True)
class Row:
    """A value with its interval, and single values it is the mean of; `kind` is what the legend calls rows like it."""

    name: str
    value: float
    interval: tuple[float, float] | None = None
    ticks: Sequence[float] = ()
    kind: str = ""
    color: str = BLUE
    marker: str = "o"


def intervals(
    rows: Sequence[Row],
    title: str,
    unit: str,
    possible: Ends = SHARE,
    reference: float | None = None,
    ticks: str = "one run",
) -> Panel:
    """Return a panel with a mark for each value and a bar for its interval, the first row on top.

    A dashed line lies at `reference`; `ticks` is what single values are called.
    """

    def draw(axes: Axes) -> None:
        if reference is not None:
            axes.axvline(reference, color=GREY, linestyle="--", linewidth=1.2, zorder=0)
        for at, row in enumerate(rows):
            if row.interval is not None:
                axes.plot(row.interval, (at, at), color=row.color, alpha=0.5, linewidth=3, solid_capstyle="butt")
            axes.plot(row.ticks, [at] * len(row.ticks), "|", color=INK, markersize=7)
        for kind in dict.fromkeys((row.kind, row.color, row.marker) for row in rows):
            points = [(row.value, at) for at, row in enumerate(rows) if (row.kind, row.color, row.marker) == kind]
            axes.plot(*zip(*points, strict=True), kind[2], color=kind[1], markersize=5, label=kind[0] or None)
        if any(row.ticks for row in rows):
            axes.plot([], [], "|", color=INK, markersize=7, label=ticks)
        _lay_out(axes, [row.name for row in rows], title, unit, possible, columns=1)

    return _panel(len(rows), draw)


def scores(
    names: Sequence[str],
    columns: Mapping[str, Sequence[float]],
    title: str,
    unit: str,
    possible: Ends = SHARE,
    colors: Sequence[str] = COLORS,
    reference: float | None = None,
) -> Panel:
    """Return a panel with a mark for each score of each row and a line that spans them, the first row on top."""

    def draw(axes: Axes) -> None:
        if reference is not None:
            axes.axvline(reference, color=INK, linewidth=1)
        values = np.array(list(columns.values()), dtype=np.float64)
        at = np.arange(len(names))
        gap = np.full(len(names), np.nan)
        spans = np.stack([values.min(axis=0), values.max(axis=0), gap], axis=1).ravel()
        axes.plot(spans, np.repeat(at, 3), color=FAINT, linewidth=1.6, zorder=1)
        for (name, found), color, marker in zip(columns.items(), colors, MARKERS, strict=False):
            axes.plot(found, at, marker, color=color, label=name, markersize=4.5)
        _lay_out(axes, names, title, unit, possible, columns=3 if max(map(len, columns)) < 12 else 1)

    return _panel(len(names), draw)


def stacked(names: Sequence[str], columns: Mapping[str, Sequence[float]], title: str, unit: str) -> Panel:
    """Return a panel with a bar for each row, made of what the columns say one after the other."""

    def draw(axes: Axes) -> None:
        left = np.zeros(len(names))
        for (name, values), color in zip(columns.items(), COLORS, strict=False):
            axes.barh(range(len(names)), values, left=left, color=color, label=name, height=0.75)
            left += np.asarray(values)
        _lay_out(axes, names, title, unit, (0, np.inf), columns=3)

    return _panel(len(names), draw)


def _lay_out(axes: Axes, names: Sequence[str], title: str, unit: str, possible: Ends, columns: int) -> None:
    axes.tick_params(axis="y", length=0, grid_alpha=0)  # before there are ticks that it would have to change
    axes.set_yticks(range(len(names)), [label(name, NAME_LIMIT) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    within(axes, x=possible)
    explained(axes, title, columns)
    axes.set_xlabel(unit)


def _panel(rows: int, draw: object) -> Panel:
    return Panel(draw, PHONE, 1.05 + ROW * max(rows, 4))  # type: ignore[arg-type]
