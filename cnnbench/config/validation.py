"""Pydantic's verdict on a document, in this project's words: one line per mistake.

What a key allows is read off the schema itself, so that every message names exactly what the schema accepts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from cnnbench.catalogue.arguments import is_meant, unknown_key
from cnnbench.catalogue.keys import meant_key, meant_path
from cnnbench.catalogue.values import Fragment, KeyPath, Violation, describe, mismatch
from cnnbench.errors import did_you_mean

Model = TypeVar("Model", bound=BaseModel)
MOST_WORDED = 500  # mistakes: looking for the closest name takes time, and nobody reads more of them


def validate(model: type[Model], data: Any) -> tuple[Model | None, list[Violation]]:
    """Return the model, or None and every mistake as (key path, sentence)."""
    try:
        return model.model_validate(data), []
    except ValidationError as e:
        errors = [_located(error["loc"], data, error["type"]) for error in e.errors(include_url=False)]
        worded = _sentences(_schema(model), data, dict(errors[:MOST_WORDED]))
        return None, [*worded, *((path, "wrong too") for path, _ in errors[MOST_WORDED:])]


@cache
def _schema(model: type[BaseModel]) -> Fragment:
    return {"$defs": {}, **model.model_json_schema()}


def _sentences(schema: Fragment, data: Any, errors: Mapping[KeyPath, str]) -> Iterator[Violation]:
    misspelt = {p: _closest(schema, p) for p, kind in errors.items() if kind == "extra_forbidden"}
    around = {path[:n] for path in errors for n in range(len(path))}
    for path, kind in errors.items():
        if path in around:
            continue  # one branch of a union matched as far as the other's deeper mistake
        if kind == "extra_forbidden":
            yield path, _unknown(str(path[-1]), _keys(schema, path[:-1]))
        elif kind == "missing":
            if path not in misspelt.values():
                yield path, f"missing; expected {describe(_fragment(schema, path), schema['$defs'])}"
        else:
            yield path, mismatch(_resolved(schema, _fragment(schema, path)), _value(data, path), schema["$defs"])


def _unknown(key: str, allowed: Sequence[str]) -> str:
    """Return the sentence for an unknown key; one that another section has is told with its path."""
    elsewhere = meant_path(key)
    here = did_you_mean(key, allowed) or meant_key(key, allowed)
    return f"unknown key{elsewhere}" if elsewhere and not here else unknown_key(key, allowed)


def _located(loc: Sequence[str | int], data: Any, kind: str) -> tuple[KeyPath, str]:
    """Return key path and kind of an error: pydantic's location without the names of a union's branches."""
    path: list[str | int] = []
    for i, key in enumerate(loc):
        last = i == len(loc) - 1
        if isinstance(data, Mapping) and isinstance(key, str) and (key in data or (last and kind == "missing")):
            path.append(key)
            data = data.get(key)
        elif isinstance(data, list | tuple) and isinstance(key, int) and key < len(data):
            path.append(key)
            data = data[key]
    too_short = kind == "missing" and isinstance(data, list | tuple)
    return tuple(path), "too_short" if too_short else kind


def _value(data: Any, path: KeyPath) -> Any:
    for key in path:
        data = data[key]
    return data


def _resolved(schema: Fragment, fragment: Fragment) -> Fragment:
    """Return a fragment with references at its top followed."""
    while "$ref" in fragment:
        fragment = schema["$defs"][fragment["$ref"].rsplit("/", 1)[-1]]
    return fragment


def _branches(schema: Fragment, fragment: Fragment) -> list[Fragment]:
    resolved = _resolved(schema, fragment)
    return [b for option in resolved["anyOf"] for b in _branches(schema, option)] if "anyOf" in resolved else [resolved]


def _fragment(schema: Fragment, path: KeyPath) -> Fragment:
    """Return what the schema says of a key path."""
    fragment: Fragment = schema
    for key in path:
        fragment = next((f for b in _branches(schema, fragment) if (f := _child(b, key)) is not None), {})
    return fragment


def _child(branch: Fragment, key: str | int) -> Fragment | None:
    child: Fragment | None
    if isinstance(key, int):
        prefix = branch.get("prefixItems", ())
        child = prefix[key] if key < len(prefix) else branch.get("items")
        return child
    child = branch.get("properties", {}).get(key)
    if child is None and isinstance(branch.get("additionalProperties"), Mapping):
        child = branch["additionalProperties"]
    return child


def _keys(schema: Fragment, path: KeyPath) -> list[str]:
    return [key for branch in _branches(schema, _fragment(schema, path)) for key in branch.get("properties", ())]


def _closest(schema: Fragment, path: KeyPath) -> KeyPath | None:
    """Return the path that the unknown key at the end of `path` was probably meant to be."""
    known = _keys(schema, path[:-1])
    return next(((*path[:-1], key) for key in known if is_meant(key, str(path[-1]), known)), None)
