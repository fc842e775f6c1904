"""Plots that show images: sample predictions with their probabilities, and what augmentation does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.text import label, percent
from cnnbench.views.style import BLUE, GREY, RED, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Pixels = NDArray[np.uint8]

COLUMNS = 3
# In heights of a picture: what one sample takes up, where its bars begin, how long and how far apart they are.
TILE_WIDTH, TILE_HEIGHT, BARS_AT, BAR_LENGTH, BAR_STEP = 2.6, 1.5, 1.1, 1.3, 0.25
GAP = 0.08


@dataclass(frozen=True)
class Sample:
    """One image, (H, W, C) uint8, with what it is, what it was taken for, and the most probable classes."""

    image: Pixels
    file_name: str
    true: str
    predicted: str
    chances: Sequence[tuple[str, float]]

    @property
    def right(self) -> bool:
        """Whether the prediction is right."""
        return self.true == self.predicted


@styled
def samples(shown: Sequence[Sample], title: str) -> Figure:
    """Draw images with their predicted and true class and probability bars: blue is right, red is wrong."""
    columns = min(COLUMNS, len(shown))
    figure, axes = _sheet(TILE_WIDTH * columns, 0.3 + TILE_HEIGHT * -(-len(shown) // columns), inches=1.25)
    axes.text(0, 0.05, title, fontsize=12, fontweight="bold")
    for place, sample in enumerate(shown):
        _tile(axes, sample, TILE_WIDTH * (place % columns), 0.25 + TILE_HEIGHT * (place // columns))
    return figure


@styled
def augmentation_preview(before: Pixels, after: Pixels) -> Figure:
    """Draw training images, (a, H, W, C), each beside its variants, (a, v, H, W, C), of the augmentation."""
    images, variants, height, width = after.shape[:4]
    aspect = width / height
    first = aspect + 3 * GAP
    sheet = first + variants * (aspect + GAP)
    figure, axes = _sheet(sheet, 0.2 + images * (1 + GAP), inches=min(1.2, 9 / sheet))
    axes.text(0, 0.1, "original")
    axes.text(first, 0.1, "augmented, drawn anew each epoch")
    for row in range(images):
        top = 0.2 + row * (1 + GAP)
        _picture(axes, before[row], 0, top, aspect, 1)
        for place, variant in enumerate(after[row]):
            _picture(axes, variant, first + place * (aspect + GAP), top, aspect, 1)
    return figure


def _tile(axes: Axes, sample: Sample, left: float, top: float) -> None:
    height, width = sample.image.shape[:2]
    longest = max(height, width)
    color, mark = (BLUE, "✓") if sample.right else (RED, "✗")
    names = label(sample.true) if sample.right else f"{label(sample.predicted, 14)}, true: {label(sample.true, 14)}"
    axes.text(left, top + 0.18, f"{mark} {names}", color=color, fontsize=9, fontweight="bold")
    _picture(axes, sample.image, left, top + 0.27, width / longest, height / longest)
    for place, (name, chance) in enumerate(sample.chances):
        color = BLUE if name == sample.true else RED if name == sample.predicted else GREY
        _bar(axes, name, chance, color, left + BARS_AT, top + 0.29 + place * BAR_STEP)


def _bar(axes: Axes, name: str, chance: float, color: str, left: float, top: float) -> None:
    axes.text(left, top + 0.1, label(name, 18), fontsize=7.5)
    axes.text(left + BAR_LENGTH, top + 0.1, percent(chance, 1), fontsize=7.5, ha="right")
    axes.barh(top + 0.15, BAR_LENGTH, height=0.055, left=left, color="#E8E8E8")
    axes.barh(top + 0.15, BAR_LENGTH * chance, height=0.055, left=left, color=color)


def _picture(axes: Axes, image: Pixels, left: float, top: float, width: float, height: float) -> None:
    """Draw an image into a box of the sheet, one pixel one square, grey images in grey."""
    grey: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 255} if image.shape[2] == 1 else {}
    box = (left, left + width, top + height, top)
    axes.imshow(image[:, :, 0] if grey else image, extent=box, interpolation="nearest", **grey)


def _sheet(width: float, height: float, inches: float) -> tuple[Figure, Axes]:
    """Return an empty sheet of width x height units, each so many inches; y counts downwards."""
    figure = new_figure(width * inches, height * inches)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(-GAP, width)
    axes.set_ylim(height, -GAP)
    axes.autoscale(False)
    return figure, axes
