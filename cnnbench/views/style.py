"""How every plot looks: colours that colour-blind readers tell apart, one font, axes that end where values do.

Colours are those of Okabe and Ito (2008, "Color Universal Design"). Amounts are a blue as opaque as they are large: it
falls evenly in lightness and so survives grey printing too.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf, isinf
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#8A8A8A"
PINK, SKY, OLIVE, INK = "#CC79A7", "#56B4E9", "#A0A000", "#000000"  # Okabe and Ito's yellow darkened
COLORS = (BLUE, ORANGE, GREEN, RED, PINK, SKY, INK, OLIVE)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
GRID, FAINT = "#E3E3E3", "#B4B4B4"  # FAINT stands behind: other trials, unfinished ones

# On a page these are its own, which follow light and dark; white is written on dark areas in both.
VARIABLES = {
    INK: "currentColor",
    BLUE.lower(): "var(--blue)",
    ORANGE.lower(): "var(--orange)",
    GREEN.lower(): "var(--green)",
    RED.lower(): "var(--red)",
    PINK.lower(): "var(--pink)",
    SKY.lower(): "var(--sky)",
    OLIVE.lower(): "var(--olive)",
    GREY.lower(): "var(--grey)",
    GRID.lower(): "var(--grid)",
    FAINT.lower(): "var(--faint)",
}

# Names of columns that have no room side by side; anchored, so that a browser's font ends them at the axis too.
UPRIGHT: dict[str, Any] = {"rotation": 90, "rotation_mode": "anchor", "ha": "right", "va": "center"}
WHITE_FROM = 0.55  # of a blue: on a more opaque one, white is easier to read
SMALL = 8.5  # points; a panel as wide as a phone shows them as 12 pixels
STYLE = {
    "font.size": 9,
    "font.family": ["DejaVu Sans"],
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.linewidth": 0.7,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "lines.markersize": 4,
    "legend.frameon": False,
    "legend.fontsize": SMALL,
    "legend.handlelength": 1.6,
    "legend.labelspacing": 0.25,
    "legend.columnspacing": 1.2,
    "legend.handletextpad": 0.5,
    "legend.borderaxespad": 0.7,
    "legend.borderpad": 0.2,
    "image.interpolation": "none",  # an image keeps its own pixels
    "text.parse_math": False,  # a class may be called $x$
}

Ends = tuple[float, float]
ANY: Ends = (-inf, inf)
SHARE: Ends = (0, 1)
POSITIVE: Ends = (0, inf)


@contextmanager
def looks() -> Iterator[None]:
    """Draw in this style whatever the user's own matplotlib settings are, and leave those alone."""
    from matplotlib import style

    with style.context(["default", STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the picture says so itself
        yield


def within(axes: Axes, *, x: Ends = ANY, y: Ends = ANY) -> None:
    """Let drawn axes end where values do, such as shares at 0 and 1; marks on an end are drawn whole."""
    for possible, limits, put in ((x, axes.get_xlim(), axes.set_xlim), (y, axes.get_ylim(), axes.set_ylim)):
        if not all(map(isinf, possible)):
            put(max(limits[0], possible[0]), min(limits[1], possible[1]))
    for artist in (*axes.lines, *axes.collections):
        artist.set_clip_on(False)


def explained(axes: Axes, title: str, columns: int = 2) -> None:
    """Write the title and, between it and what is drawn, what the marks stand for, where there is more than one."""
    handles, names = axes.get_legend_handles_labels()
    rows = -(-len(names) // columns)
    if names:
        axes.legend(handles, names, loc="lower left", bbox_to_anchor=(0, 1), ncols=columns)
    axes.set_title(title, pad=6 + (4 + 1.5 * SMALL * rows if rows else 0), ha="left", x=0)


def painted(shares: NDArray[np.float64], color: str = BLUE) -> NDArray[np.uint8]:
    """Return pixels, (..., 4) uint8, of shares: a colour as opaque as each, none being the ground."""
    from matplotlib.colors import to_rgb

    pixels = np.empty((*shares.shape, 4), np.uint8)
    pixels[..., :3] = np.round(255 * np.array(to_rgb(color)))
    pixels[..., 3] = np.round(255 * shares)
    return pixels
