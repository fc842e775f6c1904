"""The figure that studies of one key print: accuracy, macro precision, recall and F1 against its values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnbench.catalogue.measures import FOUR
from cnnbench.statistics.intervals import Mean
from cnnbench.sweep.define.sweep import Axis
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell import scales
from cnnbench.sweep.tell.axis_tables import SPLITS, AxisTable, axis_tables
from cnnbench.sweep.tell.plots_axes import lay_out_values
from cnnbench.sweep.tell.wording import NAMES
from cnnbench.views.figure import PHONE, Panel
from cnnbench.views.style import COLORS, MARKERS, explained, within

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DASHES = ("-", "--", ":", "-.")  # recall is accuracy where classes are of one size: both lines show
APART = 0.08  # of a category, between the four


def four(results: SweepResults, path: str) -> list[Panel]:
    """Return a panel for each split of which the measures are known of a key's values, [] where of none."""
    table = next((table for table in axis_tables(results) if table.path == path), None)
    if table is None:
        return []
    axis = results.sweep.axes[path]
    return [_panel(axis, table, split) for split in SPLITS if any(row.measured.get(split) for row in table.rows)]


def _panel(axis: Axis, table: AxisTable, split: str) -> Panel:
    def draw(axes: Axes) -> None:
        for at, key in enumerate(FOUR):
            found = [(v, row.measured.get(split, {}).get(key)) for v, row in zip(axis.listed, table.rows, strict=True)]
            _line(axes, axis, at, key, [(value, mean) for value, mean in found if mean is not None])
        axes.set_ylabel(f"{split} images (%)")
        within(axes, y=(0, 100))
        lay_out_values(axes, axis, axis.path)
        explained(axes, f"{split} images", 2)

    return Panel(draw, PHONE, 3.0)


def _line(axes: Axes, axis: Axis, at: int, key: str, found: Sequence[tuple[Any, Mean]]) -> None:
    """Draw one measure: means as a line with a band of intervals, where values have no order with bars."""
    ordered = sorted(found, key=lambda one: scales.place(axis, one[0]))
    apart = 0.0 if scales.is_numeric(axis) else APART * (at - 1.5)
    x = np.array([scales.place(axis, value) + apart for value, _ in ordered])
    means = [mean for _, mean in ordered]
    y = 100 * np.array([mean.mean for mean in means])
    ends = 100 * np.array([mean.interval or (mean.mean, mean.mean) for mean in means]).reshape(-1, 2).T
    style: dict[str, Any] = {"color": COLORS[at], "marker": MARKERS[at], "markersize": 4.5, "label": NAMES[key]}
    if scales.is_numeric(axis):
        axes.plot(x, y, linestyle=DASHES[at], zorder=4, **style)
        axes.fill_between(x, *ends, color=COLORS[at], alpha=0.15, linewidth=0)
    else:
        axes.errorbar(x, y, yerr=np.abs(ends - y), linestyle="none", capsize=3, zorder=4, **style)
