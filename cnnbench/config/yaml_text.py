"""YAML text as plain values with line numbers, by the rules of YAML 1.2's core schema.

Read from PyYAML's event stream, so that nothing is ever constructed from a tag: `1e-3` is a number, only `true` and
`false` are booleans (`no`, `on`, `12:30` and `2020-01-01` are text), a leading zero means nothing, a key given
twice is a mistake, and every key is text. Anchors and aliases work, within a limit on what they may grow to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.reader import Reader

from cnnbench.catalogue.values import KeyPath, found, shortened

MAX_VALUES = 100_000
MAX_DEPTH = 100
NO_KEY = "\0"  # no text of a file can hold it

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,30}")  # longer ones are floats: Python refuses to read very long integers
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_BEGINS_YAML = "[{\"'&*!|>%@`"
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's parser where PyYAML was built with it


@dataclass(frozen=True)
class Problem:
    """A mistake in the text: at which key path, on which line (from 1), and what it is."""

    path: KeyPath
    line: int
    message: str


@dataclass
class Parsed:
    """The value of a text, the line of every key path, and what is wrong with the text."""

    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    empty: bool = False


def parse(text: str) -> Parsed:
    """Return what one YAML text holds; mistakes are in its `problems`, nothing is raised."""
    parsed = Parsed()
    if strange := Reader.NON_PRINTABLE.search(text):
        line = text.count("\n", 0, strange.start()) + 1
        parsed.problems.append(Problem((), line, f"not valid YAML: control character {found(strange.group())}"))
        return parsed
    try:
        _Composer(yaml.parse(text, Loader=LOADER), parsed).document()
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        parsed.problems.append(Problem((), mark.line + 1 if mark else 1, f"not valid YAML: {_reason(e)}"))
    except _TooMuchError as e:
        parsed.problems.append(e.problem)
    return parsed


def parse_value(text: str) -> Parsed:
    """Return what one value outside a file holds, on the command line or in a cell of a table.

    It has no comments: `a #b`, which a shell hands over whole, is whole here too, unless quotes or brackets begin it.
    """
    plain = text.strip()
    if "#" in plain and "\n" not in plain and plain[0] not in _BEGINS_YAML:
        return Parsed(scalar(plain))
    return parse(text)


def scalar(text: str) -> Any:
    """Return the value of unquoted text."""
    if _NULL.fullmatch(text):
        return None
    if _BOOLEAN.fullmatch(text):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", ""))
    return text


class _TooMuchError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True)
class _Anchor:
    """A value to be taken over, how many values it is, and the lines of the paths inside it."""

    value: Any
    size: int
    lines: list[tuple[KeyPath, int]]


class _Composer:
    """Turns events into values; one pass, no look-ahead."""

    def __init__(self, events: Iterator[Any], parsed: Parsed) -> None:
        self.events = events
        self.parsed = parsed
        self.anchors: dict[str, _Anchor] = {}
        self.count = 0
        self.seen: list[KeyPath] = []

    def document(self) -> None:
        next(self.events)  # the stream's start
        event = next(self.events)
        self.parsed.empty = isinstance(event, yaml.StreamEndEvent)
        if self.parsed.empty:
            return
        self.parsed.data = self.value(next(self.events), ())
        next(self.events)  # the document's end
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            self.problem((), event, "a second document (---) in one file; expected one")

    def value(self, event: Any, path: KeyPath) -> Any:
        self.stands(path, event.start_mark.line + 1)
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, path)
        before, first = self.count, len(self.seen)
        self.grow(1, event, path)
        if event.tag is not None:
            self.tag(path, event)
        value = self.untagged(event, path)
        if event.anchor is not None:
            inside = [(p[len(path) :], self.parsed.lines[p]) for p in self.seen[first:]]
            self.anchors[event.anchor] = _Anchor(value, self.count - before, inside)
        return value

    def untagged(self, event: Any, path: KeyPath) -> Any:
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(path)
        return scalar(event.value) if event.style in (None, "") else event.value

    def sequence(self, path: KeyPath) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            values.append(self.value(event, (*path, len(values))))
        return values

    def mapping(self, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event, path)
            inside = (*path, key)
            line = event.start_mark.line + 1
            first = self.stands(inside, line)
            value = self.value(next(self.events), inside)
            if key in values and key != NO_KEY:
                self.problem(inside, event, f"given twice (first on line {first})")
            values.setdefault(key, value)
        values.pop(NO_KEY, None)
        return values

    def key(self, event: Any, path: KeyPath) -> str:
        """Return a key's text, or NO_KEY for what can be none."""
        if isinstance(event, yaml.ScalarEvent):
            if event.tag is not None:
                self.tag((*path, event.value), event)
            if event.value == "<<" and event.style in (None, ""):
                self.problem(path, event, "merge keys (<<) are not allowed; extends takes over another file")
                return NO_KEY
            return str(event.value)
        self.problem(path, event, "a key must be plain text")
        if not isinstance(event, yaml.AliasEvent):
            self.value(event, (*path, NO_KEY))
        return NO_KEY

    def alias(self, event: Any, path: KeyPath) -> Any:
        anchor = self.anchors.get(event.anchor)
        if anchor is None:
            self.problem(path, event, f"no anchor &{shortened(event.anchor)} before this alias")
            return None
        self.grow(anchor.size, event, path)
        for inside, line in anchor.lines:
            self.stands((*path, *inside), line)
        return anchor.value

    def stands(self, path: KeyPath, line: int) -> int:
        """Note on which line a key path stands; return the first one noted for it."""
        if path not in self.parsed.lines:
            self.seen.append(path)
        return self.parsed.lines.setdefault(path, line)

    def grow(self, by: int, event: Any, path: KeyPath) -> None:
        self.count += by
        if self.count > MAX_VALUES:
            raise _TooMuchError(Problem((), event.start_mark.line + 1, f"more than {MAX_VALUES} values"))
        if len(path) > MAX_DEPTH:
            raise _TooMuchError(Problem((), event.start_mark.line + 1, f"nested more than {MAX_DEPTH} deep"))

    def tag(self, path: KeyPath, event: Any) -> None:
        name = event.tag.replace("tag:yaml.org,2002:", "!!")
        self.problem(path, event, f"YAML tags are not allowed, found {shortened(name)}")

    def problem(self, path: KeyPath, event: Any, message: str) -> None:
        self.parsed.problems.append(Problem(path, event.start_mark.line + 1, message))


def _reason(error: yaml.MarkedYAMLError) -> str:
    reason = " ".join(str(error.problem or error.context).split())
    return f"{reason} (indent with spaces, not tabs)" if r"\t" in reason or "tab" in reason else reason
