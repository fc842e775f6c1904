"""One drawing, three kinds of file: matplotlib draws a panel once, and what it drew goes to PNG, PDF and SVG.

Laying out and walking through its artists is most of what matplotlib's time goes to, so it is done once; a place in
points (1/72 inch) is the same place in all three.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_pdf import PdfFile, RendererPdf
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox
from numpy.typing import NDArray

from cnnbench.text import printable
from cnnbench.views.reading import SERIES
from cnnbench.views.style import VARIABLES

POINTS = 72  # an inch
DPI = 300
NOTE = "note"  # what is said of a picture's own fonts; a browser has others
_STYLE = re.compile(r'style="[^"]*"')
_COLOR = re.compile(r"#[0-9a-f]{6}")
_FONT = re.compile(r"font-family: [^;\"]*;? ?")
_GROUP = re.compile(rf'<g id="{SERIES}(\d+)">')
_HEAD = re.compile(r"^.*?</defs>", re.DOTALL)


class Recording(RendererBase):
    """What is drawn of a figure of 72 dots an inch, to be drawn again elsewhere."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width * POINTS, height * POINTS
        self.marks: list[_Shape | _Markers | _Words | _Pixels] = []
        self._groups: list[str | None] = []  # of the marks
        self._group: str | None = None

    @property
    def smallest(self) -> float:
        """The size of the smallest text, in points."""
        words = (mark for mark in self.marks if isinstance(mark, _Words) and not mark.is_note)
        return min((mark.font.get_size_in_points() for mark in words), default=POINTS)

    @property
    def text(self) -> str:
        """Everything that is written."""
        return "".join(mark.text for mark in self.marks if isinstance(mark, _Words))

    def flipy(self) -> bool:
        """Return False: y counts upwards."""
        return False

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the size in points."""
        return self.width, self.height

    def option_scale_image(self) -> bool:
        """Return True: images come with their own pixels and where these go."""
        return True

    def option_image_nocomposite(self) -> bool:
        """Return True: images stay apart."""
        return True

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Note whose marks follow."""
        self._group = gid

    def _add(self, mark: _Shape | _Markers | _Words | _Pixels) -> None:
        self.marks.append(mark)
        self._groups.append(self._group)

    def draw_path(self, gc: Any, path: Path, transform: Any, rgbFace: Any = None) -> None:
        """Record lines and areas."""
        self._add(_Shape(_kept(gc), path, transform.frozen(), rgbFace))

    def draw_markers(
        self, gc: Any, marker_path: Any, marker_trans: Any, path: Any, trans: Any, rgbFace: Any = None
    ) -> None:
        """Record one shape in many places."""
        self._add(_Markers(_kept(gc), marker_path, marker_trans.frozen(), path, trans.frozen(), rgbFace))

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None
    ) -> None:
        """Record a text."""
        self._add(_Words(_kept(gc), x, y, s, prop.copy(), angle, mtext, self._group == NOTE))

    def draw_image(self, gc: Any, x: float, y: float, im: Any, transform: Any = None) -> None:
        """Record an image: (h, w, 4) pixels, the lowest row first, and where the unit square goes."""
        self._add(_Pixels(_kept(gc), np.asarray(im), (transform + Affine2D().translate(x, y)).frozen()))

    def onto(self, renderer: RendererBase, place: Affine2D, top: float | None = None) -> None:
        """Draw everything on a renderer; `top` is where its y, which then counts downwards, is 0."""
        for mark, group in zip(self.marks, self._groups, strict=True):
            is_of_series = (group or "").startswith(SERIES)
            if is_of_series:
                renderer.open_group("series", group)
            gc = renderer.new_gc()
            gc.copy_properties(mark.gc)
            if (clip := mark.gc.get_clip_rectangle()) is not None:
                gc.set_clip_rectangle(Bbox(place.transform(clip.get_points())))
            mark.onto(renderer, gc, place, top)
            gc.restore()
            if is_of_series:
                renderer.close_group("series")


@dataclass(frozen=True)
class _Shape:
    gc: GraphicsContextBase
    path: Path
    transform: Any
    face: Any

    def onto(self, renderer: RendererBase, gc: GraphicsContextBase, place: Affine2D, top: float | None) -> None:
        renderer.draw_path(gc, self.path, self.transform + place, self.face)


@dataclass(frozen=True)
class _Markers:
    gc: GraphicsContextBase
    marker: Path
    size: Any
    path: Path
    transform: Any
    face: Any

    def onto(self, renderer: RendererBase, gc: GraphicsContextBase, place: Affine2D, top: float | None) -> None:
        size = self.size + Affine2D().scale(place.get_matrix()[0, 0])
        renderer.draw_markers(gc, self.marker, size, self.path, self.transform + place, self.face)


@dataclass(frozen=True)
class _Words:
    gc: GraphicsContextBase
    x: float
    y: float
    text: str
    font: FontProperties
    angle: float
    artist: Text | None
    is_note: bool

    def onto(self, renderer: RendererBase, gc: GraphicsContextBase, place: Affine2D, top: float | None) -> None:
        browser = isinstance(renderer, RendererSVG)
        if browser and self.is_note:
            return
        x, y = place.transform((self.x, self.y))
        y = y if top is None else top - y
        # A browser's font is of another width: it takes the point that the text is aligned to from the artist.
        renderer.draw_text(gc, x, y, self.text, self.font, self.angle, False, self.artist if browser else None)


@dataclass(frozen=True)
class _Pixels:
    gc: GraphicsContextBase
    image: NDArray[np.uint8]
    transform: Any

    def onto(self, renderer: RendererBase, gc: GraphicsContextBase, place: Affine2D, top: float | None) -> None:
        if renderer.option_scale_image():
            renderer.draw_image(gc, 0, 0, self.image, self.transform + place)
            return
        (left, below), (right, above) = (self.transform + place).transform([(0, 0), (1, 1)])
        rows, columns = _nearest(below, above, len(self.image)), _nearest(left, right, self.image.shape[1])
        renderer.draw_image(gc, round(min(left, right)), round(min(below, above)), self.image[:, columns][rows])


def as_svg(panel: Recording, name: str, said: str) -> str:
    """Return a panel as an element of a page, its colours those of the page, with what it says in words.

    `name` tells its parts from others'.
    """
    file = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        renderer = RendererSVG(
            panel.width, panel.height, file, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
        panel.onto(renderer, Affine2D(), panel.height)
        renderer.finalize()
    drawn = _STYLE.sub(_of_the_page, _HEAD.sub("", file.getvalue(), count=1))
    box, words = f"0 0 {panel.width:g} {panel.height:g}", escape(printable(said))
    return f'<svg viewBox="{box}" role="img" aria-label="{words}">{_GROUP.sub(_series, drawn)}'


def as_png(panels: Sequence[Recording], across: int) -> bytes:
    """Return panels side by side, so many in a row, as a PNG file of 300 dots an inch."""
    width, height, places = _sheet(panels, across)
    scale = DPI / POINTS
    renderer = RendererAgg(round(width * scale), round(height * scale), DPI)
    np.asarray(renderer.buffer_rgba())[:] = 255  # white ground
    for panel, place in zip(panels, places, strict=True):
        panel.onto(renderer, Affine2D().translate(*place).scale(scale), renderer.height)
    return _png(np.asarray(renderer.buffer_rgba()))


def as_pdf(panels: Sequence[Recording], across: int) -> bytes:
    """Return panels side by side, so many in a row, as a PDF file of one page."""
    width, height, places = _sheet(panels, across)
    file = io.BytesIO()
    pdf = PdfFile(file, metadata={"CreationDate": None})
    pdf.newPage(width / POINTS, height / POINTS)
    renderer = RendererPdf(pdf, POINTS, height / POINTS, width / POINTS)
    for panel, place in zip(panels, places, strict=True):
        panel.onto(renderer, Affine2D().translate(*place))
    renderer.finalize()
    pdf.finalize()
    pdf.close()
    return file.getvalue()


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """Return (h, w, 4) pixels as a PNG file, without the last channel.

    Lines and even ground need no filters, and the fastest compression makes files a fifth larger than the best: a
    third of the time of libraries, which try the filters on every row.
    """
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each begins with its filter, which is none
    for channel in range(3):
        rows[:, 1 + channel :: 3] = pixels[:, :, channel]
    across = round(DPI / 0.0254)  # dots a metre
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0),  # 8 bits each of red, green and blue
        b"pHYs": struct.pack(">IIB", across, across, 1),
        b"IDAT": zlib.compress(rows.data, level=1),
        b"IEND": b"",
    }
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks.items()
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of this size in inches that has nothing behind it."""
    return Figure(figsize=(width, height), dpi=POINTS, facecolor="none")


def _sheet(panels: Sequence[Recording], across: int) -> tuple[float, float, list[tuple[float, float]]]:
    """Return width and height of a sheet of panels, and where the lower left corner of each lies."""
    rows = [panels[at : at + across] for at in range(0, len(panels), across)]
    columns = [max(row[at].width for row in rows if at < len(row)) for at in range(len(rows[0]))]
    heights = [max(panel.height for panel in row) for row in rows]
    places = [
        (sum(columns[:at]), sum(heights[number:]) - panel.height)
        for number, row in enumerate(rows)
        for at, panel in enumerate(row)
    ]
    return sum(columns), sum(heights), places


def _kept(gc: GraphicsContextBase) -> GraphicsContextBase:
    kept = GraphicsContextBase()
    kept.copy_properties(gc)
    if (clip := gc.get_clip_rectangle()) is not None:
        kept.set_clip_rectangle(Bbox(clip.get_points().copy()))
    return kept


def _nearest(start: float, end: float, pixels: int) -> NDArray[np.int64]:
    """Return which of the pixels of an image lies at each dot between two ends."""
    dots = max(1, abs(round(end) - round(start)))
    at: NDArray[np.int64] = ((np.arange(dots) + 0.5) * pixels / dots).astype(np.int64)
    return at if end >= start else at[::-1]


def _series(group: re.Match[str]) -> str:
    return f'<g data-series="{group[1]}">'


def _of_the_page(style: re.Match[str]) -> str:
    return _COLOR.sub(lambda color: VARIABLES.get(color[0], color[0]), _FONT.sub("", style[0]))
