"""From the layers of a YAML file to a tree of layers: blocks filled in, repeats unrolled, every layer named.

Nothing is evaluated: a `$parameter` stands for a whole value and is replaced by it, and that is all there is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnnbench.catalogue.layers import LAYERS
from cnnbench.catalogue.values import KeyPath
from cnnbench.config.network import naming
from cnnbench.config.network.blocks import Block, check_values, define, is_choice, substitute
from cnnbench.config.network.nodes import Auxiliary, Branches, Layer, Node, Residual, walk
from cnnbench.config.network.places import Mark, Mistakes, Place, describe
from cnnbench.config.schema import Model
from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.numbers import is_number

__all__ = ["MERGES", "Branches", "KeyPath", "Layer", "Mark", "Node", "Residual", "expand", "walk"]

MERGES = ("Concatenate", "Add", "Multiply", "Average", "Maximum")
MAX_ENTRIES = 10_000  # a mistyped `times` must not eat the memory


def expand(
    layers: Any,
    blocks: Any = None,
    parameters: Any = None,
    marks: Mapping[KeyPath, Mark] | None = None,
    met: list[Layer] | None = None,
    named: bool = True,
) -> list[Node]:
    """Return the network that `layers`, `blocks` and `parameters` of a configuration describe.

    `marks` maps key paths such as ("layers", 3, "Conv2D") to their file and line; without it errors name the
    key path alone. Arguments of layers are not checked here; `met` gets every layer, also where something around it is
    wrong. Where not `named`, layers have the names of the file alone. Raises ConfigError with one line per mistake.
    """
    mistakes = Mistakes(marks or {})
    values = check_values(parameters, layers, blocks, mistakes)
    defined = define(blocks, {**LAYERS, **_FORMS}, mistakes, values)
    mistakes.check()
    chosen = isinstance(layers, list) and any(map(is_choice, layers))
    expander = _Expander(LAYERS, defined, mistakes, [] if met is None else met, chosen)
    nodes = expander.run(substitute(layers, values))
    return naming.name_nodes(nodes) if named else nodes


def network_of(model: Model) -> list[Node]:
    """Return the network of a checked configuration."""
    return expand(model.layers, model.blocks, model.parameters)


@dataclass
class _Expander:
    """Expands one network whose blocks are defined without mistakes."""

    known: Mapping[str, Any]
    blocks: Mapping[str, Block]
    mistakes: Mistakes
    met: list[Layer]
    chosen: bool  # a parameter says which block is used, so that others are not
    used: set[str] = field(default_factory=set)
    count: int = 0

    def run(self, layers: Any) -> list[Node]:
        """Expand the layers of the network itself."""
        nodes = self.sequence(layers, Place.top("layers"))
        self.mistakes.check()  # a misspelt block would be told a second time as never used
        for name in self.blocks:
            if name not in self.used and not self.chosen:
                self.mistakes.add(Place.top("blocks", name), "the block is never used")
        self.mistakes.check()
        badly_named = [f"{layer.where}.name: {message}" for layer, message in naming.mistakes(nodes)]
        if badly_named:
            raise ConfigError(*badly_named)
        return nodes

    def sequence(self, entries: Any, place: Place) -> list[Node]:
        """Expand a list of entries."""
        if not isinstance(entries, list | tuple) or not entries:
            self.mistakes.add(place, f"expected a list of layers, found {describe(entries)}")
            return []
        return [node for i, entry in enumerate(entries) for node in self.entry(entry, place / i)]

    def entry(self, entry: Any, place: Place) -> Sequence[Node]:
        """Expand one entry: `Flatten`, `Dense: {units: 10}`, a form or a block."""
        if isinstance(entry, str):
            return self.named(entry, {}, Place(place.definition, (*place.use, entry), place.stack))
        if not isinstance(entry, Mapping) or len(entry) != 1:
            several = isinstance(entry, Mapping) and len(entry) > 1
            found = f"several: {', '.join(map(str, entry))}" if several else describe(entry)
            self.mistakes.add(place, f"expected one layer, as Flatten or Dense: {{units: 10}}, found {found}")
            return []
        [(key, args)] = entry.items()
        args = {} if args is None else args
        if not isinstance(args, Mapping):
            message = f"expected arguments, as {{name: value}}, found {describe(args)}"
            self.mistakes.add(place / str(key), message)
            return []
        return self.named(str(key), args, place / str(key))

    def named(self, kind: str, args: Mapping[Any, Any], place: Place) -> Sequence[Node]:
        """Expand what is called `kind`."""
        self.count += 1
        if self.count > MAX_ENTRIES:
            raise ConfigError(f"{self.mistakes.where(place)}: the network has more than {MAX_ENTRIES} layers")
        if kind in _FORMS:
            return _FORMS[kind](self, args, place)
        if kind in self.blocks:
            return self.block(kind, args, place)
        if kind in self.known:
            return [self.layer(kind, args, place)]
        hint = did_you_mean(kind, [*self.known, *_FORMS, *self.blocks])
        self.mistakes.add(place, f"no layer and no block has this name{hint}")
        return []

    def layer(self, kind: str, args: Mapping[Any, Any], place: Place) -> Layer:
        """Take a layer as it is; its name is kept apart (the classifier's is fixed)."""
        rest = {str(key): value for key, value in args.items()}
        name = rest.pop("name", "") if kind != "classifier" else ""
        return self.meet(Layer(kind, rest, self.mistakes.where(place), name))

    def meet(self, layer: Layer) -> Layer:
        """Take a layer down, whatever becomes of the network."""
        self.met.append(layer)
        return layer

    def block(self, name: str, args: Mapping[Any, Any], place: Place) -> Sequence[Node]:
        """Fill in a block's parameters and expand it in place."""
        self.used.add(name)
        if name in place.stack:
            self.mistakes.add(place, f"a block cannot contain itself ({' > '.join([*place.stack, name])})")
            return []
        values = self.mistakes.fields(args, place, required=self.blocks[name].parameters)
        if values is None:
            return []
        body = Place(("blocks", name, "layers"), (*place.use, "layers"), (*place.stack, name))
        return self.sequence(self.blocks[name].fill(values), body)

    def repeat(self, args: Mapping[Any, Any], place: Place) -> Sequence[Node]:
        """Unroll `repeat: {times, layers}`."""
        fields = self.mistakes.fields(args, place, required=["times", "layers"])
        if fields is None:
            return []
        times = fields["times"]
        if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= MAX_ENTRIES:
            message = f"expected a whole number from 1 to {MAX_ENTRIES}, found {describe(times)}"
            self.mistakes.add(place / "times", message)
            return []
        return [node for _ in range(times) for node in self.sequence(fields["layers"], place / "layers")]

    def residual(self, args: Mapping[Any, Any], place: Place) -> Sequence[Node]:
        """Read `residual: {layers, shortcut, activation}`."""
        fields = self.mistakes.fields(args, place, ["layers"], optional=["shortcut", "activation"])
        if fields is None:
            return []
        where = self.mistakes.where(place)
        layers = self.sequence(fields["layers"], place / "layers")
        shortcut = self.sequence(fields["shortcut"], place / "shortcut") if fields.get("shortcut") else []
        name = fields.get("activation")
        activation = self.meet(Layer("Activation", {"activation": name}, where)) if name is not None else None
        return [Residual(layers, shortcut, activation, where)]

    def branches(self, args: Mapping[Any, Any], place: Place) -> Sequence[Node]:
        """Read `branches: {merge, paths}`."""
        fields = self.mistakes.fields(args, place, required=["merge", "paths"])
        if fields is None:
            return []
        merge, paths = fields["merge"], fields["paths"]
        if merge not in MERGES:
            hint = did_you_mean(str(merge), MERGES)
            self.mistakes.add(place / "merge", f"expected one of {', '.join(MERGES)}, found {describe(merge)}{hint}")
            return []
        if not isinstance(paths, list) or len(paths) < 2 or not all(isinstance(path, list) for path in paths):
            message = "expected at least two lists of layers (an empty one is the identity)"
            self.mistakes.add(place / "paths", message)
            return []
        inside = place / "paths"
        expanded = [self.sequence(path, inside / i) if path else [] for i, path in enumerate(paths)]
        return [Branches(merge, expanded, self.mistakes.where(place))]

    def auxiliary(self, args: Mapping[str, Any], place: Place) -> Sequence[Node]:
        """Read `auxiliary: {weight, layers}`; with a weight of 0 there is none."""
        fields = self.mistakes.fields(args, place, required=["weight", "layers"])
        if fields is None:
            return []
        weight, layers = fields["weight"], self.sequence(fields["layers"], place / "layers")
        if not is_number(weight) or weight < 0:
            self.mistakes.add(place / "weight", f"expected a number >= 0, found {describe(weight)}")
            return []
        return [Auxiliary(layers, float(weight), self.mistakes.where(place))] if weight else []


_FORMS = {
    "repeat": _Expander.repeat,
    "residual": _Expander.residual,
    "branches": _Expander.branches,
    "auxiliary": _Expander.auxiliary,
}
