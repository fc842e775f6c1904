"""What drawn axes say, in words: the alternative text of a figure, made of the values that were drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.text import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

Values = NDArray[np.float64]

MOST = 10  # lines, or rows of one, that are told of one by one


def told(axes: Axes) -> str:
    """Return title, axes and what each line, set of marks and set of bars reaches where, as sentences."""
    marks = list(_marks(axes))
    more = [f"and {len(marks) - MOST} more"] if len(marks) > MOST else []
    units = " over ".join(name for name in (axes.get_ylabel(), axes.get_xlabel()) if name)
    said = [axes.get_title(), units, *marks[:MOST], *more]
    return ". ".join(" ".join(one.split()) for one in said if one) + "."


def _marks(axes: Axes) -> Iterator[str]:
    handles, names = axes.get_legend_handles_labels()
    labelled = [(handle, name) for handle, name in zip(handles, names, strict=True) if name]
    bars = [(found, "") for found in axes.containers if hasattr(found, "patches")]
    longest = max(
        reversed(list(axes.lines)), key=lambda line: np.size(line.get_xdata()), default=None
    )  # the last drawn
    for handle, name in labelled or bars or [(longest, "")]:
        if (said := _mark(handle, axes)) is not None:
            yield f"{name}: {said}" if name and said else name or said


def _mark(handle: Any, axes: Axes) -> str | None:
    """Return what a mark says besides its name, None where it says nothing."""
    if hasattr(handle, "patches"):
        return _bars(handle, axes)
    line = handle.lines[0] if hasattr(handle, "lines") else handle
    if hasattr(line, "get_offsets"):
        points = np.asarray(line.get_offsets(), dtype=np.float64)
    elif not hasattr(line, "get_xdata"):
        return None
    elif line.get_transform() is not axes.transData:
        return ""
    else:
        points = np.column_stack([np.asarray(values, dtype=np.float64) for values in line.get_data()])
    points = points[np.isfinite(points).all(axis=1)]
    return _told(points[:, 0], points[:, 1], axes) if len(points) else None


def _bars(bars: Any, axes: Axes) -> str:
    """Return what bars say, which have a row each or stand side by side."""
    if bars.orientation == "horizontal":
        places = [bar.get_y() + bar.get_height() / 2 for bar in bars]
        return _told(np.array([bar.get_width() for bar in bars]), np.array(places), axes)
    x, y = np.array([(bar.get_x() + bar.get_width() / 2, bar.get_height()) for bar in bars]).T
    kept = np.isfinite(y) & (y != 0)
    return _told(x[kept], y[kept], axes) if kept.any() else "nothing"


def _told(x: Values, y: Values, axes: Axes) -> str:
    rows = names_of(axes.yaxis)
    if rows and not names_of(axes.xaxis):
        return _by_row(x, y, rows)
    return _course(x, y, names_of(axes.xaxis))


def _course(x: Values, y: Values, names: Sequence[str]) -> str:
    """Return where a line begins and ends, and its ends upwards and downwards where these lie between."""

    def at(place: int) -> str:
        return f"{_number(y[place])} at {_name(names, x[place]) if names else _number(x[place])}"

    ordered = np.argsort(x, kind="stable").tolist()
    first, last = ordered[0], ordered[-1]
    if len(x) == 1:
        return at(first)
    said = [f"from {at(first)} to {at(last)}"]
    for name, place in (("lowest", int(y.argmin())), ("highest", int(y.argmax()))):
        if y[place] not in (y[first], y[last]):
            said.append(f"{name} {at(place)}")
    return ", ".join(said)


def _by_row(values: Values, at: Values, rows: Sequence[str]) -> str:
    found = [(value, _name(rows, row)) for value, row in zip(values, at, strict=True)]
    if len(found) <= MOST:
        return ", ".join(f"{name} {_number(value)}" for value, name in found)
    (low, lowest), (high, highest) = min(found), max(found)
    return f"{len(found)} rows from {_number(low)} ({lowest}) to {_number(high)} ({highest})"


def names_of(axis: Axis) -> list[str]:
    """Return what the places 0, 1, 2 ... of an axis are called where they are not numbers, [] of others."""
    from matplotlib.category import StrCategoryLocator
    from matplotlib.ticker import FixedLocator

    places = list(axis.get_majorticklocs())
    if not isinstance(axis.get_major_locator(), FixedLocator | StrCategoryLocator) or places != list(
        range(len(places))
    ):
        return []
    return [text.get_text() for text in axis.get_majorticklabels()]


def _name(names: Sequence[str], place: float) -> str:
    return names[min(max(round(float(place)), 0), len(names) - 1)]


def _number(value: float) -> str:
    return plain(float(f"{float(value):.4g}"))
