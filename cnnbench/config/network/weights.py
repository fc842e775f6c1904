"""The weights of each layer, by name and shape, without Keras: what their arguments need, and how large they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from typing import Any

from cnnbench.catalogue.layers import LAYERS
from cnnbench.catalogue.objects import SNAKE_CASE
from cnnbench.catalogue.shape_rules import Args, Shape, text
from cnnbench.catalogue.signatures import in_full
from cnnbench.catalogue.values import Violation, found

Weights = Mapping[str, Shape]
MOST_VALUES = 10**12  # of one tensor: four terabytes, more than any machine that trains a network has


def weights_of(kind: str, args: Args, shape: Shape) -> Weights:
    """Return the shapes of what a layer learns, or keeps, for inputs of `shape` (batch axis left out)."""
    return {name: size for name, size in LAYERS[kind].weights(args, shape).items() if size is not None}


def parameters(kind: str, args: Args, shape: Shape) -> int:
    """Return how many numbers the weights of a layer hold."""
    return sum(map(prod, weights_of(kind, args, shape).values()))


def axis_mistakes(kind: str, args: Args, rank: int) -> Iterator[Violation]:
    """Yield where an argument names an axis that inputs of `rank` axes, batch left out, do not have, or one twice."""
    for key in ("axis", "shared_axes"):
        axes = args.get(key)
        if axes is None or (key == "axis" and kind not in _AXES_OF_INPUT):
            continue
        listed = axes if isinstance(axes, list) else [axes]
        if wrong := [axis for axis in listed if not (1 <= axis <= rank or -rank <= axis <= -1)]:
            yield (key,), f"its input has the axes 1 to {rank} beside the batch, found {wrong[0]}"
        elif len({axis % (rank + 1) for axis in listed}) < len(listed):
            yield (key,), f"expected different axes, found {found(axes)}"
        elif kind == "RMSNormalization" and not _are_last(listed, rank):
            yield (key,), f"expected the last axes in order, as -1 or [-2, -1], found {found(axes)}"


def _are_last(axes: Sequence[int], rank: int) -> bool:
    """Return whether axes are the last ones in order: Keras' RMSNormalization multiplies by its scale as it lies."""
    return [axis % (rank + 1) for axis in axes] == list(range(rank + 1 - len(axes), rank + 1))


def layer_mistakes(kind: str, args: Args, shape: Shape, made: Shape) -> Iterator[Violation]:
    """Yield what does not suit a layer that makes `made` of `shape`: of its weights, its output and their sizes."""
    yield from weight_mistakes(kind, args, shape)
    regularizer = args.get("activity_regularizer")
    if regularizer is not None and len(made) != 1 and "rthogonal" in str(regularizer):
        yield ("activity_regularizer",), "OrthogonalRegularizer needs a matrix; the output of a map is none"
    if prod(made) > MOST_VALUES:
        yield (), f"makes {text(made)} of an image: more values than {MOST_VALUES}"
    for name, size in weights_of(kind, args, shape).items():
        if prod(size) > MOST_VALUES:
            yield (), f"its {name} has {prod(size)} values: more than {MOST_VALUES}"


def fixed_mistakes(kind: str, args: Args) -> Iterator[Violation]:
    """Yield the mistakes of `weight_mistakes` that show whatever the input is."""
    if kind not in ("LayerNormalization", "PReLU"):  # their weights have the axes of the input
        yield from weight_mistakes(kind, in_full(kind, {"units": 1, **args}), (1, 1, 1))


def weight_mistakes(kind: str, args: Args, shape: Shape) -> Iterator[Violation]:
    """Yield where an initializer, a regularizer or a constraint does not suit the axes of its weight."""
    weights = weights_of(kind, args, shape)
    for key, described in args.items():
        name, _, what = key.rpartition("_")
        if described is None or name not in weights or what not in _CHECKS:
            continue
        [(called, arguments)] = described.items() if isinstance(described, Mapping) else [(described, None)]
        message = _CHECKS[what](SNAKE_CASE.get(str(called), str(called)), arguments or {}, len(weights[name]))
        if message:
            yield (key,), message


def _initializer(name: str, args: Mapping[str, Any], rank: int) -> str | None:
    if name == "Orthogonal" and rank < 2:
        return f"Orthogonal needs a weight of two axes at least; this one has {rank}"
    return None


def _regularizer(name: str, args: Mapping[str, Any], rank: int) -> str | None:
    if name == "OrthogonalRegularizer" and rank != 2:
        return f"OrthogonalRegularizer needs a matrix, as the kernel of Dense; this weight has {rank} axes"
    return None


def _constraint(name: str, args: Mapping[str, Any], rank: int) -> str | None:
    axes = args.get("axis", 0)
    listed = axes if isinstance(axes, list) else [axes]
    if wrong := [axis for axis in listed if axis >= rank]:
        return f"{name}: this weight has the axes 0 to {rank - 1}, found {wrong[0]}"
    return f"{name}: expected different axes, found {found(axes)}" if len(set(listed)) < len(listed) else None


_AXES_OF_INPUT = ("LayerNormalization", "RMSNormalization", "UnitNormalization")
_CHECKS: Mapping[str, Callable[[str, Mapping[str, Any], int], str | None]] = {
    "initializer": _initializer,
    "regularizer": _regularizer,
    "constraint": _constraint,
}
_AXES_OF_INPUT = ("LayerNormalization", "RMSNormalization", "UnitNormalization")
