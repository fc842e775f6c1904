"""How every plot looks: colours that colour-blind readers tell apart, one set of fonts, and saving as PNG.

Colours are those of Okabe and Ito (2008, "Color Universal Design"); maps run from white to a dark blue in steps of
falling lightness, so that they survive grey printing too.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from functools import wraps
from math import inf, isinf
from typing import TYPE_CHECKING, Any, ParamSpec

from cnnbench.views.letters import fonts_for, scripts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
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

P = ParamSpec("P")
Ends = tuple[float, float]
ANY: Ends = (-inf, inf)
SHARE: Ends = (0, 1)
POSITIVE: Ends = (0, inf)


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


def within(axes: Axes, *, x: Ends = ANY, y: Ends = ANY) -> None:
    """Let drawn axes end where values do, such as shares at 0 and 1; marks on an end are drawn whole."""
    for possible, limits, put in ((x, axes.get_xlim(), axes.set_xlim), (y, axes.get_ylim(), axes.set_ylim)):
        if not all(map(isinf, possible)):
            put(max(limits[0], possible[0]), min(limits[1], possible[1]))
    for artist in (*axes.lines, *axes.collections):
        artist.set_clip_on(False)


def to_png(figure: Figure) -> bytes:
    """Return the figure as a PNG file; letters that no installed font has are drawn as boxes, and it says so."""
    file = io.BytesIO()
    with _style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        _use_fonts(figure)
        figure.savefig(file, format="png", dpi=DPI)
    return file.getvalue()


def shades() -> LinearSegmentedColormap:
    """Return the map for counts: white for none over blue to nearly black."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("shades", ["#FFFFFF", "#CFE5F2", "#63AEDA", BLUE, "#003A5C"])


def _style() -> Any:
    from matplotlib import style

    return style.context(["default", STYLE])


def _use_fonts(figure: Figure) -> None:
    """Let texts be drawn with fonts that have their letters, and add a line about the letters of none."""
    from matplotlib.text import Text

    texts = figure.findobj(Text)
    families, missing = fonts_for("".join(text.get_text() for text in texts))
    if len(families) > 1:
        for text in texts:
            text.set_fontfamily(families)
    if missing:
        note = f"No installed font has the {scripts(missing)}; Noto Sans has fonts for every script"
        figure.supxlabel(note, fontsize=8, color=RED)
