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
_NO_CHOICE = ("union_tag_invalid", "union_tag_not_found")
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
    misspelt = {p: _closest(schema, data, p) for p, kind in errors.items() if kind == "extra_forbidden"}
    around = {path[:n] for path in errors for n in range(len(path))}
    for path, kind in errors.items():
        if path in around:
            continue  # one branch of a union matched as far as the other's deeper mistake
        if kind == "extra_forbidden":
            yield path, _of_another(schema, data, path) or _unknown(str(path[-1]), _keys(schema, data, path[:-1]))
        elif kind in _NO_CHOICE and isinstance(_value(data, path), Mapping):
            yield (*path, "name"), _no_choice(schema, data, path)
        elif kind == "missing":
            if path not in misspelt.values():
                yield path, f"missing; expected {describe(_fragment(schema, data, path), schema['$defs'])}"
        else:
            yield path, mismatch(_resolved(schema, _fragment(schema, data, path)), _value(data, path), schema["$defs"])


def _no_choice(schema: Fragment, data: Any, path: KeyPath) -> str:
    """Return the sentence for a section whose name, which decides on its keys, is missing or not one of them."""
    names: Fragment = {"enum": list(_choices(schema, _fragment(schema, data, path)))}
    section = _value(data, path)
    return mismatch(names, section["name"]) if "name" in section else f"missing; expected {describe(names)}"


def _of_another(schema: Fragment, data: Any, path: KeyPath) -> str | None:
    """Return the sentence for a key that another name in this section would have, None where none has it."""
    choices, section = _choices(schema, _fragment(schema, data, path[:-1])), _value(data, path[:-1])
    if not any(path[-1] in choice["properties"] for choice in choices.values()):
        return None
    takes = [key for key in _keys(schema, data, path[:-1]) if key != "name"]
    return f"has no effect with {_name(choices, section)}; it takes {', '.join(takes) or 'no arguments'}"


def _choices(schema: Fragment, fragment: Fragment) -> dict[str, Fragment]:
    """Return what a section may be, by the name that chooses it; empty where nothing is chosen by name."""
    resolved = _resolved(schema, fragment)
    inside = [option for each in resolved.get("anyOf", [resolved]) for option in each.get("oneOf", ())]
    return {choice["properties"]["name"]["const"]: choice for choice in (_resolved(schema, one) for one in inside)}


def _name(choices: Mapping[str, Fragment], section: Mapping[str, Any]) -> Any:
    """Return the name that chooses, or the one that is meant without any."""
    default = next((name for name, choice in choices.items() if "default" in choice["properties"]["name"]), None)
    return section.get("name", default)


def _unknown(key: str, allowed: Sequence[str]) -> str:
    """Return the sentence for an unknown key; one that another section has is told with its path."""
    elsewhere = meant_path(key)
    here = did_you_mean(key, allowed) or meant_key(key, allowed)
    by_this_name = elsewhere.endswith(f".{key}?")
    return f"unknown key{elsewhere}" if elsewhere and (by_this_name or not here) else unknown_key(key, allowed)


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
    """Return what stands at a key path, None where a mapping does not have its last key."""
    for key in path:
        data = data.get(key) if isinstance(data, Mapping) else data[int(key)]
    return data


def _resolved(schema: Fragment, fragment: Fragment) -> Fragment:
    """Return a fragment with references at its top followed."""
    while "$ref" in fragment:
        fragment = schema["$defs"][fragment["$ref"].rsplit("/", 1)[-1]]
    return fragment


def _branches(schema: Fragment, fragment: Fragment, value: Any) -> list[Fragment]:
    """Return what a value may be; of what is chosen by name the one that the value chooses."""
    resolved = _resolved(schema, fragment)
    if "anyOf" in resolved:
        return [branch for option in resolved["anyOf"] for branch in _branches(schema, option, value)]
    if "oneOf" in resolved:
        choices = _choices(schema, resolved)
        name = _name(choices, value) if isinstance(value, Mapping) else None
        return [choices[name]] if isinstance(name, str) and name in choices else []
    return [resolved]


def _fragment(schema: Fragment, data: Any, path: KeyPath) -> Fragment:
    """Return what the schema says of a key path of the data."""
    fragment: Fragment = schema
    for n, key in enumerate(path):
        branches = _branches(schema, fragment, _value(data, path[:n]))
        fragment = next((f for b in branches if (f := _child(b, key)) is not None), {})
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


def _keys(schema: Fragment, data: Any, path: KeyPath) -> list[str]:
    branches = _branches(schema, _fragment(schema, data, path), _value(data, path))
    return [key for branch in branches for key in branch.get("properties", ())]


def _closest(schema: Fragment, data: Any, path: KeyPath) -> KeyPath | None:
    """Return the path that the unknown key at the end of `path` was probably meant to be."""
    known = _keys(schema, data, path[:-1])
    return next(((*path[:-1], key) for key in known if is_meant(key, str(path[-1]), known)), None)
