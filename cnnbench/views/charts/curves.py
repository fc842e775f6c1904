"""Curves over the epochs of one training or of several: loss, accuracy, error rate, learning rate, true positives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.text import count
from cnnbench.views.figure import PHONE, Panel
from cnnbench.views.style import ANY, BLUE, GREY, INK, POSITIVE, RED, SHARE, Ends, explained, within

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row = Mapping[str, float]
History = Sequence[Row]
Value = Callable[[Row], float | None]

MARKERS_UP_TO = 25  # epochs; more would run into each other


@dataclass(frozen=True)
class Series:
    """What one colour stands for: the histories of one training or of several, and what is taken of every epoch."""

    name: str
    histories: Sequence[History]
    value: Value
    color: str
    marker: str


@dataclass(frozen=True)
class Measured:
    """What a panel of curves shows: where its values can lie, and how a row of a history has it."""

    title: str
    unit: str
    possible: Ends
    of: Callable[[str], Value]


def column(name: str) -> Value:
    """Return what takes a column of a history."""
    return lambda row: row.get(name)


def wrong(name: str) -> Value:
    """Return what takes the share that is not right of a column with the share that is."""
    return lambda row: None if row.get(name) is None else 1 - row[name]


LOSS = Measured("Loss", "mean loss per image", POSITIVE, lambda part: column(f"{part}loss"))
ACCURACY = Measured("Accuracy", "share of images", SHARE, lambda part: column(f"{part}accuracy"))
ERROR = Measured("Error rate", "share of images", SHARE, lambda part: wrong(f"{part}accuracy"))
PARTS = {"training": ("", BLUE, "o"), "validation": ("val_", RED, "s")}


def both_parts(
    histories: Sequence[History], measured: Measured, kept_epoch: int | None = None, borders: Sequence[int] = ()
) -> Panel:
    """Return a panel of what was measured on training and, where there are, on validation images; see `curves`."""
    series = [
        Series(part, histories, measured.of(prefix), color, marker) for part, (prefix, color, marker) in PARTS.items()
    ]
    return curves(measured, series, kept_epoch, columns=3 if len(histories) == 1 else 1, borders=borders)


def curves(
    measured: Measured,
    series: Sequence[Series],
    kept_epoch: int | None = None,
    columns: int = 3,
    borders: Sequence[int] = (),
) -> Panel:
    """Return a panel with a curve for each series: of several trainings their mean, and all of them behind it.

    The band from the lowest to the highest and the mean end with the training that stopped first: beyond it they would
    be of other trainings. The epoch whose weights were kept is marked, and so are the ends of the epochs after which a
    stage of the training began, the `borders`.
    """

    def draw(axes: Axes) -> None:
        for one in series:
            _several(axes, one) if len(one.histories) > 1 else _single(axes, one)
        _separate(axes, borders)
        _lay_out(axes, measured, [history for one in series for history in one.histories], kept_epoch, columns)

    return Panel(draw, PHONE, 2.5 if columns > 1 else 2.4 + 0.16 * len(series))


def learning_rate(
    history: History,
    by_step: Sequence[tuple[float, float]] = (),
    kept_epoch: int | None = None,
    borders: Sequence[int] = (),
) -> Panel:
    """Return a panel of the rate, step by step where it moves within epochs; epoch e begins at e - 0.5.

    `by_step` has the rate by epochs gone.
    """

    def draw(axes: Axes) -> None:
        if by_step:
            gone, rates = np.array(by_step).T
            axes.plot(gone + 0.5, rates, color=INK)
        else:
            epochs, rates = _points(history, column("learning_rate"))
            axes.plot(epochs, rates, color=INK, drawstyle="steps-mid", marker=_marker(history, "."))
        rates = rates[np.isfinite(rates)]
        highest, lowest = float(rates.max(initial=0)), float(rates.min(initial=np.inf))
        if not by_step and 0 < 20 * lowest < highest:
            _decades(axes, highest / lowest)
        else:
            axes.set_ylim(0, 1.1 * highest or 1)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        _separate(axes, borders)
        _lay_out(axes, Measured("Learning rate", "learning rate", ANY, column), [history], kept_epoch)

    return Panel(draw)


def true_positives(history: History, images: Mapping[str, int], kept_epoch: int | None = None) -> Panel:
    """Return a panel of the images whose class has a probability above 0.5, as a share of those of each part."""

    def value(part: str, prefix: str) -> Value:
        return lambda row: row[f"{prefix}true_positives"] / images[part] if f"{prefix}true_positives" in row else None

    measured = Measured("True positives", "share of images", SHARE, column)
    series = [
        Series(part, [history], value(part, prefix), color, marker)
        for part, (prefix, color, marker) in PARTS.items()
        if images.get(part)
    ]
    return curves(measured, series, kept_epoch)


def together(histories: Sequence[History], value: Value) -> Iterator[tuple[int, list[float]]]:
    """Yield each epoch that all of the trainings came to, and their values."""
    for rows in zip(*histories, strict=False):
        values = [value(row) for row in rows]
        if found := [one for one in values if one is not None]:
            yield int(rows[0]["epoch"]), found


def _single(axes: Axes, one: Series) -> None:
    for history in one.histories:
        epochs, values = _points(history, one.value)
        if np.isfinite(values).any():
            axes.plot(epochs, values, color=one.color, marker=_marker(history, one.marker), label=one.name)


def _several(axes: Axes, one: Series) -> None:
    found = list(together(one.histories, one.value))
    if not found:
        return
    for number, history in enumerate(one.histories, 1):
        told = f"_{one.name}, run {number}"
        axes.plot(*_points(history, one.value), color=one.color, linewidth=0.7, alpha=0.45, label=told, gid=one.name)
    epochs, values = [epoch for epoch, _ in found], [values for _, values in found]
    low, high = list(map(min, values)), list(map(max, values))
    axes.fill_between(epochs, low, high, color=one.color, alpha=0.18, linewidth=0, gid=one.name)
    name = f"{one.name}, mean of {count(len(one.histories))}"
    style: dict[str, Any] = {"color": one.color, "marker": _marker(found, one.marker)}
    axes.plot(epochs, list(map(np.mean, values)), linewidth=2, label=name, gid=one.name, **style)


def _lay_out(
    axes: Axes, measured: Measured, histories: Sequence[History], kept_epoch: int | None, columns: int = 3
) -> None:
    from matplotlib.ticker import MaxNLocator

    within(axes, y=measured.possible)
    if kept_epoch:
        axes.axvline(kept_epoch, color=GREY, linestyle="--", linewidth=1.2, zorder=1, label=f"kept ({kept_epoch})")
    explained(axes, measured.title, columns)
    axes.set(
        xlabel="epoch", ylabel=measured.unit, xlim=(0.5, max((h[-1]["epoch"] for h in histories if h), default=1) + 0.5)
    )
    axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, min_n_ticks=1))


def _separate(axes: Axes, borders: Sequence[int]) -> None:
    for last in borders:
        label = "next stage" if last == borders[0] else None
        axes.axvline(last + 0.5, color=GREY, linewidth=0.7, zorder=0, label=label)


def _decades(axes: Axes, span: float) -> None:
    """Use a logarithmic scale whose ticks are named by the axis' own formatter alone."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if span < 100 else (1,)))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _points(history: History, value: Value) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    found = [value(row) for row in history]
    values = np.array([np.nan if one is None else one for one in found], dtype=np.float64)
    return np.array([row["epoch"] for row in history], dtype=np.float64), values


def _marker(points: Sequence[object], marker: str) -> str | None:
    return marker if len(points) <= MARKERS_UP_TO else None
