"""Parameters, multiply-accumulates and activation memory of a built network, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Summary:
    """What `layers.json` and `inspect --json` hold; MACs and bytes are per image."""

    parameters: dict[str, int]
    macs: int
    layers: Sequence[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)


def summarize(model: keras.Model) -> Summary:
    """Count a built model. `activation_bytes` is the output of the layer in float32 (4 bytes a value).

    MACs are the multiply-accumulates of convolutions and dense layers in one forward pass of one image; bias,
    pooling, normalisation and activations count as none (as in the tables of the VGG and ResNet literature).
    """
    import keras

    layers = [_row(layer) for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    trainable, frozen = _count(model.trainable_weights), _count(model.non_trainable_weights)
    parameters = {"total": trainable + frozen, "trainable": trainable, "non_trainable": frozen}
    return Summary(parameters, sum(row["macs"] for row in layers), layers)


def _row(layer: Any) -> dict[str, Any]:
    shape = tuple(layer.output.shape[1:])
    return {
        "name": layer.name,
        "kind": _kind(layer),
        "output_shape": list(shape),
        "parameters": _count(layer.weights),
        "macs": _macs(layer),
        "activation_bytes": _activations(layer),
    }


def _kind(layer: Any) -> str:
    """Return the name the layer has in a configuration."""
    import keras

    from cnnbench.model.layers import GroupedConv2D

    if isinstance(layer, keras.Model):
        return "Application"
    return "Conv2D" if isinstance(layer, GroupedConv2D) else type(layer).__name__


def _macs(layer: Any) -> int:
    """Every kernel value is used once per position of the output map (transposed: of the input map)."""
    import keras
    from keras.layers import Conv2DTranspose

    if isinstance(layer, keras.Model):
        return sum(_macs(inner) for inner in layer.layers)
    kernel_values = _count([weight for weight in layer.weights if weight.name.endswith("kernel")])
    positions: int = prod((layer.input if isinstance(layer, Conv2DTranspose) else layer.output).shape[1:-1])
    return kernel_values * positions


def _activations(layer: Any) -> int:
    import keras

    if isinstance(layer, keras.Model):
        return sum(_activations(inner) for inner in layer.layers if not isinstance(inner, keras.layers.InputLayer))
    values: int = prod(layer.output.shape[1:])
    return 4 * values


def _count(weights: Sequence[Any]) -> int:
    return sum(prod(weight.shape) for weight in weights)
