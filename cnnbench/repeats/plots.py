"""Plots of repeated runs: curves with a band, scores per class and accuracies with their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnbench.repeats.curves import Histories, band
from cnnbench.repeats.results import Repeats
from cnnbench.report import matrices
from cnnbench.report.curves import PARTS
from cnnbench.report.scores import MOST_ROWS, class_rows
from cnnbench.text import count
from cnnbench.views.style import BLUE, GREY, POSITIVE, RED, SHARE, new_figure, styled, within

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(found: Repeats, summary: Mapping[str, Any]) -> Iterator[tuple[str, Figure]]:
    """Yield name and figure of every plot of the finished runs."""
    yield "curves", curves([run.history for run in found.finished])
    yield "accuracy", accuracies(summary)
    yield "per_class", per_class(summary["per_class"])
    yield from _confusions(found)


@styled
def curves(histories: Histories) -> Figure:
    """Draw loss and accuracy: a thin line per run, their mean and the band between lowest and highest.

    Mean and band end where the first run ended: beyond that they would be of other runs.
    """
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(9, 3.8)
    panels = figure.subplots(1, 2)
    for axes, column, unit in zip(
        panels, ("loss", "accuracy"), ("mean loss per image", "share of images"), strict=True
    ):
        for part, (prefix, color, _) in PARTS.items():
            _banded(axes, histories, prefix + column, color, part)
        within(axes, y=SHARE if column == "accuracy" else POSITIVE)
        axes.set_title(column.capitalize())
        axes.set_ylabel(unit)
        axes.set_xlabel("epoch")
        axes.set_xlim(0.5, max(map(len, histories)) + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, min_n_ticks=1))
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=2)
    return figure


def _banded(axes: Axes, histories: Histories, column: str, color: str, part: str) -> None:
    together = [(epoch, values) for epoch, values in band(histories, column) if len(values) == len(histories)]
    if not together:
        return
    for history in histories:
        points = [(row["epoch"], row[column]) for row in history if column in row]
        axes.plot(*zip(*points, strict=True), color=color, linewidth=0.7, alpha=0.45)
    epochs, values = [epoch for epoch, _ in together], np.array([values for _, values in together])
    low, high = values.min(axis=1), values.max(axis=1)
    axes.fill_between(epochs, low, high, color=color, alpha=0.18, linewidth=0, label=f"{part}, lowest to highest")
    marker = "o" if len(epochs) == 1 else ""
    axes.plot(
        epochs,
        values.mean(axis=1),
        color=color,
        linewidth=2,
        marker=marker,
        label=f"{part}, mean of {count(len(histories))}",
    )


@styled
def accuracies(summary: Mapping[str, Any]) -> Figure:
    """Draw each run's test accuracy with its Wilson interval, and below them the mean with its t interval."""
    names, found = summary["children"], summary["metrics"]["accuracy"]
    figure = new_figure(8, 1.9 + 0.3 * (len(names) + 1))
    axes = figure.subplots()
    for row, (name, value) in enumerate(zip(names, found["values"], strict=True)):
        low, high = summary["wilson"][name]
        axes.hlines(row, low, high, color=GREY, linewidth=2, label="Wilson interval of one run" if row == 0 else "")
        axes.plot(value, row, "o", color=BLUE, label="one run" if row == 0 else "")
    if found["interval"] is not None:
        axes.hlines(len(names), *found["interval"], color=RED, linewidth=3, label="t interval over runs")
    axes.plot(found["mean"], len(names), "D", color=RED, label="mean")
    axes.axvline(found["mean"], color=RED, linewidth=0.8, linestyle="--", zorder=0)
    axes.set_yticks(range(len(names) + 1), [*names, "mean"])
    axes.set_ylim(len(names) + 0.6, -0.6)
    within(axes, x=SHARE)
    axes.set_xlabel(f"accuracy on {count(summary['images'])} test images")
    axes.set_title("Test accuracy of every run")
    figure.legend(loc="outside upper center", ncols=4)
    return figure


@styled
def per_class(lines: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw the F1 of every class: each run, the mean and its t interval, the best mean on top.

    Of more than `MOST_ROWS` classes the worst are drawn.
    """
    ordered = sorted(lines, key=lambda line: line["f1"]["mean"])[:MOST_ROWS]
    which = f"the worst {MOST_ROWS} of {len(lines)}" if len(lines) > MOST_ROWS else "sorted by mean"
    figure, axes = class_rows([line["class"] for line in ordered])
    for row, found in enumerate(line["f1"] for line in ordered):
        _f1(axes, row, found, ("t interval", "one run", "mean") if row == 0 else ("", "", ""))
    within(axes, x=SHARE)
    axes.set_xlabel("F1 (0 to 1)")
    axes.set_title(f"F1 per class, {which}")
    figure.legend(loc="outside upper center", ncols=3)
    return figure


def _f1(axes: Axes, row: int, found: Mapping[str, Any], names: Sequence[str]) -> None:
    if found["interval"] is not None:
        low, high = found["interval"]
        axes.hlines(row, low, high, color=BLUE, alpha=0.4, linewidth=4, label=names[0])
    each = found["values"]
    axes.plot(each, [row] * len(each), "|", color=GREY, markersize=8, label=names[1])
    axes.plot(found["mean"], row, "o", color=BLUE, markersize=5, label=names[2])


def _confusions(found: Repeats) -> Iterator[tuple[str, Figure]]:
    """Yield the confusion matrices of all runs together; none where a run's predictions are gone."""
    predictions = [run.predictions for run in found.finished]
    known = [one for one in predictions if one is not None]
    if len(known) < len(predictions):
        return
    total = sum((one.confusion_matrix() for one in known[1:]), start=known[0].confusion_matrix())
    yield "confusion_matrix", matrices.confusion_matrix(total, known[0].class_names)
    yield "confusion_matrix_normalized", matrices.confusion_matrix_normalized(total, known[0].class_names)
