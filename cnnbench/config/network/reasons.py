"""Why each layer of a network is as large as it is, in formulas with their numbers put in, without Keras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from cnnbench.catalogue import weight_rules
from cnnbench.catalogue.formulas import OUTPUTS, WEIGHTS
from cnnbench.catalogue.layers import LAYERS
from cnnbench.catalogue.shape_rules import Shape
from cnnbench.config.network.shapes import LayerShape
from cnnbench.config.network.weights import weights_of

_SHARED = (
    weight_rules.conv,
    weight_rules.depthwise,
    weight_rules.separable,
    weight_rules.sparse,
    weight_rules.transposed,
)


@dataclass(frozen=True)
class Unshared:
    """What a convolution saves, in weights without biases.

    LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition" (1998), section II.A:
    a dense layer between the same maps has a weight for each pair of values (`dense`); with local fields each output
    has weights of its own for the few inputs that it sees (`local`); a convolution shares them (`shared`).
    """

    dense: int
    local: int
    shared: int


@dataclass(frozen=True)
class Reason:
    """A layer with the formula of its output shape and of its parameters; `unshared` is None but for convolutions."""

    name: str
    kind: str
    output_shape: Shape
    parameters: int
    output_formula: str
    parameters_formula: str
    unshared: Unshared | None


def reasons(rows: Sequence[LayerShape]) -> list[Reason]:
    """Return why each layer is as large as it is, in the order in which the network is built."""
    return [
        Reason(row.name, row.kind, row.output_shape, row.parameters, _output(row), _parameters(row), _unshared(row))
        for row in rows
    ]


def _output(row: LayerShape) -> str:
    if row.kind == "Concatenate":
        return f"{' + '.join(str(shape[-1]) for shape in row.inputs)} = {row.output_shape[-1]}"
    if row.kind not in LAYERS:
        return "value by value"
    return OUTPUTS[LAYERS[row.kind].rule](row.args, row.inputs[0], row.output_shape)


def _parameters(row: LayerShape) -> str:
    if not row.parameters:
        return ""
    return f"{WEIGHTS[LAYERS[row.kind].weights](row.args, row.inputs[0])} = {row.parameters}"


def _unshared(row: LayerShape) -> Unshared | None:
    if row.kind not in LAYERS or LAYERS[row.kind].weights not in _SHARED:
        return None
    kernels = {name: size for name, size in weights_of(row.kind, row.args, row.inputs[0]).items() if name != "bias"}
    return Unshared(prod(row.inputs[0]) * prod(row.output_shape), row.macs, sum(map(prod, kernels.values())))
