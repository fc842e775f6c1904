"""Plots of a comparison: overlaid learning curves, accuracies with intervals, differences of F1 per class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cnnbench.compare.disagreements import ClassF1
from cnnbench.compare.runs import Group
from cnnbench.numbers import mean
from cnnbench.text import label
from cnnbench.views.style import BLUE, GREEN, GREY, ORANGE, RED, SHARE, new_figure, styled, within

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLORS = (BLUE, ORANGE, GREEN, RED, "#CC79A7", "#56B4E9", "#000000", "#A0A000")  # Okabe and Ito, yellow darkened
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DRAWN = len(COLORS)  # groups; more could not be told apart
CLASSES = 40
NAME_LIMIT = 36
MARKERS_UP_TO = 25  # epochs
CURVES = {"val_loss": ("Validation loss", "mean loss per image"), "val_accuracy": ("Validation accuracy", "share")}


@styled
def learning_curves(groups: Sequence[Group]) -> Figure:
    """Draw loss and accuracy on validation images per epoch; of several runs the mean and, as a band, all of them.

    Of more than `DRAWN` groups the first are drawn.
    """
    figure = new_figure(9, 4.4)
    for axes, (name, (title, unit)) in zip(figure.subplots(1, 2), CURVES.items(), strict=True):
        for at, group in enumerate(groups[:DRAWN]):
            _curve(axes, group, name, at)
        axes.set_title(title)
        axes.set_ylabel(unit)
        axes.set_xlabel("epoch")
        axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        if name == "val_loss":
            axes.set_ylim(bottom=0)
        else:
            within(axes, y=SHARE)
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=2)
    return figure


def validated(groups: Sequence[Group]) -> bool:
    """Return whether there are curves to draw: whether any of the runs was validated."""
    return any(curve(group, name)[0].size for group in groups[:DRAWN] for name in CURVES)


def curve(group: Group, name: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the epochs (e,) of a group's runs, and lowest, mean and highest value in each of them (3, e).

    An epoch that only some of the runs came to has the values of those.
    """
    by_epoch: dict[int, list[float]] = {}
    for row in (row for run in group.runs for row in run.history if name in row):
        by_epoch.setdefault(int(row["epoch"]), []).append(row[name])
    epochs = sorted(by_epoch)
    values = [(min(by_epoch[e]), mean(by_epoch[e]), max(by_epoch[e])) for e in epochs]
    return np.array(epochs, dtype=np.int64), np.array(values, dtype=np.float64).reshape(-1, 3).T


@styled
def accuracies(groups: Sequence[Group], baseline: Group) -> Figure:
    """Draw every group's test accuracy with its 95 % interval, the best on top, and a line at the baseline's."""
    figure = new_figure(8, 1.3 + 0.36 * max(len(groups), 3))
    axes = figure.subplots()
    rows = range(len(groups) - 1, -1, -1)
    for row, group in zip(rows, groups, strict=True):
        color = BLUE if group.single else RED
        if group.accuracy_interval is not None:
            axes.hlines(row, *_percent(group.accuracy_interval), color=color, linewidth=2.4)
        middle, marker = 100 * mean(group.values("accuracy")), "o" if group.single else "D"
        axes.plot(middle, row, marker=marker, color=color, linestyle="none")
        if not group.single:
            runs = _percent(group.values("accuracy"))
            axes.plot(runs, np.full(len(runs), row), marker="|", color="black", linestyle="none", markersize=9)
    reference = 100 * mean(baseline.values("accuracy"))
    axes.axvline(reference, color=GREY, linestyle="--", linewidth=1.2, zorder=0)
    axes.set_yticks(list(rows), [_name(group) for group in groups])
    axes.set_ylim(-0.7, len(groups) - 0.3)
    within(axes, x=(0, 100))
    axes.set_xlabel("test accuracy in %, with 95 % interval")
    figure.legend(handles=_kinds(groups), loc="outside upper center", ncols=2)
    return figure


@styled
def class_differences(lines: Sequence[ClassF1], groups: Sequence[Group], baseline: Group) -> Figure:
    """Draw F1 minus the baseline's of every class, the largest differences on top; at most `CLASSES` of them."""
    others = [(at, group) for at, group in enumerate(groups) if group is not baseline]
    shown = list(lines[:CLASSES])[::-1]
    figure = new_figure(8, 1.6 + 0.3 * max(len(shown), 4))
    axes = figure.subplots()
    axes.axvline(0, color="black", linewidth=1)
    for column, (at, group) in enumerate(others):
        if at >= DRAWN:
            break
        values = [line.differences[column] for line in shown]
        rows = range(len(shown))
        axes.scatter(values, rows, s=34, color=COLORS[at], marker=MARKERS[at], label=_name(group), zorder=2)
    axes.set_yticks(range(len(shown)), [label(line.name) for line in shown])
    axes.set_ylim(-0.7, len(shown) - 0.3)
    widest = max((abs(d) for line in shown for d in line.differences), default=0) or 0.01
    axes.set_xlim(-1.15 * widest, 1.15 * widest)
    axes.set_xlabel(f"F1 minus that of {_name(baseline)}")
    figure.legend(loc="outside upper center", ncols=2)
    return figure


def _curve(axes: Axes, group: Group, name: str, at: int) -> None:
    epochs, values = curve(group, name)
    if not epochs.size:
        return
    low, mean, high = values
    color = COLORS[at]
    marker = MARKERS[at] if len(epochs) <= MARKERS_UP_TO else None
    axes.plot(epochs, mean, color=color, marker=marker, markersize=4, label=_name(group))
    if not group.single:
        axes.fill_between(epochs, low, high, color=color, alpha=0.18, linewidth=0)


def _kinds(groups: Sequence[Group]) -> list[object]:
    """Return what the legend tells of the marks that are drawn."""
    from matplotlib.lines import Line2D

    kinds: Mapping[bool, tuple[str, str, str]] = {
        True: (BLUE, "o", "one run, Wilson interval over images"),
        False: (RED, "D", "mean of runs (ticks), t interval over runs"),
    }
    wanted = [kinds[single] for single in (True, False) if any(group.single is single for group in groups)]
    return [Line2D([], [], color=color, marker=marker, label=text) for color, marker, text in wanted]


def _percent(shares: Sequence[float]) -> NDArray[np.float64]:
    return 100 * np.asarray(shares, dtype=np.float64)


def _name(group: Group) -> str:
    return label(group.name, NAME_LIMIT)
