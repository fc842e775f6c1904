"""Named blocks with parameters: checking their definitions, and filling them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnbench.catalogue.values import found, shortened
from cnnbench.config.network.places import Mistakes, Place, describe
from cnnbench.errors import did_you_mean

CLASSES = "classes"  # `$classes` stands for the number of classes, everywhere in a network
_TAKEN = f"${CLASSES} stands for the number of classes; choose another name"


@dataclass(frozen=True)
class Block:
    """A checked definition: every `$name` in its layers is a parameter and every parameter is used."""

    parameters: Sequence[str]
    layers: Any

    def fill(self, values: Mapping[str, Any]) -> Any:
        """Return the block's layers with every `$parameter` replaced by its value."""
        return substitute(self.layers, values)


def define(
    blocks: Any, taken: Mapping[str, Any], mistakes: Mistakes, outer: Mapping[str, Any] | None = None
) -> dict[str, Block]:
    """Check the definitions under `blocks`; names in `taken` are those of layers and forms.

    `outer` are the network's own parameters: a `$name` that is no parameter of the block stands for theirs.
    """
    place = Place.top("blocks")
    if blocks is None:
        return {}
    if not isinstance(blocks, Mapping):
        mistakes.add(place, f"expected a mapping from names to blocks, found {describe(blocks)}")
        return {}
    for name in blocks:
        if name in taken:
            mistakes.add(place / str(name), "a layer has this name; choose another")
    values = outer or {}
    defined = {str(name): _define(value, place / str(name), mistakes, values) for name, value in blocks.items()}
    return {name: block for name, block in defined.items() if block}


def check_references(layers: Any, body: Place, parameters: Sequence[str], mistakes: Mistakes) -> set[str]:
    """Note every `$name` in `layers` that is no parameter; return all names found."""
    names = set()
    for place, name in _references(layers, body):
        names.add(name)
        if name not in (*parameters, CLASSES):
            known = shortened(", ".join(parameters)) or "none"
            hint = did_you_mean(name, [*parameters, CLASSES])
            mistakes.add(place, f"${shortened(name)} is not a parameter here (parameters: {known}){hint}")
    return names


def check_values(parameters: Any, layers: Any, blocks: Any, mistakes: Mistakes) -> Mapping[str, Any]:
    """Check the network's own `parameters` against the `$name`s in its layers and blocks, and return their values."""
    place, values = Place.top("parameters"), {} if parameters is None else parameters
    if not isinstance(values, Mapping) or not all(map(_is_name, values)):
        mistakes.add(place, f"expected a mapping from names to values, found {found(values)}")
        return {}
    if CLASSES in values:
        mistakes.add(place / CLASSES, _TAKEN)
    used = check_references(layers, Place.top("layers"), tuple(values), mistakes)
    used |= {name for _, name in _references(blocks, Place.top("blocks"))}
    for name in values:
        if name not in used:
            mistakes.add(place / name, f"never used (the layers hold no ${shortened(name)})")
    return values


def _define(value: Any, place: Place, mistakes: Mistakes, outer: Mapping[str, Any]) -> Block | None:
    fields = mistakes.fields(value, place, required=["layers"], optional=["parameters"])
    if fields is None:
        return None
    parameters = fields.get("parameters") or []
    if not _is_names(parameters):
        mistakes.add(place / "parameters", f"expected a list of different names, found {found(parameters)}")
        return None
    if CLASSES in parameters:
        mistakes.add(place / "parameters", _TAKEN)
        return None
    used = check_references(fields["layers"], place / "layers", [*parameters, *outer], mistakes)
    for name in parameters:
        if name not in used:
            message = f"{shortened(name)} is never used (the layers hold no ${shortened(name)})"
            mistakes.add(place / "parameters", message)
    shadowed = {name: value for name, value in outer.items() if name not in parameters}
    return Block(parameters, substitute(fields["layers"], shadowed))


def _references(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str) and value.startswith("$"):
        yield place, value[1:]
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _references(inner, place / str(key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _references(inner, place / i)


def is_choice(entry: Any) -> bool:
    """Return whether a `$name` stands in place of a layer: its value chooses one of the blocks."""
    return isinstance(entry, str) and entry.startswith("$")


def substitute(value: Any, values: Mapping[str, Any]) -> Any:
    """Return a value with every `$name` in it replaced, where the name has a value."""
    if isinstance(value, str) and value.startswith("$"):
        return values.get(value[1:], value)
    if isinstance(value, Mapping):
        return {key: substitute(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [substitute(inner, values) for inner in value]
    return value


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_name, value)) and len(set(value)) == len(value)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value.isidentifier()
