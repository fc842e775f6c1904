"""The layers of a network that have weights, and the orders in which frameworks list them; known without Keras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnnbench.config.network.naming import LOGITS, PROBABILITIES
from cnnbench.config.network.nodes import Auxiliary, Branches, Layer, Node, Residual
from cnnbench.config.network.shapes import LayerShape, infer
from cnnbench.config.network.weights import weights_of

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Slot:
    """A layer with weights: their shapes as Keras keeps them, in its order.

    `flattened` is the shape (H, W, C) of the maps whose values its inputs are, None where they come from no maps.
    """

    layer: str
    kind: str
    shapes: tuple[Shape, ...]
    flattened: Shape | None = None

    def __str__(self) -> str:
        return f"{self.layer} ({self.kind} {shown(self.shapes)})"


def shown(shapes: Sequence[Shape]) -> str:
    """Return shapes as people write them: 3x3x64x128 + 128."""
    return " + ".join("x".join(map(str, shape)) or "a number" for shape in shapes) or "nothing"


def slots_of(nodes: Sequence[Node], input_shape: tuple[int, int, int], classes: int) -> list[Slot]:
    """Return the layers with weights in the order in which the network is written: the layers of a residual block, then
    its shortcut; the paths of branches one after the other.
    """
    rows = infer(nodes, input_shape, classes)
    return [
        Slot(row.name, row.kind, tuple(weights_of(row.kind, row.args, row.inputs[0]).values()), _flattened(rows[:at]))
        for at, row in enumerate(rows)
        if row.parameters
    ]


def _flattened(before: Sequence[LayerShape]) -> Shape | None:
    """Return the shape of the maps that the layers before have made one vector of."""
    for row in reversed(before):
        if row.kind == "Flatten" and len(row.inputs[0]) == 3:
            return row.inputs[0]
        if list(row.inputs) != [row.output_shape] or len(row.output_shape) != 1:
            return None
    return None


def shortcuts_first(nodes: Sequence[Node], slots: Sequence[Slot]) -> list[Slot]:
    """Return the slots with the shortcut of each residual block before its layers."""
    by_name = {slot.layer: slot for slot in slots}
    return [by_name[name] for name in _shortcuts_first(nodes) if name in by_name]


def _shortcuts_first(nodes: Sequence[Node]) -> list[str]:
    names: list[str] = []
    for node in nodes:
        if isinstance(node, Layer):
            names.append(node.name)
        elif isinstance(node, Auxiliary):
            continue  # a training makes its own
        elif isinstance(node, Branches):
            names += [name for path in node.paths for name in _shortcuts_first(path)]
        else:
            names += _shortcuts_first([*node.shortcut, *node.layers])
    return names


def by_depth(nodes: Sequence[Node], slots: Sequence[Slot]) -> list[Slot]:
    """Return the slots as Keras lists the layers of a network: by their distance from its output, the farthest first.

    Layers of one distance stay in the order of the paths they are on.
    """
    depths: dict[str, int] = {}
    _measure(nodes, 0, depths)
    return sorted(slots, key=lambda slot: -depths[slot.layer])


def _measure(nodes: Sequence[Node], depth: int, depths: dict[str, int]) -> int:
    """Note how far each layer is from the output, the last being `depth` away; return that of what comes before."""
    for node in reversed(nodes):
        depth = _measure_one(node, depth, depths)
    return depth


def _measure_one(node: Node, depth: int, depths: dict[str, int]) -> int:
    if isinstance(node, Auxiliary):
        return depth
    if isinstance(node, Branches):
        depths[node.name] = depth
        return max(_measure(path, depth + 1, depths) for path in node.paths)
    if isinstance(node, Residual):
        if node.activation:
            depths[node.activation.name] = depth
            depth += 1
        depths[node.name] = depth
        return max(_measure(path, depth + 1, depths) for path in (node.layers, node.shortcut))
    if node.kind == "classifier":
        depths |= {PROBABILITIES: depth, LOGITS: depth + 1}
        return depth + 2
    depths[node.name] = depth
    return depth + 1
