"""Files that a page of `report --live` links to: those of the folder alone, and what linked pages link to in turn."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from cnnbench.text import printable
from cnnbench.views.script import FOLDER as SCRIPTS
from cnnbench.views.script import LIVE, policy

HTML, TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
KINDS: Mapping[str, str] = {
    ".html": HTML,
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".txt": TEXT,
    ".yaml": TEXT,
    ".png": "image/png",
    ".pdf": "application/pdf",
}
OTHERS = "application/octet-stream"


def kind_of(path: Path) -> str:
    """Return what a browser is told that a file is."""
    return HTML if path.is_dir() else KINDS.get(path.suffix, OTHERS)


def policy_of_pages() -> str:
    """Return the policy that pages from the folder are shown under: no scripts but ours, whatever wrote them."""
    return policy(sorted(script.stem for script in SCRIPTS.glob("*.js") if script.stem != LIVE))


def links(page: str, place: str = "") -> Iterator[str]:
    """Yield where the links of a page lead that stand for files beside or below it, from the folder that is served.

    `place` is the page's own folder in there. What leads out of the folder is no such link.
    """
    parser = _Links()
    parser.feed(page)
    for target in parser.found:
        parts = urlsplit(target)
        path = posixpath.normpath(posixpath.join(place, unquote(parts.path)))
        if parts.path and not parts.scheme and not parts.netloc and not path.startswith(("/", "..")):
            yield path


def inside(folder: Path, name: str) -> Path | None:
    """Return a file or folder in a folder, None where there is none of that name or a link leads out of it."""
    try:
        path = (folder / name).resolve(strict=True)
    except (OSError, ValueError):  # a name that no file can have
        return None
    return path if path.is_relative_to(folder.resolve()) and (path.is_file() or path.is_dir()) else None


def listing(path: Path) -> str:
    """Return a page of links to what a folder has, hidden files left out; they start from where the folder lies."""
    shown = sorted(one.name for one in path.iterdir() if not one.name.startswith("."))
    rows = "".join(
        f'<li><a href="{quote(f"./{path.name}/{name}")}">{escape(printable(name))}</a></li>' for name in shown
    )
    return f'<!doctype html><meta charset="utf-8"><title>{escape(printable(path.name))}</title><ul>{rows}</ul>'


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]
