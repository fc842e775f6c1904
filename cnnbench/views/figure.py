"""A figure said once: a name, a caption, and what draws on the axes of each of its panels."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnbench.files.whole import own_folder, whole_file
from cnnbench.views.letters import fonts_for, scripts
from cnnbench.views.reading import Reading, grouped, read, script_data
from cnnbench.views.style import RED, looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from matplotlib.transforms import Bbox

    from cnnbench.views.canvas import Recording

PHONE = 3.3  # inches: what a panel is wide whose smallest text is still to be read on a phone
LEAST_TEXT = 11  # pixels on a screen
LARGEST = 1.9  # pixels a point
GAP = 24  # pixels between panels on a page
MARGIN = 4  # points around what is drawn
KINDS = ("png", "pdf")


@dataclass(frozen=True)
class Panel:
    """One pair of axes and what draws on them; sizes in inches. A bare one has no axes to be seen and no margin.

    What it `said` in words is made of what was drawn where it is not given, as for images it must be.
    """

    draw: Callable[[Axes], None]
    width: float = PHONE
    height: float = 2.5
    bare: bool = False
    said: str = ""


@dataclass(frozen=True)
class Figure:
    """Panels that belong together, at most `across` beside each other in a file; a page stacks them where it must."""

    name: str
    caption: str
    panels: Sequence[Panel]
    across: int = 2


@dataclass(frozen=True)
class Drawn:
    """A figure that was drawn, ready for a page and for files."""

    part = "figure"
    figure: Figure
    panels: Sequence[Recording]
    readings: Sequence[Reading]

    @property
    def name(self) -> str:
        """The figure's name."""
        return self.figure.name

    @property
    def caption(self) -> str:
        """What the figure shows."""
        return self.figure.caption

    @cached_property
    def svgs(self) -> list[tuple[str, int, int]]:
        """Each panel as an element of a page, and the pixels that it is wide at least and at most."""
        from cnnbench.views.canvas import as_svg

        return [
            (
                as_svg(panel, f"{self.name}-{at}", reading.told or self.caption),
                round(panel.width * LEAST_TEXT / panel.smallest),
                round(LARGEST * panel.width),
            )
            for at, (panel, reading) in enumerate(zip(self.panels, self.readings, strict=True))
        ]

    @cached_property
    def data(self) -> dict[str, Any] | None:
        """What its script needs, None where nothing answers."""
        return script_data(self.readings)

    @property
    def script(self) -> str:
        """The script that makes its curves answer, if there are any."""
        return "curves" if self.data else ""

    @property
    def widest(self) -> int:
        """The pixels that a page gives it at most."""
        return sum(most for _, _, most in self.svgs) + GAP * (len(self.panels) - 1)

    def file(self, kind: str) -> bytes:
        """Return the figure as a file, "png" of 300 dots an inch or "pdf"; the same figure gives the same bytes."""
        from cnnbench.views.canvas import as_pdf, as_png

        return {"png": as_png, "pdf": as_pdf}[kind](self.panels, self.figure.across)


def draw(figures: Iterable[Figure]) -> dict[str, Drawn]:
    """Draw figures; letters that no installed font has are drawn as boxes, and the picture says so."""
    with looks(), _uncollected():
        return {figure.name: Drawn(figure, *zip(*map(_recorded, figure.panels), strict=True)) for figure in figures}


def write(drawn: Mapping[str, Drawn], folder: Path, names: Iterable[str], kinds: Sequence[str] = KINDS) -> list[Path]:
    """Write figures into a folder `plots` of this one, and remove those of `names` that are no longer drawn."""
    plots = own_folder(folder, "plots")
    written = [plots / f"{name}.{kind}" for name in drawn for kind in kinds]
    for path in written:
        with whole_file(path) as part:
            part.write_bytes(drawn[path.stem].file(path.suffix[1:]))
    for name in set(names) - drawn.keys():
        for kind in KINDS:
            (plots / f"{name}.{kind}").unlink(missing_ok=True)
    return written


def on_canvas(panel: Panel) -> tuple[Canvas, Axes]:
    """Return a panel drawn on axes of its own, not laid out yet."""
    from cnnbench.views.canvas import new_figure

    canvas = new_figure(panel.width, panel.height)
    axes = canvas.add_axes((0, 0, 1, 1) if panel.bare else (0.17, 0.17, 0.79, 0.65))
    if panel.bare:
        axes.set_axis_off()
    panel.draw(axes)
    return canvas, axes


def on_one_canvas(figure: Figure) -> Canvas:
    """Return a figure as matplotlib's own, its panels beside each other."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from cnnbench.views.canvas import new_figure

    rows = [figure.panels[at : at + figure.across] for at in range(0, len(figure.panels), figure.across)]
    width = max(sum(panel.width for panel in row) for row in rows)
    with looks():
        canvas = new_figure(width, sum(max(panel.height for panel in row) for row in rows))
        canvas.set_layout_engine("constrained")
        FigureCanvasAgg(canvas)
        for at, panel in enumerate(figure.panels):
            axes = canvas.add_subplot(len(rows), len(rows[0]), at + 1)
            axes.axison = not panel.bare
            panel.draw(axes)
    return canvas


def fit(canvas: Canvas, axes: Axes, renderer: Recording) -> None:
    """Move the sides of axes so that what stands around them just fits into the panel, title and legend at its left."""
    legend = axes.get_legend()
    noted = sum(float(note.get_window_extent(renderer).height) for note in canvas.texts)
    above = axes.title.get_window_extent(renderer).y1 - axes.get_window_extent().y1 + MARGIN
    for _ in range(3):  # narrower axes may have other ticks
        inner, ticks = axes.get_window_extent().frozen(), _ticks(axes)
        around = _around(axes, renderer)
        left, below = inner.x0 - around.x0 + MARGIN, inner.y0 - around.y0 + MARGIN + noted
        right = around.x1 - inner.x1 + MARGIN
        wide, high = max(renderer.width - left - right, 20), max(renderer.height - below - above, 20)
        axes.set_position(
            (left / renderer.width, below / renderer.height, wide / renderer.width, high / renderer.height)
        )
        if ticks == _ticks(axes):
            break
    axes.xaxis.label.set_y(axes.xaxis.label.get_position()[1] + below - inner.y0)
    axes.yaxis.label.set_x(axes.yaxis.label.get_position()[0] + left - inner.x0)
    axes.title.set_x((MARGIN - left) / wide)
    if legend is not None:
        legend.set_bbox_to_anchor((-left / wide, 1), axes.transAxes)  # it has a margin of its own


def _ticks(axes: Axes) -> list[list[float]]:
    """Return where the ticks are that are seen."""
    return [
        [at for at in axis.get_majorticklocs() if low <= at <= high]
        for axis in (axes.xaxis, axes.yaxis)
        for low, high in [sorted(axis.get_view_interval())]
    ]


def _around(axes: Axes, renderer: Recording) -> Bbox:
    """Return the box around axes and their ticks and labels; these are put beside the ticks and then stay there.

    Matplotlib would measure all ticks once more, here and when it draws, to put them there itself.
    """
    from matplotlib.transforms import Bbox

    across, up = axes.xaxis, axes.yaxis
    for axis in (across, up):
        axis.label.set_visible(False)
    found = [axis.get_tightbbox(renderer) for axis in (across, up)]
    ticks = Bbox.union([axes.get_window_extent(), *(box for box in found if box is not None)])
    across.set_label_coords(0.5, ticks.y0 - across.labelpad, across.label.get_transform())
    up.set_label_coords(ticks.x0 - up.labelpad, 0.5, up.label.get_transform())
    for axis in (across, up):
        axis.label.set_visible(True)
    return Bbox.union([ticks, *(axis.label.get_window_extent(renderer) for axis in (across, up))])


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage: axes are made of circles, and walking through them over and over is a seventh of drawing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _recorded(panel: Panel) -> tuple[Recording, Reading]:
    """Return a panel drawn, once more with other fonts where matplotlib's own lacks letters of it, and read off."""
    canvas, axes = on_canvas(panel)
    series = [] if panel.bare else grouped(axes)
    recording = _drawn(panel, canvas, axes)
    families, missing = fonts_for(recording.text)
    if len(families) > 1 or missing:
        use_fonts(canvas, families, missing)
        recording = _drawn(panel, canvas, axes)
    return recording, Reading(panel.said) if panel.bare else read(axes, series, recording.height, panel.said)


def _drawn(panel: Panel, canvas: Canvas, axes: Axes) -> Recording:
    from cnnbench.views.canvas import Recording

    recording = Recording(panel.width, panel.height)
    if not panel.bare:
        fit(canvas, axes, recording)
    canvas.draw(recording)
    return recording


def use_fonts(canvas: Canvas, families: Sequence[str], missing: str) -> None:
    """Let texts be drawn with these fonts, and add a line about the letters of none."""
    from matplotlib.text import Text

    from cnnbench.views.canvas import NOTE

    for text in canvas.findobj(Text):
        text.set_fontfamily(families)
    if missing:
        note = f"No installed font has the {scripts(missing)};\nNoto Sans has fonts for every script"
        canvas.text(0.01, 0.005, note, fontsize=6, color=RED, gid=NOTE)
