"""Values by dotted path, laid over a document; `key.path=value` from the command line among them.

A value on the command line is YAML by the rules of files. Entries of lists are numbered from 0:
`augment.0.RandomFlip.mode=vertical`.
Another `name` for an optimizer, schedule or loss drops the arguments of the old one, as in `extends`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cnnbench.catalogue.values import KeyPath, dotted, found, shortened
from cnnbench.config.document import COMMAND_LINE, Document, Mark
from cnnbench.config.loader import (
    ESTIMATOR,
    INSTEAD,
    as_section,
    changes_choice,
    displaced,
    for_estimator,
    has_estimator,
    overlay,
)
from cnnbench.config.yaml_text import parse_value
from cnnbench.errors import did_you_mean

MARK = Mark(COMMAND_LINE, 0)


@dataclass(frozen=True)
class Override:
    """A value at a key path; keys are text here, also those that number an entry of a list.

    `marks` tells where the value stands, under the empty path, and what is inside it. A mapping that `merges` changes
    what it holds of a section and leaves the rest.
    """

    keys: tuple[str, ...]
    value: Any
    marks: Mapping[KeyPath, Mark] = field(default_factory=lambda: {(): MARK})
    merges: bool = False


class _RefusedError(Exception):
    """An override that cannot be laid over the document, and why."""


def apply(document: Document, overrides: Sequence[str | Override]) -> Document:
    """Return the document with the overrides in it; what cannot be done is among its `problems`."""
    parsed, problems = parse_all([each for each in overrides if isinstance(each, str)])
    document = replace(document, problems=(*document.problems, *(((), line) for line in problems)))
    return lay(document, [*parsed, *(each for each in overrides if isinstance(each, Override))])


def lay(document: Document, overrides: Iterable[Override]) -> Document:
    """Return the document with the values in it; what cannot be laid over it is among its `problems`."""
    overrides = list(overrides)
    data, marks = copy.deepcopy(document.data), dict(document.marks)
    problems = list(document.problems)
    _displace(data, overrides)
    if not has_estimator(data) and any(map(_brings_estimator, overrides)):
        data = {**for_estimator(data), "model": {}}
    # Whole sections first, then the choice of a name, then its arguments, in whatever order they were given.
    for override in sorted(overrides, key=lambda o: (len(o.keys), o.keys[-1] not in ("name", "architecture"))):
        try:
            path = _set(data, override)
        except _RefusedError as e:
            where = [str(override.marks[()])] if () in override.marks else []
            problems.append(((), ": ".join([*where, shortened(".".join(override.keys)), str(e)])))
            continue
        if not override.merges:
            marks = {p: m for p, m in marks.items() if p[: len(path)] != path}
        made = [path[:n] for n in range(1, len(path)) if not _holds(document.data, path[:n])]
        marks |= {p: override.marks[()] for p in made if () in override.marks}
        marks |= {(*path, *inside): mark for inside, mark in override.marks.items()}
    return Document(data, marks, tuple(problems))


def _displace(data: Any, overrides: Sequence[Override]) -> None:
    """Take out the keys whose place others take that are set."""
    for section in {keys[:-1] for keys in INSTEAD}:
        inside = data.get(section[0]) if isinstance(data, dict) else None
        new = {o.keys[-1]: o.value for o in overrides if o.keys[:-1] == section}
        for key in displaced(section, new):
            if isinstance(inside, dict):
                inside.pop(key, None)


def parse_all(overrides: Sequence[str]) -> tuple[list[Override], list[str]]:
    """Return what the command line assigns, and a line for each mistake in it."""
    parsed: dict[tuple[str, ...], Override] = {}
    problems: list[str] = []
    for text in overrides:
        key, equals, value = text.partition("=")
        keys, key = tuple(key.strip().split(".")), shortened(key)
        if not equals or not all(keys):
            problems.append(f"{COMMAND_LINE}: expected key.path=value, found {found(text)}")
        elif keys in parsed:
            problems.append(f"{COMMAND_LINE}: {key}: given twice")
        elif wrong := (result := parse_value(value)).problems:
            problems += [f"{COMMAND_LINE}: {key}: {problem.message}" for problem in wrong]
        else:
            parsed[keys] = Override(keys, result.data)
    return list(parsed.values()), problems


def _holds(data: Any, path: KeyPath) -> bool:
    """Return whether there is a value other than null at `path`."""
    for key in path:
        inside = key in data if isinstance(data, dict) else isinstance(data, list) and int(key) < len(data)
        data = data[key] if inside else None
    return data is not None


def _set(data: Any, override: Override) -> KeyPath:
    """Set the override's value in place and return its key path."""
    path: KeyPath = ()
    container = data
    for key in override.keys[:-1]:
        container, path = _enter(container, path, key)
    return _assign(container, path, override)


def _brings_estimator(override: Override) -> bool:
    return override.keys[:2] == ESTIMATOR or (override.keys == ("model",) and has_estimator({"model": override.value}))


def _enter(container: Any, path: KeyPath, key: str) -> tuple[Any, KeyPath]:
    """Return what stands under `key`, made a mapping where it is a name alone or not there."""
    place = _place(container, path, key)
    inside = (*path, place)
    if path == ESTIMATOR and place not in container:
        container.clear()
    value = as_section(inside, container[place] if isinstance(place, int) else container.get(place))
    if isinstance(container, list) and isinstance(value, str):  # `- RandomFlip` stands for `- RandomFlip: {}`
        value = {value: {}}
    container[place] = {} if value is None else value
    return container[place], inside


def _assign(container: Any, path: KeyPath, override: Override) -> KeyPath:
    key, value = override.keys[-1], copy.deepcopy(override.value)
    place = _place(container, path, key)
    inside = (*path, place)
    if isinstance(container, dict) and changes_choice(path, container, {key: value}):
        container.clear()
    if override.merges and (isinstance(place, int) or place in container):
        container[place] = overlay(inside, container[place], value, [])
    else:
        container[place] = as_section(inside, value)
    return inside


def _place(container: Any, path: KeyPath, key: str) -> str | int:
    """Return `key` as the key of a mapping or the index of a list; raises _RefusedError where it can be neither."""
    if isinstance(container, list):
        if not key.isdecimal() or int(key) >= len(container):
            entries = f"0 to {len(container) - 1}" if container else "none: it is empty"
            raise _RefusedError(f"{dotted(path)} is a list; its entries are {entries}")
        return int(key)
    if not isinstance(container, dict):
        raise _RefusedError(f"{dotted(path)} is {found(container)} and has no keys")
    if path and isinstance(path[-1], int) and key not in container:
        raise _RefusedError(f"{dotted(path)} is {', '.join(container)}{did_you_mean(key, container)}")
    return key
