"""What a JSON Schema says of every key, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnnbench.catalogue.values import describe

Schema = Mapping[str, Any]
_NAMED = {"layer": "a layer", "parameter": "a $parameter"}  # what is told by its name


def walk(schema: Schema, fragment: Schema, above: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield the dotted path of every key with its fragment, a key of several alternatives once."""
    met: set[str] = set()
    for option in _options(schema, fragment):
        for key, child in option.get("properties", {}).items():
            if key not in met and isinstance(child, Mapping):
                met.add(key)
                yield f"{above}{key}", child
                yield from walk(schema, child, f"{above}{key}.") if child else ()


def _options(schema: Schema, fragment: Schema) -> Iterator[Schema]:
    """Yield the mappings that a fragment allows, references and alternatives followed."""
    if "$ref" in fragment:
        yield from _options(schema, _resolved(schema, fragment))
    by_name = [rule["then"] for rule in fragment.get("allOf", ()) if "then" in rule]
    for option in (*fragment.get("anyOf", ()), *fragment.get("oneOf", ()), *by_name):
        yield from _options(schema, option)
    if fragment.get("type") == "array" and "$ref" in fragment.get("items", {}):
        yield from _options(schema, fragment["items"])
    if "properties" in fragment:
        yield fragment


def words(fragment: Schema, schema: Schema) -> str:
    """Return what a key may be."""
    alternatives = [*fragment.get("anyOf", ()), *fragment.get("oneOf", ())]
    if alternatives:
        return " or ".join(dict.fromkeys(words(option, schema) for option in alternatives))
    if "$ref" in fragment:
        name = fragment["$ref"].rsplit("/", 1)[-1]
        return _NAMED.get(name) or words(_resolved(schema, fragment), schema)
    if "properties" in fragment or fragment.get("type") == "object":
        return "a mapping"
    if fragment.get("type") == "array" and "items" in fragment:
        return f"a list, each {words(fragment['items'], schema)}"
    return describe(fragment) if fragment.keys() & {"type", "enum", "const", "expected"} else "any value"


def _resolved(schema: Schema, fragment: Schema) -> Schema:
    found: Schema = schema["$defs"][fragment["$ref"].rsplit("/", 1)[-1]]
    return found
