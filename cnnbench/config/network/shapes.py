"""Output shape and MACs of every layer of a network, without Keras: what `validate` checks a network with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnnbench.catalogue.layers import LAYERS
from cnnbench.catalogue.shape_rules import Shape, ShapeError, text
from cnnbench.catalogue.signatures import in_full
from cnnbench.catalogue.values import Violation, dotted
from cnnbench.config.network.blocks import CLASSES, substitute
from cnnbench.config.network.naming import PROBABILITIES
from cnnbench.config.network.nodes import Auxiliary, Branches, Layer, Node, Residual, walk
from cnnbench.config.network.weights import axis_mistakes, layer_mistakes, parameters
from cnnbench.errors import ConfigError


@dataclass(frozen=True)
class LayerShape:
    """One layer: output shape without the batch axis, multiply-accumulates per image, numbers in its weights.

    `inputs` are the shapes it gets, several where paths are merged; `args` are all its arguments, defaults among them.
    """

    name: str
    kind: str
    output_shape: Shape
    macs: int
    where: str
    parameters: int = 0
    inputs: Sequence[Shape] = ()
    args: Mapping[str, Any] = field(default_factory=dict)


def infer(nodes: Sequence[Node], input_shape: tuple[int, int, int], classes: int) -> list[LayerShape]:
    """Return a row per layer, in the order in which the network is built, for images of shape (H, W, C).

    Arguments must have been checked. Raises ConfigError, one line, at the first layer that does not fit.
    """
    _check_classifier(nodes)
    walker = _Walker(classes)
    made = walker.sequence(nodes, tuple(input_shape))
    if made != (classes,) or not _gives_shares(nodes[-1]):
        raise ConfigError(f"{nodes[-1].where}: {_HEAD}; it gives {text(made)} for {classes} classes")
    return walker.rows


def check_head(nodes: Sequence[Node]) -> None:
    """Raise ConfigError unless the last layer is `classifier`, which is nowhere else, or ends in a softmax."""
    _check_classifier(nodes)
    if not _gives_shares(nodes[-1]):
        raise ConfigError(f"{nodes[-1].where}: {_HEAD}")


def _check_classifier(nodes: Sequence[Node]) -> None:
    for layer in walk(nodes):
        if layer.kind == "classifier" and layer is not nodes[-1]:
            raise ConfigError(f"{layer.where}: classifier must be the last layer, and only there")


def _gives_shares(last: Node) -> bool:
    """Return whether the values of a layer sum to one."""
    return isinstance(last, Layer) and (last.kind in SHARES or last.args.get("activation") == "softmax")


SHARES = ("classifier", "Softmax")
_HEAD = "the last layer must be classifier, or give a probability for each class by a softmax"


@dataclass
class _Walker:
    classes: int
    rows: list[LayerShape] = field(default_factory=list)

    def sequence(self, nodes: Sequence[Node], shape: Shape) -> Shape:
        for node in nodes:
            shape = self.node(node, shape)
        return shape

    def node(self, node: Node, shape: Shape) -> Shape:
        if isinstance(node, Auxiliary):
            _Walker(self.classes).head(node, shape)
            return shape
        if isinstance(node, Branches):
            return self.branches(node, shape)
        if isinstance(node, Residual):
            return self.residual(node, shape)
        if node.kind == "classifier":
            return self.classifier(node, shape)
        return self.layer(node.kind, node.args, node, shape)

    def head(self, node: Auxiliary, shape: Shape) -> None:
        """Raise ConfigError unless an auxiliary head gives a probability for each class."""
        made = self.sequence(node.layers, shape)
        if made != (self.classes,) or not _gives_shares(node.layers[-1]):
            end = f"must end with a probability for each class; it gives {text(made)} for {self.classes} classes"
            raise ConfigError(f"{node.where}: an auxiliary head {end}")

    def layer(self, kind: str, given: Mapping[str, Any], node: Layer, shape: Shape) -> Shape:
        args = in_full(kind, substitute(given, {CLASSES: self.classes}))
        _refuse(node, axis_mistakes(kind, args, len(shape)))
        try:
            made, macs = LAYERS[kind].rule(args, shape)
        except ShapeError as e:
            raise ConfigError(f"{node.where}: {e}") from None
        _refuse(node, layer_mistakes(kind, args, shape, made))
        weights = parameters(kind, args, shape)
        self.rows.append(LayerShape(node.name, kind, made, macs, node.where, weights, [shape], args))
        return made

    def classifier(self, node: Layer, shape: Shape) -> Shape:
        if len(shape) != 1:
            needed = "needs a vector; put Flatten or GlobalAveragePooling2D before it"
            raise ConfigError(f"{node.where}: {needed} (found {text(shape)})")
        shape = self.layer("Dense", {**node.args, "units": self.classes}, node, shape)
        args = in_full("Activation", {"activation": "softmax"})
        self.rows.append(LayerShape(PROBABILITIES, "Activation", shape, 0, node.where, 0, [shape], args))
        return shape

    def branches(self, node: Branches, shape: Shape) -> Shape:
        shapes = [self.sequence(path, shape) for path in node.paths]
        merged = _concatenated(shapes) if node.merge == "Concatenate" else _broadcast(shapes)
        if merged is None:
            rule = "height and width" if node.merge == "Concatenate" else "shape (or 1 along an axis)"
            found = ", ".join(map(text, shapes))
            raise ConfigError(f"{node.where}: {node.merge} needs paths of the same {rule}, found {found}")
        self.rows.append(LayerShape(node.name, node.merge, merged, 0, node.where, 0, shapes))
        return merged

    def residual(self, node: Residual, shape: Shape) -> Shape:
        added, shortcut = self.sequence(node.layers, shape), self.sequence(node.shortcut, shape)
        if added != shortcut:
            found = f"its layers give {text(added)}, its shortcut {text(shortcut)}"
            raise ConfigError(f"{node.where}: {found}; they are added and must have the same shape")
        self.rows.append(LayerShape(node.name, "Add", added, 0, node.where, 0, [added, shortcut]))
        return self.node(node.activation, added) if node.activation else added


def _refuse(node: Layer, mistakes: Iterator[Violation]) -> None:
    lines = [f"{'.'.join(filter(None, (node.where, dotted(path))))}: {message}" for path, message in mistakes]
    if lines:
        raise ConfigError(*lines)


def _concatenated(shapes: Sequence[Shape]) -> Shape | None:
    """Join along the last axis; None where the other axes differ."""
    if len({shape[:-1] for shape in shapes}) > 1:
        return None
    return (*shapes[0][:-1], sum(shape[-1] for shape in shapes))


def _broadcast(shapes: Sequence[Shape]) -> Shape | None:
    """Combine value by value; an axis of size 1 fits any size. None where the shapes don't fit."""
    if len({len(shape) for shape in shapes}) > 1:
        return None
    if any(len(set(sizes) - {1}) > 1 for sizes in zip(*shapes, strict=True)):
        return None
    return tuple(max(sizes) for sizes in zip(*shapes, strict=True))
