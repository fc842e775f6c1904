"""Points in the plane that show an image each, chosen by pointer or keyboard: radio buttons, so no script is needed."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

COLORS = ("blue", "orange", "green", "red", "pink", "sky", "ink", "olive")
SHAPES = ("round", "square", "diamond")
MOST_NAMES = len(COLORS) * len(SHAPES)  # classes that are told apart
EDGE, FAR = 4.0, 60.0  # per cent of a side: what stays free, and from where on pictures open to the other side


@dataclass(frozen=True)
class Dot:
    """What is said of a point, the number of its class, and whether it is wrong."""

    said: str
    kind: int
    wrong: bool

    @property
    def looks(self) -> str:
        """The classes of its element."""
        return f"{looks(self.kind)}{' ring' if self.wrong else ''}"


@dataclass(frozen=True)
class Cloud:
    """The same dots in one or more arrangements: (name, places (n, 2)), and their pictures (n, h, w, 1 or 3) uint8."""

    arrangements: Sequence[tuple[str, NDArray[Any]]]
    dots: Sequence[Dot]
    pictures: NDArray[np.uint8]
    names: Sequence[str]

    part = "cloud"

    @property
    def across(self) -> int:
        """Pictures in a row of the sheet."""
        return ceil(sqrt(len(self.pictures)))

    @property
    def down(self) -> int:
        """Rows of the sheet."""
        return -(-len(self.pictures) // self.across)

    @cached_property
    def sheet(self) -> str:
        """All pictures in one, as a data URI: an image a point would be larger, and slower to show."""
        from PIL import Image

        count, height, width, channels = self.pictures.shape
        cells = np.zeros((self.down * self.across, height, width, channels), np.uint8)
        cells[:count] = self.pictures
        rows = cells.reshape(self.down, self.across, height, width, channels).swapaxes(1, 2)
        pixels = rows.reshape(self.down * height, self.across * width, channels)
        file = io.BytesIO()
        Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels).save(file, format="png")
        return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")

    @property
    def legend(self) -> list[tuple[str, str]]:
        """How each class looks, and its name; of more classes than can be told apart the first ones."""
        return [(looks(k), name) for k, name in enumerate(self.names[:MOST_NAMES])]

    @property
    def shown(self) -> list[tuple[str, str, list[tuple[Dot, str, str]]]]:
        """Name, key and dots of each arrangement, each with its place and the sides that its picture opens to.

        Dots follow each other by class and from left to right, as the arrow keys go.
        """
        return [(name, f"cloud-{at}", self._placed(places)) for at, (name, places) in enumerate(self.arrangements)]

    def _placed(self, places: NDArray[Any]) -> list[tuple[Dot, str, str]]:
        low, high = places.min(axis=0), places.max(axis=0)
        shares = (places - low) / np.where(high > low, high - low, 1)
        percents = EDGE + (100 - 2 * EDGE) * np.stack([shares[:, 0], 1 - shares[:, 1]], axis=1)
        order = sorted(range(len(self.dots)), key=lambda i: (self.dots[i].kind, float(percents[i, 0])))
        return [(self.dots[i], self._place(i, percents[i]), _sides(percents[i])) for i in order]

    def _place(self, i: int, at: NDArray[Any]) -> str:
        """Return where a dot is, and where its picture is on the sheet."""
        return f"left:{at[0]:.2f}%;top:{at[1]:.2f}%;{self._on_sheet(i)}"

    def _on_sheet(self, i: int) -> str:
        column, row = i % self.across, i // self.across
        return f"--x:{_share(column, self.across)}%;--y:{_share(row, self.down)}%"


def looks(kind: int) -> str:
    """Return the colour and the shape of a class."""
    return f"{COLORS[kind % len(COLORS)]} {SHAPES[kind // len(COLORS) % len(SHAPES)]}"


def _sides(at: NDArray[Any]) -> str:
    """Return to which sides of a dot there is no room for its picture."""
    return " ".join(name for name, far in (("to-left", at[0] > FAR), ("up", at[1] > FAR)) if far)


def _share(at: int, of: int) -> str:
    """Return the position of a background that shows one of so many cells."""
    return f"{100 * at / (of - 1):.3f}" if of > 1 else "0"
