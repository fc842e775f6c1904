"""Plots that show images: sample predictions with their probabilities, and what augmentation does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.text import count, label, percent
from cnnbench.views.figure import PHONE, Panel
from cnnbench.views.style import BLUE, GREY, GRID, RED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Pixels = NDArray[np.uint8]

COLUMNS = 3
# In heights of a picture: what one sample takes up, where its bars begin, how long and how far apart they are.
TILE_WIDTH, TILE_HEIGHT, BARS_AT, BAR_LENGTH, BAR_STEP = 2.6, 1.5, 1.1, 1.3, 0.25
PICTURE = 0.8  # inches
GAP = 0.08
OF_CLASS = 0.5  # inches of a picture in a row of its class


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


def samples(shown: Sequence[Sample], title: str) -> Panel:
    """Return a sheet of images with predicted and true class and probability bars: blue is right, red is wrong."""
    columns = min(COLUMNS, len(shown))

    def draw(axes: Axes) -> None:
        axes.text(0, 0.12, title, fontsize=10, fontweight="bold")
        tops = [0.25 + TILE_HEIGHT * (place // columns) for place in range(len(shown))]
        lefts = [TILE_WIDTH * (place % columns) for place in range(len(shown))]
        for sample, left, top in zip(shown, lefts, tops, strict=True):
            _tile(axes, sample, left, top)
        _bars(axes, shown, lefts, tops)

    said = f"{title}: {sum(sample.right for sample in shown)} of {len(shown)} images right."
    return sheet(draw, TILE_WIDTH * columns, 0.3 + TILE_HEIGHT * -(-len(shown) // columns), PICTURE, said)


def augmentation_preview(before: Pixels, after: Pixels) -> Panel:
    """Return a sheet of training images, (a, H, W, C), each beside its variants, (a, v, H, W, C)."""
    images, variants, height, width = after.shape[:4]
    aspect = width / height
    first = aspect + 3 * GAP
    width_of_all = first + variants * (aspect + GAP)
    inches = min(PICTURE, PHONE / width_of_all)
    head = 0.25 / inches

    def draw(axes: Axes) -> None:
        axes.text(0, 0.6 * head, "original")
        axes.text(max(first, 0.6 / inches), 0.6 * head, "augmented, drawn anew each epoch")
        for row in range(images):
            top = head + row * (1 + GAP)
            picture(axes, before[row], 0, top, aspect, 1)
            for place, variant in enumerate(after[row]):
                picture(axes, variant, first + place * (aspect + GAP), top, aspect, 1)

    said = f"{images} training images, each beside {variants} variants as augmentation makes them."
    return sheet(draw, width_of_all, head + images * (1 + GAP), inches, said)


def class_rows(rows: Sequence[tuple[str, int, Pixels]]) -> Panel:
    """Return a sheet with a row for every class: its name, how many images it has, and some, (n, H, W, C)."""
    _, height, width, _ = rows[0][2].shape
    aspect, most = width / height, max(len(images) for _, _, images in rows)
    longest = max(len(label(name, 20)) for name, _, _ in rows)
    first = max(1.7, 0.2 + 0.17 * longest)  # where pictures begin

    def draw(axes: Axes) -> None:
        for place, (name, images, shown) in enumerate(rows):
            top = place * (1 + GAP)
            axes.text(0, top + 0.45, label(name, 20), fontsize=8, fontweight="bold")
            axes.text(0, top + 0.75, f"{count(images)} image{'' if images == 1 else 's'}", fontsize=6.5)
            for at, image in enumerate(shown):
                picture(axes, image, first + at * (aspect + GAP), top, aspect, 1)

    said = f"Images of {len(rows)} classes, a row each."
    return sheet(draw, first + most * (aspect + GAP) + GAP, len(rows) * (1 + GAP) + GAP, OF_CLASS, said)


def _tile(axes: Axes, sample: Sample, left: float, top: float) -> None:
    height, width = sample.image.shape[:2]
    longest = max(height, width)
    color, mark = (BLUE, "✓") if sample.right else (RED, "✗")
    names = label(sample.true, 22) if sample.right else f"{label(sample.predicted, 11)}, true: {label(sample.true, 11)}"
    axes.text(left, top + 0.18, f"{mark} {names}", color=color, fontsize=8, fontweight="bold")
    picture(axes, sample.image, left, top + 0.27, width / longest, height / longest)
    for place, (name, chance) in enumerate(sample.chances):
        at = top + 0.39 + place * BAR_STEP
        axes.text(left + BARS_AT, at, label(name, 16), fontsize=6.5)
        axes.text(left + BARS_AT + BAR_LENGTH, at, percent(chance, 1), fontsize=6.5, ha="right")


def _bars(axes: Axes, shown: Sequence[Sample], lefts: Sequence[float], tops: Sequence[float]) -> None:
    """Draw the bars of all samples, those of a colour at once."""
    bars: dict[str, list[tuple[float, float, float]]] = {}
    for sample, left, top in zip(shown, lefts, tops, strict=True):
        for place, (name, chance) in enumerate(sample.chances):
            color = BLUE if name == sample.true else RED if name == sample.predicted else GREY
            at = left + BARS_AT, top + 0.44 + place * BAR_STEP
            bars.setdefault(GRID, []).append((*at, BAR_LENGTH))
            bars.setdefault(color, []).append((*at, BAR_LENGTH * chance))
    for color, found in bars.items():
        lines = np.array([((x, y), (x + length, y), (np.nan, np.nan)) for x, y, length in found]).reshape(-1, 2)
        axes.plot(*lines.T, color=color, linewidth=0.055 * 72 * PICTURE, solid_capstyle="butt")


def picture(axes: Axes, image: Pixels, left: float, top: float, width: float, height: float) -> None:
    """Draw an image into a box of the sheet, one pixel one square, grey images in grey."""
    grey: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 255} if image.shape[2] == 1 else {}
    box = (left, left + width, top + height, top)
    axes.imshow(image[:, :, 0] if grey else image, extent=box, **grey)


def sheet(draw: Any, width: float, height: float, inches: float, said: str = "") -> Panel:
    """Return an empty sheet of width x height units, each so many inches; y counts downwards."""

    def on_sheet(axes: Axes) -> None:
        axes.set(xlim=(-GAP, width), ylim=(height, -GAP), autoscale_on=False)
        draw(axes)
        axes.set(xlim=(-GAP, width), ylim=(height, -GAP), aspect="auto")

    return Panel(on_sheet, width * inches, height * inches, bare=True, said=said)
