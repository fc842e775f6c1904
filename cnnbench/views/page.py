"""A page said once: a title, a headline and sections of texts, tables, figures and images; one template shows it."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from cnnbench import text
from cnnbench.views import script

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
NAME_LIMIT = 48  # characters of a class or file name; the whole name is in its tooltip
THUMBNAIL = 128  # pixels; larger images are made smaller for the page

named = partial(text.label, limit=NAME_LIMIT)


class Part(Protocol):
    """Something that a section shows: the template has a macro of the name of `part`."""

    @property
    def part(self) -> str:
        """The macro's name."""


@dataclass(frozen=True)
class Text:
    """A paragraph; `kind` is how it looks: "", "soft", "banner" or "winner". All of it leads to `link`, if any."""

    text: str
    kind: str = ""
    link: str = ""

    part = "text"


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str

    part = "heading"


@dataclass(frozen=True)
class Facts:
    """What and value, side by side."""

    pairs: Sequence[tuple[str, str]]

    part = "facts"


@dataclass(frozen=True)
class Points:
    """Sentences, one below the other; each may have a kind: "told" or "open"."""

    items: Sequence[tuple[str, str]]
    kind: str = "notes"

    part = "points"

    @classmethod
    def of(cls, sentences: Sequence[str]) -> Points:
        """Return plain sentences."""
        return cls([(sentence, "") for sentence in sentences])

    def __bool__(self) -> bool:
        return bool(self.items)


@dataclass(frozen=True)
class Code:
    """A file's text as it is."""

    name: str
    text: str

    part = "code"

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True)
class Tile:
    """An image with what is said of it: a headline, probabilities as bars, and who took it for what.

    `image` is (H, W, 1 or 3) uint8, None where no picture was kept; `right` is None where there is no telling. Bars
    are (name, share, "right" or "wrong" or ""), answers (who, answer, right).
    """

    head: str
    file_name: str
    image: NDArray[np.uint8] | None
    true: str
    right: bool | None = None
    bars: Sequence[tuple[str, float, str]] = ()
    answers: Sequence[tuple[str, str, bool]] = ()


@dataclass(frozen=True)
class Tiles:
    """Images beside each other."""

    tiles: Sequence[Tile]

    part = "tiles"

    def __bool__(self) -> bool:
        return bool(self.tiles)


@dataclass(frozen=True)
class Folded:
    """Lines that open: (link or None, its text, reason, more, log) of each."""

    name: str
    items: Sequence[tuple[str | None, str, str, str, str]]

    part = "folded"

    def __bool__(self) -> bool:
        return bool(self.items)


@dataclass(frozen=True)
class Section:
    """Parts under a heading; `parts` that are empty or None are left out, and a section without any is.

    A `script`, the name of a file of `scripts/`, makes it answer; it finds the section by its attribute `data-script`
    and in it `data`, plain values, as JSON. A part may have both too: a figure has.
    """

    id: str
    title: str
    parts: Sequence[Part | None]
    short: str = ""
    script: str = ""
    data: Any = None

    @property
    def shown(self) -> list[Part]:
        """The parts there is something to see of."""
        return [part for part in self.parts if part]


@dataclass(frozen=True)
class Page:
    """All of a page; `badges` are (text, kind), `headline` a value and what it means.

    One that is served while something still runs is `live`: its version, and whether it has ended.
    """

    title: str
    headline: tuple[str, str]
    sections: Sequence[Section]
    source: str
    badges: Sequence[tuple[str, str]] = ()
    about: Sequence[Text] = ()
    live: Mapping[str, Any] | None = None

    @property
    def shown(self) -> list[Section]:
        """The sections there is something to see of."""
        return [section for section in self.sections if section.shown]

    @property
    def scripts(self) -> list[str]:
        """The names of the scripts that its sections and their parts need, each once."""
        scripted = [one for section in self.shown for one in (section, *section.shown)]
        names = [name for one in scripted if (name := getattr(one, "script", ""))]
        return list(dict.fromkeys([*names, *([script.LIVE] if self.live else [])]))


def render(page: Page) -> str:
    """Return a page as HTML that needs nothing from outside."""
    return _environment().get_template("page.html").render(page=page)


def stylesheet() -> str:
    """Return how pages look, for one that is no `Page`."""
    return (TEMPLATES / "page.css").read_text(encoding="utf-8")


def thumbnail(image: NDArray[np.uint8]) -> str:
    """Return the data URI of an image, (H, W, 1 or 3) uint8, of at most `THUMBNAIL` pixels a side."""
    from PIL import Image

    picture = Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    file = io.BytesIO()
    picture.save(file, format="png")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def chosen(drawn: Mapping[str, Any], *names: str) -> list[Any]:
    """Return the figures of these names that were drawn."""
    return [drawn[name] for name in names if name in drawn]


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    made.filters |= {
        "percent": text.percent,
        "fixed": text.fixed,
        "named": named,
        "thumbnail": thumbnail,
        "svg": Markup,
        "script": lambda name: Markup(script.source(name)),
        "policy": script.policy,
        "as_json": script.as_json,
    }
    return made


def _printable(value: Any) -> Any:
    """Replace invisible characters in every name that comes from a data set; markup stays as it is."""
    return text.printable(value) if type(value) is str else value
