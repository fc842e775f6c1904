"""How every plot looks: colours that colour-blind readers tell apart, one set of fonts, and saving as PNG.

Colours are those of Okabe and Ito (2008, "Color Universal Design"); maps run from white to a dark blue in steps of
falling lightness, so that they survive grey printing too.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

if TYPE_CHECKING:
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#8A8A8A"
DPI = 120

STYLE = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E3E3E3",
    "legend.frameon": False,
    "text.parse_math": False,  # a class may be called $x$
}

# Fonts with letters that matplotlib's own lacks, used where they are installed.
MORE_LETTERS = ("Noto Sans CJK JP", "Noto Sans CJK SC", "WenQuanYi Zen Hei", "Arial Unicode MS", "Yu Gothic")

P = ParamSpec("P")


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Let a function draw in this style whatever the user's own matplotlib settings are, and leave those alone."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with _style():
            return draw(*args, **kwargs)

    return drawn


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of this size in inches that draws without a screen."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def to_png(figure: Figure) -> bytes:
    """Return the figure as a PNG file."""
    file = io.BytesIO()
    with _style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # drawn as a box; the page has the letter
        figure.savefig(file, format="png", dpi=DPI)
    return file.getvalue()


def shades() -> LinearSegmentedColormap:
    """Return the map for counts: white for none over blue to nearly black."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("shades", ["#FFFFFF", "#CFE5F2", "#63AEDA", BLUE, "#003A5C"])


def _style() -> Any:
    from matplotlib import font_manager, style

    installed = font_manager.get_font_names()
    fonts = ["DejaVu Sans", *(name for name in MORE_LETTERS if name in installed)]
    return style.context(["default", STYLE | {"font.family": fonts}])
