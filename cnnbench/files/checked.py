"""What the JSON files of a run folder hold, checked once, where they are read.

A folder may have been damaged, edited by hand or written by somebody else. A specification is a kind of value, a tuple
or list of them, or a mapping of keys to them: keys with a question mark may be missing, others may be there too, and
"*" stands for every key.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbench.errors import ConfigError, DataError, first_line
from cnnbench.numbers import is_number

LARGEST = 1e300  # of a number that can still be reckoned with
LONGEST = 60  # characters of a value that an error quotes


@dataclass(frozen=True)
class Kind:
    """A kind of value, by name."""

    name: str
    holds: Callable[[Any], bool]

    def or_nothing(self) -> Kind:
        """Return this kind with null allowed."""
        return Kind(f"{self.name} or null", lambda value: value is None or self.holds(value))


NUMBER = Kind("a number", lambda value: is_number(value) and abs(value) < LARGEST)
WHOLE = Kind("a whole number", lambda value: is_number(value) and isinstance(value, int) and 0 <= value < 2**63)
TEXT = Kind("a text", lambda value: isinstance(value, str))
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
MAPPING: dict[str, Any] = {}


def mistake(value: Any, wanted: Any, at: str = "") -> str | None:
    """Return what is wrong with a value, and where in it; None where it is as its specification says."""
    if isinstance(wanted, Kind):
        return None if wanted.holds(value) else _told(at, wanted.name, value)
    if isinstance(wanted, Mapping):
        return _mistake_in_mapping(value, wanted, at)
    if not isinstance(value, list):
        return _told(at, "a list", value)
    if isinstance(wanted, tuple) and len(value) != len(wanted):
        return _told(at, f"{len(wanted)} values", value)
    each = wanted if isinstance(wanted, tuple) else wanted * len(value)
    found = (mistake(one, kind, f"{at}[{i}]") for i, (one, kind) in enumerate(zip(value, each, strict=True)))
    return next(filter(None, found), None)


def _mistake_in_mapping(value: Any, wanted: Mapping[str, Any], at: str) -> str | None:
    if not isinstance(value, Mapping):
        return _told(at, "a mapping", value)
    inside = f"{at}." if at else ""
    for key, kind in wanted.items():
        name = key.removesuffix("?")
        if key == "*":
            found = next(filter(None, (mistake(each, kind, f"{inside}{k}") for k, each in value.items())), None)
        elif name in value:
            found = mistake(value[name], kind, f"{inside}{name}")
        else:
            found = None if key.endswith("?") else f"{inside}{name} is missing"
        if found is not None:
            return found
    return None


def _told(at: str, expected: str, value: Any) -> str:
    shown = json.dumps(value, default=str)
    shown = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]} ..."
    return f"{at + ': ' if at else ''}expected {expected}, found {shown}"


def read_bytes(path: Path) -> bytes:
    """Return what a file holds; raises FileNotFoundError, and DataError where it is no file or cannot be read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for, a device has no end
            raise DataError(f"{path}: cannot be read (it is not a file)")
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except NotADirectoryError as e:  # a file stands where its folder should
        raise FileNotFoundError(*e.args) from None
    except OSError as e:
        raise DataError(f"{path}: cannot be read ({e.strerror})") from None


def read_text(path: Path) -> str:
    """Return what a text file holds, line ends as they are; raises as `read_bytes` does, also where it is no UTF-8."""
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as e:
        raise DataError(f"{path}: cannot be read ({first_line(e)})") from None


def read_json(path: Path, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mapping in a JSON file; raises FileNotFoundError, and DataError where it is not as `wanted` says."""
    try:
        value = json.loads(read_bytes(path).decode("utf-8"))
    except (ValueError, RecursionError) as e:
        raise DataError(f"{path}: cannot be read as JSON ({first_line(e)})") from None
    return checked(path, value, wanted)


def checked(path: Path, value: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was read from `path`; raises DataError where it is not as `wanted` says."""
    wrong = mistake(value, wanted)
    if wrong is not None:
        raise DataError(f"{path}: {wrong}")
    return dict(value)


Unreadable = (ConfigError, DataError)  # of a folder that is no run, or a damaged one
