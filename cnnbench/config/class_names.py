"""Class names as people write them: which are no text, and which cannot be told from each other."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Sequence
from itertools import islice

from cnnbench.errors import DataError, did_you_mean

LISTED = 10  # classes listed where none is close to the one that is asked for


def refuse_unreadable(where: object, class_names: Sequence[str]) -> None:
    """Raise DataError naming `where` for names that no table could show: no text, blank, or two that look alike."""
    for name in class_names:
        if not name.isascii() and any(0xD800 <= ord(c) < 0xE000 for c in name):
            raise DataError(f"{where}: class {name!a} is no valid text (UTF-8); it needs another name")
        if not _shown(name):
            raise DataError(f"{where}: class {name!a} is blank; it needs a name")
    for one, other in _twins(class_names, _shown):
        raise DataError(f"{where}: classes {one!a} and {other!a} look alike; one of them needs another name")


def nearly_alike(class_names: Sequence[str]) -> list[str]:
    """Return a line for every two names that differ in case or the form of letters alone: more likely one class."""
    return [
        f"classes {one!r} and {other!r} differ in upper and lower case or the form of letters only: are they one?"
        for one, other in _twins(class_names, lambda name: unicodedata.normalize("NFKC", name).casefold())
    ]


def no_such_class(found: str, classes: Collection[str]) -> str:
    """Return what to say of a name that no class has: the closest class, or the first of them."""
    some = ", ".join([*islice(classes, LISTED), *(["..."] if len(classes) > LISTED else [])])
    return f"no class of this name{did_you_mean(found, classes) or f'; there are {some}'}"


def _shown(name: str) -> str:
    """Return what a table shows of a name: composed letters, single spaces, one sign for all that is invisible."""
    visible = "".join(c if c.isprintable() else "�" for c in name)
    return " ".join(unicodedata.normalize("NFC", visible).split())


def _twins(names: Sequence[str], key: Callable[[str], str]) -> list[tuple[str, str]]:
    first: dict[str, str] = {}
    return [(one, name) for name in names if (one := first.setdefault(key(name), name)) != name]
