"""What a value may be, written as a fragment of JSON Schema: checked here, and put into words.

One notation serves three ends: the arguments of Keras objects are checked with it, messages say what it allows,
and `cnnbench schema` hands it to editors as it is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cnnbench.catalogue.keys import meant_word
from cnnbench.errors import did_you_mean

Fragment = Mapping[str, Any]
KeyPath = tuple[str | int, ...]
Violation = tuple[KeyPath, str]
References = Mapping[str, Callable[[Any], list[Violation]]]

_KERAS: Fragment = {
    kind: {"expected": f"the name of a Keras {kind} or {{name: {{argument: value}}}}"}
    for kind in ("initializer", "regularizer", "constraint")
}
LONGEST = 60  # characters of a value quoted in a message
LONGEST_PATH = 200  # characters of the path of a file that is not there
_BOUNDS = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}


def dotted(path: Sequence[str | int]) -> str:
    """Return ("augment", 0, "RandomFlip") as augment[0].RandomFlip."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{_key(key)}" for key in path)
    return text.removeprefix(".")


def found(value: Any) -> str:
    """Return a value as a message quotes it: on one line, shortened."""
    return shortened(json.dumps(value, ensure_ascii=False, default=str))


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return the start of a text that is longer than a message quotes."""
    return text if len(text) <= longest else text[: longest - 3] + "..."


def describe(fragment: Fragment, definitions: Fragment | None = None) -> str:
    """Return what a fragment allows, in words; `definitions` resolves its references."""
    if "$ref" in fragment:
        name = fragment["$ref"].rsplit("/", 1)[-1]
        return describe((definitions or _KERAS)[name], definitions)
    if "expected" in fragment:
        return str(fragment["expected"])
    if "anyOf" in fragment:
        return " or ".join(dict.fromkeys(describe(option, definitions) for option in fragment["anyOf"]))
    if "const" in fragment:
        return str(fragment["const"])
    if "enum" in fragment:
        names = [str(name) for name in fragment["enum"]]
        return names[0] if len(names) == 1 else f"one of {', '.join(names)}"
    return _describe_type(fragment, definitions)


def names_in(fragment: Fragment) -> Iterator[str]:
    """Yield every word that a fragment allows as a value."""
    yield from (name for name in fragment.get("enum", ()) if isinstance(name, str))
    if isinstance(fragment.get("const"), str):
        yield fragment["const"]
    for option in fragment.get("anyOf", ()):
        yield from names_in(option)


def mismatch(fragment: Fragment, value: Any, definitions: Fragment | None = None) -> str:
    """Return the sentence for a value that is not what the fragment allows."""
    hint = _closest(value, list(names_in(fragment))) if isinstance(value, str) else ""
    return f"expected {describe(fragment, definitions)}, found {found(value)}{hint}"


def _closest(value: str, allowed: Sequence[str]) -> str:
    return meant_word(value, allowed) or did_you_mean(value, allowed)


def violations(fragment: Fragment, value: Any, references: References) -> list[Violation]:
    """Return where, inside `value`, it is not what the fragment allows, and the sentence for each place."""
    if "$ref" in fragment:
        return references[fragment["$ref"]](value)
    if "anyOf" in fragment:
        return _violations_of_any(fragment, value, references)
    if not _is(fragment, value):
        return [((), mismatch(fragment, value))]
    items = fragment.get("items")
    if items is None or not isinstance(value, list):
        return []
    return [((i, *path), m) for i, item in enumerate(value) for path, m in violations(items, item, references)]


def _violations_of_any(fragment: Fragment, value: Any, references: References) -> list[Violation]:
    found_in = [violations(option, value, references) for option in fragment["anyOf"]]
    if not all(found_in):
        return []
    inside = [each for each in found_in if all(path for path, _ in each)]
    return inside[0] if inside else [((), mismatch(fragment, value))]


def _is(fragment: Fragment, value: Any) -> bool:
    if "enum" in fragment:
        return any(value == name and type(value) is type(name) for name in fragment["enum"])
    kind = fragment["type"]
    if kind in ("integer", "number"):
        return _is_number(kind, value) and _within(fragment, value)
    if kind == "array":
        low, high = fragment.get("minItems", 0), fragment.get("maxItems", math.inf)
        return isinstance(value, list) and low <= len(value) <= high
    return isinstance(value, {"boolean": bool, "string": str, "null": type(None)}[kind])


def _is_number(kind: str, value: Any) -> bool:
    allowed = int if kind == "integer" else (int, float)
    return isinstance(value, allowed) and not isinstance(value, bool) and math.isfinite(value)


def _within(fragment: Fragment, value: float) -> bool:
    low = value >= fragment.get("minimum", -math.inf) and value > fragment.get("exclusiveMinimum", -math.inf)
    high = value <= fragment.get("maximum", math.inf) and value < fragment.get("exclusiveMaximum", math.inf)
    return bool(low and high)


def _describe_type(fragment: Fragment, definitions: Fragment | None) -> str:
    kind = fragment.get("type")
    if kind in ("integer", "number"):
        return f"{'an integer' if kind == 'integer' else 'a number'} {_bounds(fragment)}".rstrip()
    if kind == "array":
        return _describe_array(fragment, definitions)
    if kind == "object":
        keys = ", ".join(fragment.get("properties", ()))
        return f"a mapping with {keys}" if keys else "a mapping"
    return {"boolean": "true or false", "string": "text", "null": "null"}.get(str(kind), "anything")


def _bounds(fragment: Fragment) -> str:
    if "minimum" in fragment and "maximum" in fragment:
        return f"from {fragment['minimum']} to {fragment['maximum']}"
    return " and ".join(f"{sign} {fragment[key]}" for key, sign in _BOUNDS.items() if key in fragment)


def _describe_array(fragment: Fragment, definitions: Fragment | None) -> str:
    each = [describe(item, definitions) for item in fragment.get("prefixItems", ())]
    if each:
        return f"a list of {len(each)} ({', '.join(dict.fromkeys(each))})"
    low, high = fragment.get("minItems"), fragment.get("maxItems")
    count = f" of {low}" if low is not None and low == high else ""
    inside = describe(fragment["items"], definitions) if fragment.get("items") else "anything"
    return f"a list{count}" if inside == "anything" else f"a list{count} ({inside} each)"


def _key(key: str) -> str:
    return shortened(key) if key.isprintable() and key else found(key)
