"""One argument of a Keras object: what it may be, and checking a mapping of arguments against a table of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnbench.catalogue.keys import meant_key
from cnnbench.catalogue.values import Fragment, References, Violation, describe, found, violations
from cnnbench.errors import did_you_mean

BOOLEAN: Fragment = {"type": "boolean"}
STRING: Fragment = {"type": "string"}
NULL: Fragment = {"type": "null"}
MOST_UNKNOWN = 100  # that are compared with what is missing


@dataclass(frozen=True)
class Argument:
    """What an argument may be, and its default, None for those that are required too.

    `needs` names another argument and the value of it that gives this one an effect.
    """

    fragment: Fragment
    required: bool = False
    needs: tuple[str, Any] | None = None
    default: Any = None


Arguments = Mapping[str, Argument]
Table = Mapping[str, Arguments]


def integer(minimum: int | None = None, maximum: int | None = None) -> Fragment:
    """An integer within closed bounds."""
    return _without_none({"type": "integer", "minimum": minimum, "maximum": maximum})


def number(
    minimum: float | None = None,
    maximum: float | None = None,
    *,
    above: float | None = None,
    below: float | None = None,
) -> Fragment:
    """A finite number within bounds; `above` and `below` are open ones."""
    bounds = {"minimum": minimum, "exclusiveMinimum": above, "maximum": maximum, "exclusiveMaximum": below}
    return _without_none({"type": "number", **bounds})


def choice(*values: str | int) -> Fragment:
    """One of some values."""
    return {"enum": list(values)}


def listing(item: Fragment, least: int = 1, most: int | None = None) -> Fragment:
    """A list of `item`, at least and at most so many."""
    return _without_none({"type": "array", "items": item, "minItems": least, "maxItems": most})


def either(*fragments: Fragment) -> Fragment:
    """What any of the fragments allows."""
    return {"anyOf": list(fragments)}


def pair(item: Fragment) -> Fragment:
    """One value for both directions, or two: height and width, or lower and upper bound."""
    return {**either(item, listing(item, 2, 2)), "expected": f"{describe(item)} or a list of two"}


def or_null(fragment: Fragment) -> Fragment:
    """What the fragment allows, or null for Keras' own default."""
    return either(fragment, NULL)


def check_arguments(
    allowed: Arguments, args: Mapping[str, Any], refused: Mapping[str, str], references: References
) -> list[Violation]:
    """Return every mistake in `args`; `refused` says why arguments that Keras has cannot be given here."""
    mistakes: list[Violation] = []
    for name, value in args.items():
        if name in allowed:
            mistakes += _check(name, value, allowed, args, references)
        elif name in refused:
            mistakes.append(((name,), f"cannot be set: {refused[name]}"))
        else:
            mistakes.append(((name,), unknown_key(name, allowed)))
    unknown = [name for name in args if name not in allowed][:MOST_UNKNOWN]
    for name, argument in allowed.items():
        if argument.required and name not in args and not any(is_meant(name, u, allowed) for u in unknown):
            mistakes.append(((name,), f"missing; expected {describe(argument.fragment)}"))
    return mistakes


def is_meant(name: str, unknown: str, allowed: Mapping[str, Any] | Sequence[str]) -> bool:
    """Return whether `name` is the allowed name that an unknown one is closest to."""
    return did_you_mean(unknown, allowed) == did_you_mean(name, [name])


def unknown_key(name: str, allowed: Mapping[str, Any] | Sequence[str]) -> str:
    """Return the sentence for a key that does not exist: its closest name, else all there are."""
    hint = did_you_mean(name, allowed) or meant_key(name, allowed)
    return f"unknown key{hint or '; allowed: ' + (', '.join(allowed) or 'none')}"


def _check(
    name: str, value: Any, allowed: Arguments, args: Mapping[str, Any], references: References
) -> list[Violation]:
    argument = allowed[name]
    wrong = [((name, *path), message) for path, message in violations(argument.fragment, value, references)]
    if wrong or argument.needs is None:
        return wrong
    other, wanted = argument.needs
    if args.get(other, allowed[other].default) == wanted:
        return []
    return [((name,), f"has no effect unless {other} is {found(wanted)}")]


def _without_none(fragment: dict[str, Any]) -> Fragment:
    return {key: value for key, value in fragment.items() if value is not None}
