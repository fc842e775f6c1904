"""What a network looks like, as a tree that can be drawn: boxes, forks of paths, and what comes several times once.

It is made of the nodes that the language of layers gives, with the shapes and weights that `validate` computes: Keras
is not needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cnnbench.catalogue.layers import LAYERS
from cnnbench.config.network.nodes import Auxiliary, Branches, Layer, Node, Residual
from cnnbench.config.network.shapes import LayerShape

FEWEST_PLAIN = 4  # layers without a fork among them that are drawn once must come so often


@dataclass(frozen=True)
class Box:
    """A layer: its kind, what its arguments say in short, and what it makes of how many weights."""

    kind: str
    title: str
    shape: str
    weights: int


@dataclass(frozen=True)
class Fork:
    """Paths side by side, from one place to what merges them; one without boxes is the identity."""

    paths: Sequence[Sequence[Part]]
    merge: str
    shape: str


@dataclass(frozen=True)
class Repeat:
    """Parts that come `times` times in a row, as the first of them is; `shape` is what the last one makes."""

    parts: Sequence[Part]
    times: int
    shape: str


Part = Box | Fork | Repeat


def parts_of(nodes: Sequence[Node], rows: Sequence[LayerShape]) -> list[Part]:
    """Return what a network is drawn as; `rows` are those of `infer` for its nodes."""
    return _folded(_parts(nodes, {row.name: row for row in rows}))


def _parts(nodes: Sequence[Node], rows: Mapping[str, LayerShape]) -> list[Part]:
    return [part for node in nodes for part in _part(node, rows)]


def _part(node: Node, rows: Mapping[str, LayerShape]) -> Iterator[Part]:
    if isinstance(node, Layer):
        yield _box(node, rows[node.name])
    elif isinstance(node, Branches):
        paths = [_folded(_parts(path, rows)) for path in node.paths]
        yield Fork(paths, node.merge, shape_text(rows[node.name].output_shape))
    elif isinstance(node, Residual):
        paths = [_folded(_parts(path, rows)) for path in (node.layers, node.shortcut)]
        yield Fork(paths, "Add", shape_text(rows[node.name].output_shape))
        if node.activation:
            yield _box(node.activation, rows[node.activation.name])
    elif not isinstance(node, Auxiliary):
        raise TypeError(f"cannot draw {type(node).__name__}")


def _box(layer: Layer, row: LayerShape) -> Box:
    return Box(layer.kind, _title(layer, row), shape_text(row.output_shape), row.parameters)


def shape_text(shape: Sequence[int]) -> str:
    """Return a shape as people write it."""
    return " × ".join(map(str, shape))


def _title(layer: Layer, row: LayerShape) -> str:
    args = row.args
    if layer.kind == "Activation":
        return str(args["activation"])
    if layer.kind == "classifier":
        return f"Dense {args['units']} · softmax"
    if layer.kind == "Application":
        return str(args["network"])
    count = next((f" {args[key]}" for key in ("filters", "units", "rate") if args.get(key) is not None), "")
    return layer.kind + count + "".join(f" · {said}" for said in _said(args))


def _said(args: Mapping[str, object]) -> Iterator[str]:
    """Yield the window, the step, groups and the activation of a layer, those that are not the usual ones."""
    window = args.get("kernel_size") or args.get("pool_size")
    if window is not None:
        step = args.get("strides") or window
        yield _sides(window) + ("" if _sides(step) == "1×1" else f" / {_step(step)}")
    if args.get("groups", 1) != 1:
        yield f"{args['groups']} groups"
    if args.get("activation") not in (None, "linear"):
        yield str(args["activation"])


def _sides(size: object) -> str:
    return "×".join(map(str, size)) if isinstance(size, list | tuple) else f"{size}×{size}"


def _step(step: object) -> str:
    sides = _sides(step).split("×")
    return sides[0] if len(set(sides)) == 1 else "×".join(sides)


def _folded(parts: Sequence[Part]) -> list[Part]:
    """Draw what follows itself several times once."""
    looks, i = [_look(part) for part in parts], 0
    found: list[Part] = []
    while i < len(parts):
        length, times = _longest(parts, looks, i)
        if times > 1:
            end = parts[i + length * times - 1]
            found.append(Repeat(parts[i : i + length], times, end.shape))
        else:
            found.append(parts[i])
        i += length * times
    return found


def _longest(parts: Sequence[Part], looks: Sequence[object], start: int) -> tuple[int, int]:
    """Return the length of what begins at `start` and follows itself, and how often, the most parts that it can be."""
    best = (1, 1)
    for length in range(1, (len(parts) - start) // 2 + 1):
        one, times = looks[start : start + length], 1
        while looks[start + length * times : start + length * (times + 1)] == one:
            times += 1
        forked = any(not isinstance(part, Box) for part in parts[start : start + length])
        if times >= (2 if forked else FEWEST_PLAIN) and length * times > best[0] * best[1]:
            best = length, times
    return best


def _look(part: Part) -> object:
    """Return what two parts have in common that are drawn as one: all but shapes and counts."""
    if isinstance(part, Box):
        return part.kind, part.title
    if isinstance(part, Fork):
        return part.merge, tuple(tuple(map(_look, path)) for path in part.paths)
    return part.times, tuple(map(_look, part.parts))


def family(kind: str) -> str:
    """Return which colour a layer has: that of what it does."""
    if kind in ("classifier", "Application") or LAYERS[kind].depth:
        return "dense" if kind in ("classifier", "Dense") else "convolution"
    if "Pooling" in kind:
        return "pooling"
    return "normalisation" if "Normalization" in kind else "other"
