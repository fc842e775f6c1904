"""The sources of images: what a row of one says, and the rows of all, each in a file of `cnnbench/data/sources`.

Those files lie in a room above this one. It asks them all the same, by name and when the first row is wanted, because
the schema, completion, `list data` and the readers go by the same rows, and because a source is one file that way. The
files import NumPy inside their functions only, so that all rows are there in some ten milliseconds.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnbench.catalogue.values import Violation

Shape = tuple[int, int, int]
DEFAULT_TEST = 0.2  # share held out where a source has no test split of its own
DIGITS = tuple("0123456789")
_ROOM = "cnnbench.data.sources"


@dataclass(frozen=True)
class Facts:
    """What is known of the images before a file is opened: empty or None is what only the files can tell.

    `train` and `test` count the images; a source with `train` and without `test` has no test split of its own.
    """

    shape: Shape | None = None
    class_names: Sequence[str] = ()
    train: int | None = None
    test: int | None = None

    @property
    def classes(self) -> int | None:
        """How many classes there are."""
        return len(self.class_names) or None


@dataclass(frozen=True)
class Remote:
    """A file to download: where from, its published SHA-256 or the first digits of it, its size in bytes if published.

    It goes to `path` below the download folder; an archive is unpacked, and `path` is the folder it holds.
    """

    url: str
    sha256: str
    size: int | None
    path: str
    archive: bool = False


@dataclass(frozen=True)
class Published:
    """A named set: its files, the folders of a place that may hold them, the original one first, and downloads.

    `by_hand` says where to get the files of a set that nothing is downloaded of, as its checksums are not published.
    """

    folders: Sequence[str]
    files: Sequence[str]
    remotes: Sequence[Remote] = ()
    by_hand: str = ""

    @property
    def about(self) -> str:
        """What to put into a place."""
        if self.folders[0] == ".":
            return ", ".join(self.files)
        return f"{self.folders[0]}/ with {', '.join(self.files)}"


@dataclass(frozen=True)
class Own:
    """A user's own data, at `data.path`: what that is, and the suffixes of the file, none where it is a folder."""

    what: str
    suffixes: Sequence[str] = ()


@dataclass(frozen=True)
class Source:
    """A source: what it is, what is known of it, and where its files are: `published`, the user's `own`, or neither.

    `options` is a dataclass of the keys of `data.<source>`, made of `key`s; `facts` and `published` may be functions of
    them, and `check` says what is wrong with them before anything is read. Each image of `image_files` is a file of
    its own; those of one that is `generated` are drawn by data.split_seed. `comes_with` is the package that has the
    files, `also` what others call the source. `licence` is what who made the images says of their use, by its SPDX
    identifier where it has one, and None where nothing is said or the images are the user's own.

    Beside its row, `SOURCE`, the file of a source has the function `load(data, place)` that returns the images, and one
    of image files `find(data, place)`, which lists them. The place is where the files were found, or `data.path`.
    """

    about: str
    facts: Facts | Callable[[Any], Facts] = Facts()
    published: Published | Callable[[Any], Published] | None = None
    own: Own | None = None
    image_files: bool = False
    options: type[Any] | None = None
    check: Callable[[Any], Iterator[Violation]] = lambda options: iter(())
    generated: bool = False
    comes_with: str | None = None
    also: Sequence[str] = ()
    licence: str | None = None

    def known(self, options: Any) -> Facts:
        """Return what is known of the images with these options."""
        return self.facts(options) if callable(self.facts) else self.facts

    def to_find(self, options: Any) -> Published | None:
        """Return the published set with these options."""
        return self.published(options) if callable(self.published) else self.published

    def defaults(self) -> Any:
        """Return the options that act where none are given, None for a source without."""
        return self.options() if self.options else None


def key(default: Any, about: str) -> Any:
    """Return a key of a source's options with its default and the line that says what it is."""
    return field(default=default, metadata={"about": about})


@cache
def sources() -> Mapping[str, Source]:
    """Return the row of every source by its name."""
    files = sorted(module.name for module in pkgutil.iter_modules(import_module(_ROOM).__path__))
    return {name: module_of(name).SOURCE for name in files}


def with_options() -> Sequence[str]:
    """Return the sources that have keys of their own, which are also the names of those sections of `data`."""
    return [name for name, source in sources().items() if source.options]


def module_of(source: str) -> Any:
    """Return the file of a source."""
    return import_module(f"{_ROOM}.{source}")


def option_keys() -> Mapping[str, str]:
    """Return the line of every key that is a source's own, by its path."""
    return {
        f"data.{name}.{each.name}": each.metadata["about"]
        for name, source in sources().items()
        for each in (fields(source.options) if source.options else ())
    }
