"""Sheets of what a model looks at: maps over images, maps of layers, filters, and images next to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.text import label
from cnnbench.views.charts.maps import signed_map
from cnnbench.views.charts.pictures import picture, sheet
from cnnbench.views.figure import PHONE, Panel
from cnnbench.views.style import COLORS, GREY, GRID, MARKERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Pixels = NDArray[np.uint8]
Map = NDArray[Any]

GAP = 0.1  # of a picture
TILE = 0.74  # inches of a picture with a map over it
OF_LAYER, OF_FILTER, OF_NEIGHBOUR = 0.38, 0.3, 0.5  # inches
FAINT = 0.3  # how opaque an image is that a map lies over
ACROSS = 8  # filters in a row


@dataclass(frozen=True)
class Over:
    """A map, (H, W) of -1..1, its name above it and its numbers below it."""

    name: str
    values: Map
    below: str


@dataclass(frozen=True)
class Near:
    """An image, and the pictures next to it with what is said of each, in lines."""

    title: str
    image: Pixels
    pictures: Sequence[tuple[str, Pixels]]


def over(title: str, image: Pixels, maps: Sequence[Over]) -> Panel:
    """Return a row of an image, (H, W, C) uint8, and maps over it: blue speaks for the class, red against it."""
    aspect = image.shape[1] / image.shape[0]
    step = max(aspect, 1) + GAP
    grey = np.asarray(image, np.float32).mean(axis=-1) / 255

    def draw(axes: Axes) -> None:
        axes.text(0, 0.18, title, fontsize=8, fontweight="bold")
        axes.text(0, 0.44, "image", fontsize=8)
        picture(axes, image, 0, 0.5, aspect, 1)
        for at, one in enumerate(maps, start=1):
            box = (at * step, at * step + aspect, 1.5, 0.5)
            axes.text(at * step, 0.44, one.name, fontsize=8)
            axes.imshow(grey, cmap="gray", vmin=0, vmax=1, alpha=FAINT, extent=box)
            signed_map(axes, _to_be_seen(one.values), box)
            for line, text in enumerate(one.below.split("\n")):
                axes.text(at * step, 1.7 + 0.18 * line, text, fontsize=8)

    told = [f"{one.name}: {' '.join(one.below.split())}" for one in maps]
    return sheet(draw, (len(maps) + 1) * step, 2.1, TILE, f"{title}, and maps over it. {'. '.join(told)}.")


def _to_be_seen(values: Map) -> Map:
    """Return a map scaled so that a few strong pixels do not leave the others unseen: one in a hundred is beyond 1."""
    strong = float(np.percentile(np.abs(values), 99))
    return values / strong if strong else values


def layers(rows: Sequence[tuple[str, str, Map]]) -> Panel:
    """Return a row for every layer: its name, what more there is to say, and its maps, (n, h, w) of -127..127."""
    widths = [maps.shape[2] / maps.shape[1] if len(maps) > 1 else 0.0 for _, _, maps in rows]
    most = max((len(maps) * (wide + GAP) for (_, _, maps), wide in zip(rows, widths, strict=True)), default=1)
    first, least = 4.6, 8 * (1 + GAP)
    total = first + max(most, least)

    def draw(axes: Axes) -> None:
        for at, (name, more, maps) in enumerate(rows):
            top = at * (1 + GAP)
            axes.text(0, top + 0.42, label(name, 26), fontsize=8, fontweight="bold")
            axes.text(0, top + 0.86, more, fontsize=7)
            _row_of_maps(axes, maps / 127, first, top, total)

    said = "Maps of each layer: " + ", ".join(" ".join(f"{name} ({more})".split()) for name, more, _ in rows) + "."
    return sheet(draw, total, len(rows) * (1 + GAP) + GAP, OF_LAYER, said)


def _row_of_maps(axes: Axes, maps: Map, left: float, top: float, end: float) -> None:
    """Draw maps beside each other, one alone as wide as there is room."""
    if len(maps) == 1:
        high = min(1.0, (end - left) * maps.shape[1] / maps.shape[2])
        signed_map(axes, maps[0], (left, min(end - GAP, left + high * maps.shape[2] / maps.shape[1]), top + high, top))
        return
    wide = maps.shape[2] / maps.shape[1]
    for at, one in enumerate(maps):
        start = left + at * (wide + GAP)
        signed_map(axes, one, (start, start + wide, top + 1, top))


def filters(title: str, pictures: Pixels) -> Panel:
    """Return a sheet of filters, (n, h, w, 1 or 3) uint8."""
    across = min(ACROSS, len(pictures))
    aspect = pictures.shape[2] / pictures.shape[1]

    def draw(axes: Axes) -> None:
        axes.text(0, 0.4, title, fontsize=8, fontweight="bold")
        for at, one in enumerate(pictures):
            left, top = at % across * (aspect + GAP), 0.7 + at // across * (1 + GAP)
            picture(axes, one, left, top, aspect, 1)

    rows = -(-len(pictures) // across)
    return sheet(
        draw, max(across * (aspect + GAP), 8), 0.7 + rows * (1 + GAP), OF_FILTER, f"{title}: {len(pictures)} filters."
    )


def neighbours(rows: Sequence[Near]) -> Panel:
    """Return a row for every image: itself, then the images that are next to it."""
    aspect = rows[0].image.shape[1] / rows[0].image.shape[0]
    step, high = max(aspect, 1) + GAP, 2.0
    most = max(len(row.pictures) for row in rows)

    def draw(axes: Axes) -> None:
        for at, row in enumerate(rows):
            top = at * high
            axes.text(0, top + 0.22, row.title, fontsize=7.5, fontweight="bold")
            picture(axes, row.image, 0, top + 0.3, aspect, 1)
            for place, (name, one) in enumerate(row.pictures):
                left = (place + 1.3) * step
                picture(axes, one, left, top + 0.3, aspect, 1)
                for line, text in enumerate(name.split("\n")):
                    axes.text(left, top + 1.5 + 0.22 * line, text, fontsize=7)

    told = [", ".join(" ".join(name.split()) for name, _ in row.pictures) for row in rows]
    said = [f"{row.title}: next to it {names}" for row, names in zip(rows, told, strict=True)]
    return sheet(draw, (most + 1.3) * step, len(rows) * high, OF_NEIGHBOUR, ". ".join(said) + ".")


def scatter(title: str, places: Map, classes: Sequence[str], wrong: Sequence[bool], names: Sequence[str]) -> Panel:
    """Return points, (n, 2), coloured by class; those that are classified wrong have a ring."""
    kinds = np.array([names.index(one) if one in names else -1 for one in classes])
    ringed = np.asarray(wrong, bool)

    def draw(axes: Axes) -> None:
        for k in np.unique(kinds).tolist():
            at = kinds == k
            color = COLORS[k % len(COLORS)] if k >= 0 else GREY
            axes.scatter(
                places[at, 0],
                places[at, 1],
                s=12,
                c=color,
                marker=MARKERS[k // len(COLORS) % len(MARKERS)],
                linewidths=0,
            )
        axes.scatter(places[ringed, 0], places[ringed, 1], s=36, facecolors="none", edgecolors="black", linewidths=0.8)
        axes.set_title(title, ha="left", x=0)
        axes.set(xticks=[], yticks=[])
        axes.grid(color=GRID)

    return Panel(draw, PHONE, PHONE)
