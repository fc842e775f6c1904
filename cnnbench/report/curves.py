"""Training curves: loss, accuracy, true positives and learning rate over epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cnnbench.views.style import BLUE, GREY, POSITIVE, RED, SHARE, new_figure, styled, within

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

History = Sequence[Mapping[str, float]]

PARTS = {"training": ("", BLUE, "o"), "validation": ("val_", RED, "s")}
MARKERS_UP_TO = 25  # epochs; more would run into each other


@styled
def learning_curves(
    history: History,
    kept_epoch: int | None = None,
    images: tuple[int, int] | None = None,
    rates: Sequence[tuple[float, float]] = (),
) -> Figure:
    """Draw the history of a training, the epoch whose weights were kept marked; validation curves where there are.

    `images` is how many images training and validation have: with it their true positives, which are counts, are
    drawn so that equal shares have equal height. `rates` has the learning rate by epochs gone, where it moves within
    epochs.
    """
    figure = new_figure(9, 6.2)
    panels = figure.subplots(2, 2, sharex=True)
    (loss, accuracy), (positives, rate) = panels
    _both_parts(loss, history, "loss", "Loss", "mean loss per image")
    within(loss, y=POSITIVE)
    _both_parts(accuracy, history, "accuracy", "Accuracy", "share of images")
    within(accuracy, y=SHARE)
    _true_positives(positives, history, images)
    _learning_rate(rate, history, rates)
    for axes in panels.flat:
        if kept_epoch:
            axes.axvline(
                kept_epoch, color=GREY, linestyle="--", linewidth=1.2, zorder=1, label=f"kept epoch ({kept_epoch})"
            )
    _epoch_axes(panels[1], history)
    handles, names = loss.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=3)
    return figure


def _both_parts(axes: Axes, history: History, column: str, title: str, unit: str) -> None:
    for part, (prefix, _, _) in PARTS.items():
        _curve(axes, history, prefix + column, part)
    axes.set_title(title)
    axes.set_ylabel(unit)


def _true_positives(axes: Axes, history: History, images: tuple[int, int] | None) -> None:
    axes.set_title("True positives (probability above 0.5)")
    _curve(axes, history, "true_positives", "training")
    axes.set_ylabel("training images")
    within(axes, y=(0, images[0] if images else np.inf))
    if not np.isfinite(_column(history, "val_true_positives")).any():
        return
    other = axes.twinx()
    _curve(other, history, "val_true_positives", "validation")
    other.set_ylabel("validation images")
    within(other, y=(0, images[1] if images else np.inf))
    other.grid(False)
    other.spines.right.set_visible(True)
    for one, (_, color, _) in zip((axes, other), PARTS.values(), strict=True):
        one.tick_params(axis="y", labelcolor=color)
    if images is not None:
        _scale_alike((axes, other), images)


def _scale_alike(panels: Sequence[Axes], images: Sequence[int]) -> None:
    """Let two axes of counts show the same shares of their images."""
    limits = np.array([np.array(axes.get_ylim()) / n for axes, n in zip(panels, images, strict=True)])
    for axes, n in zip(panels, images, strict=True):
        axes.set_ylim(n * limits[:, 0].min(), n * limits[:, 1].max())


def _learning_rate(axes: Axes, history: History, by_step: Sequence[tuple[float, float]]) -> None:
    """Draw the rate step by step where it moves within epochs, else that of each epoch; epoch e begins at e - 0.5."""
    axes.set_title("Learning rate")
    axes.set_ylabel("learning rate")
    if by_step:
        gone, rates = np.array(by_step).T
        axes.plot(gone + 0.5, rates, color="black")
    else:
        rates = _column(history, "learning_rate")
        axes.plot(_column(history, "epoch"), rates, color="black", drawstyle="steps-mid", marker=_marker(history, "."))
    if not by_step and np.nanmin(rates) > 0 and np.nanmax(rates) > 20 * np.nanmin(rates):
        _decades(axes, float(np.nanmax(rates) / np.nanmin(rates)))
    else:
        axes.set_ylim(0, 1.1 * np.nanmax(rates) or 1)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")


def _decades(axes: Axes, span: float) -> None:
    """Use a logarithmic scale whose ticks are named by the axis' own formatter alone."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if span < 100 else (1,)))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _curve(axes: Axes, history: History, column: str, part: str) -> None:
    values = _column(history, column)
    if np.isfinite(values).any():
        _, color, marker = PARTS[part]
        epochs = _column(history, "epoch")
        axes.plot(epochs, values, color=color, marker=_marker(history, marker), markersize=4, label=part)


def _epoch_axes(panels: Sequence[Axes], history: History) -> None:
    from matplotlib.ticker import MaxNLocator

    last = max(_column(history, "epoch"))
    for axes in panels:
        axes.set_xlabel("epoch")
        axes.set_xlim(0.5, last + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, min_n_ticks=1))


def _marker(history: History, marker: str) -> str | None:
    return marker if len(history) <= MARKERS_UP_TO else None


def _column(history: History, name: str) -> NDArray[np.float64]:
    return np.array([row.get(name, np.nan) for row in history])
