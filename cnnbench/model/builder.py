"""From the tree of layers to a functional Keras model with its preprocessing inside."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from cnnbench.config.network import naming
from cnnbench.config.network.blocks import CLASSES, substitute
from cnnbench.config.network.nodes import Auxiliary, Branches, Layer, Node, Residual
from cnnbench.config.network.shapes import infer
from cnnbench.errors import ConfigError
from cnnbench.seeds import Stream, words

if TYPE_CHECKING:
    import keras

    from cnnbench.data.normalize import Normalization
    from cnnbench.model.auxiliary import Head


def build(
    nodes: Sequence[Node],
    input_shape: tuple[int, int, int],
    classes: int,
    normalization: Normalization,
    seed: int,
    name: str,
) -> keras.Model:
    """Return the network: float32 pixels 0..255 of shape (N, H, W, C) to float32 probabilities (N, classes).

    The same seed gives the same weights whatever was built before. Layers compute in Keras' current dtype policy,
    normalisation and the final softmax, or the layer that ends in it, in float32. Raises ConfigError where a layer
    doesn't fit.
    """
    return build_with_heads(nodes, input_shape, classes, normalization, seed, name)[0]


def build_with_heads(
    nodes: Sequence[Node],
    input_shape: tuple[int, int, int],
    classes: int,
    normalization: Normalization,
    seed: int,
    name: str,
) -> tuple[keras.Model, Sequence[Head]]:
    """Return the network that `build` returns, and the auxiliary heads that stand on its layers."""
    import keras

    infer(nodes, input_shape, classes)
    inputs = keras.Input(input_shape, name=naming.INPUT, dtype="float32")
    scale, offset = ([float(v) for v in values] for values in (normalization.scale, normalization.offset))
    scaled = keras.layers.Rescaling(scale, offset, dtype="float32", name=naming.NORMALIZATION)(inputs)
    builder = _Builder(classes, seed, nodes[-1])
    outputs = builder.sequence(nodes, scaled)
    return keras.Model(inputs, outputs, name=name), builder.heads


@dataclass
class _Builder:
    classes: int
    seed: int
    last: Node  # computes in float32: what it gives are probabilities
    positions: Iterator[int] = field(default_factory=count)
    heads: list[Head] = field(default_factory=list)

    def sequence(self, nodes: Sequence[Node], x: Any) -> Any:
        for node in nodes:
            x = self.node(node, x)
        return x

    def node(self, node: Node, x: Any) -> Any:
        import keras

        if isinstance(node, Auxiliary):
            return self.head(node, x)
        if isinstance(node, Branches):
            merge = getattr(keras.layers, node.merge)(name=node.name)
            return merge([self.sequence(path, x) for path in node.paths])
        if isinstance(node, Residual):
            added = [self.sequence(node.layers, x), self.sequence(node.shortcut, x)]
            x = keras.layers.Add(name=node.name)(added)
            return self.node(node.activation, x) if node.activation else x
        if node.kind == "classifier":
            logits = self.layer("Dense", {**node.args, "units": self.classes}, node, x)
            return keras.layers.Activation("softmax", dtype="float32", name=naming.PROBABILITIES)(logits)
        return self.layer(node.kind, node.args, node, x)

    def head(self, node: Auxiliary, x: Any) -> Any:
        """Build an auxiliary head on `x`, which stays as it is."""
        from cnnbench.model.auxiliary import Head

        probabilities = replace(self, last=node.layers[-1]).sequence(node.layers, x)
        self.heads.append(Head(probabilities, node.weight))
        return x

    def layer(self, kind: str, args: Mapping[str, Any], node: Layer, x: Any) -> Any:
        """Create one layer and call it; what Keras refuses becomes one line that names the layer."""
        from cnnbench.model.layers import in_full_precision

        seeds = _seeds(self.seed, next(self.positions))
        args = substitute(args, {CLASSES: self.classes})
        if kind == "Application":
            args = {**args, "input_shape": x.shape[1:]}
        try:
            make = _class_of(kind, args)
            precision = {"dtype": "float32"} if node is self.last and node.kind != "classifier" else {}
            return in_full_precision(make(**_objects(make, args, seeds), **precision, name=node.name))(x)
        except (ValueError, TypeError, NotImplementedError) as e:
            raise ConfigError(f"{node.where}: {_first_line(e)}") from e


def _seeds(seed: int, position: int) -> Iterator[int]:
    """Yield the seeds of the layer at `position`, independent of every other layer's."""
    return iter(words(8, Stream.WEIGHTS, seed, position).tolist())


def _class_of(kind: str, args: Mapping[str, Any]) -> Any:
    import keras

    from cnnbench.model import layers

    if kind == "Conv2D" and args.get("groups", 1) > 1:
        return layers.GroupedConv2D
    return layers.CUSTOM.get(kind) or getattr(keras.layers, kind)


def _objects(make: Any, args: Mapping[str, Any], seeds: Iterator[int]) -> dict[str, Any]:
    """Return the arguments with Keras objects in place of their descriptions, and with seeds."""
    import keras

    modules = {
        "_regularizer": keras.regularizers,
        "_constraint": keras.constraints,
        "_initializer": keras.initializers,
    }
    parameters = inspect.signature(make).parameters
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    made = dict(args)
    for name, described in {**defaults, **args}.items():
        suffix = next((suffix for suffix in modules if name.endswith(suffix)), None)
        if suffix:
            made[name] = _object(modules[suffix], described, seeds)
        elif name == "seed":
            made[name] = next(seeds)
    return made


def _object(module: Any, described: Any, seeds: Iterator[int]) -> Any:
    """Return what `he_normal` or `{L2: {l2: 0.0005}}` describes; a seed is added where it can have one."""
    if described is None:
        return None
    [(name, args)] = described.items() if isinstance(described, Mapping) else [(described, None)]
    make, args = getattr(module, name), dict(args or {})
    parameters = inspect.signature(make).parameters
    if "seed" in parameters:
        args.setdefault("seed", next(seeds))
    # a whole number is as good as any in a file, and no factor to a float32 in TensorFlow
    real = {k: float(v) for k, v in args.items() if type(v) is int and isinstance(parameters[k].default, float)}
    return make(**{**args, **real})


def _first_line(error: Exception) -> str:
    """Return what Keras says in one line: without colours and without the layers it passed through."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith("Exception encountered")]
    return (said or [type(error).__name__])[0]
