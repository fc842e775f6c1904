"""What can be read off axes that were drawn: the points of their lines, for who points at them, and all in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnbench.views.style import VARIABLES
from cnnbench.views.telling import names_of, told

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.lines import Line2D

SERIES = "series-"  # how the names of the groups begin that are switched on and off
MOST_POINTS = 400  # of a line: more are closer than a pointer can choose between
NO_LINE = ("None", "none", "", " ")


@dataclass(frozen=True)
class Series:
    """What has a name of its own in the legend; what shares its `key` comes and goes with it."""

    key: str
    name: str
    color: str


@dataclass(frozen=True)
class Reading:
    """A drawn panel in words, its series, and what a script needs to answer a pointer, None where nothing answers."""

    told: str
    series: Sequence[Series] = ()
    answers: Mapping[str, Any] | None = None


def grouped(axes: Axes) -> list[Series]:
    """Put everything of a series into groups of one name, before it is drawn; return the series.

    A series is what the legend names, and what has its name, or that of its group, as a group. A name that begins with
    an underscore names a line that the legend leaves out.
    """
    handles, names = axes.get_legend_handles_labels()
    found = [
        Series(_key(handle, name), name, _color(handle)) for handle, name in zip(handles, names, strict=True) if name
    ]
    places = {one.key: at for at, one in enumerate(found)}
    for artist, key in _artists(axes):
        if key in places:
            artist.set_gid(f"{SERIES}{places[key]}")
    return found


def read(axes: Axes, series: Sequence[Series], height: float, said: str) -> Reading:
    """Return what can be read off axes on a panel so many points high; `said` are words that are there already."""
    return Reading(said or told(axes), series, _answers(axes, height))


def script_data(readings: Sequence[Reading]) -> dict[str, Any] | None:
    """Return what the script of curves needs of the panels of a figure, None where none of them answers."""
    if not any(one.answers for one in readings):
        return None
    shown: dict[str, Series] = {}
    for one in (one for reading in readings if reading.answers for one in reading.series):
        shown.setdefault(one.key, one)
    places = {key: at for at, key in enumerate(shown)}
    return {
        "series": [{"name": one.name, "color": one.color} for one in shown.values()],
        "panels": [
            reading.answers and {**reading.answers, "series": [places[one.key] for one in reading.series]}
            for reading in readings
        ],
    }


def _artists(axes: Axes) -> Iterator[tuple[Any, str]]:
    for container in axes.containers:
        for child in container.get_children():
            yield child, str(container.get_label())
    for artist in (*axes.lines, *axes.collections, *axes.patches):
        yield artist, artist.get_gid() or str(artist.get_label())


def _key(handle: Any, name: str) -> str:
    return getattr(handle, "get_gid", lambda: None)() or name


def _color(handle: Any) -> str:
    from matplotlib.colors import to_hex

    first: Any = handle[0] if isinstance(handle, tuple) else handle  # containers are tuples of what they hold
    color = first.get_color() if hasattr(first, "get_color") else first.get_facecolor()
    found = to_hex(color[0] if np.ndim(color) > 1 else color)  # that of areas is one of several
    return VARIABLES.get(found, found)


def _answers(axes: Axes, height: float) -> dict[str, Any] | None:
    """Return scales and lines; nothing where bars say it, or an axis is of another kind than numbers."""
    from matplotlib.container import BarContainer

    across, up = _scale(axes.xaxis, axes, 0, height), _scale(axes.yaxis, axes, 1, height)
    lines = _lines(axes)
    if (
        not lines
        or not across
        or not up
        or names_of(axes.yaxis)
        or any(isinstance(one, BarContainer) for one in axes.containers)
    ):
        return None
    return {"of": axes.get_title(loc="center"), "x": across, "y": up, "lines": lines}


def _scale(axis: Axis, axes: Axes, at: int, height: float) -> dict[str, Any] | None:
    """Return the name of an axis, where its values lie in points from the upper left, and what its ticks are called."""
    from matplotlib.ticker import FixedLocator

    if axis.get_scale() not in ("linear", "log") or not len(axis.get_majorticklocs()):
        return None
    log, ends = axis.get_scale() == "log", np.sort(axis.get_view_interval())
    first, last = axes.transAxes.transform([(0, 0), (1, 1)])[:, at]
    if axis.get_inverted():
        first, last = last, first
    low, high = np.log10(ends) if log else ends
    factor = (last - first) / (high - low)
    offset = first - factor * low
    if at == 1:
        offset, factor = height - offset, -factor
    ticks = []
    if isinstance(axis.get_major_locator(), FixedLocator):
        texts = [text.get_text() for text in axis.get_majorticklabels()]
        ticks = [[_short(at), text] for at, text in zip(axis.get_majorticklocs(), texts, strict=False) if text]
    return {
        "name": axis.get_label_text(),
        "offset": round(float(offset), 3),
        "factor": round(float(factor), 5),
        "log": log,
        "ends": [round(float(height - end if at == 1 else end), 1) for end in (first, last)],
        "ticks": ticks,
    }


def _lines(axes: Axes) -> list[dict[str, Any]]:
    """Return the lines with a name, or the only one there is."""
    names = {
        container.lines[0]: str(container.get_label())
        for container in axes.containers
        if hasattr(container, "lines") and container.lines[0] is not None
    }
    drawn = [line for line in axes.lines if _is_curve(line, axes)]
    named = [line for line in drawn if not names.get(line, str(line.get_label())).startswith("_child")]
    chosen = named or (drawn if len(drawn) == 1 else [])
    chosen.sort(key=lambda line: str(line.get_label()).startswith("_") and line not in names)  # the legend's own first
    return [_line(line, names.get(line, str(line.get_label()))) for line in chosen]


def _is_curve(line: Line2D, axes: Axes) -> bool:
    return (
        line.get_transform() is axes.transData
        and line.get_linestyle() not in NO_LINE
        and len(np.atleast_1d(line.get_xdata())) > 0
    )


def _line(line: Line2D, name: str) -> dict[str, Any]:
    group = line.get_gid() or ""
    x, y = (np.asarray(values, dtype=np.float64) for values in line.get_data())
    kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_POINTS)).round().astype(int))
    return {
        "name": "" if name.startswith("_child") else name.lstrip("_"),
        "series": int(group.removeprefix(SERIES)) if group.startswith(SERIES) else None,
        "color": _color(line),
        "x": [_short(value) for value in x[kept]],
        "y": [_short(value) for value in y[kept]],
    }


def _short(value: Any) -> float:
    return float(f"{float(value):.6g}")
