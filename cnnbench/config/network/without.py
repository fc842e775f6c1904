"""A network without some of its layers: what is left of the tree, written as `layers` of a file would have it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from cnnbench.catalogue.values import Violation, found
from cnnbench.config.document import Document
from cnnbench.config.network.nodes import Auxiliary, Branches, Layer, Node, Residual
from cnnbench.config.network.spec import expand
from cnnbench.errors import ConfigError, did_you_mean

SHIFTING = ("BatchNormalization", "LayerNormalization", "GroupNormalization")  # their `center` is a bias


def without_layers(document: Document) -> Document:
    """Return the document with what is left in `model.layers` where `model.without` names kinds of layers.

    A mistake in these names becomes a problem of the document. Where something else is wrong with the network, it stays
    as it is: that is told when it is checked.
    """
    model = document.data.get("model")
    kinds = model.get("without") if isinstance(model, dict) else None
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        return document
    met: list[Layer] = []
    try:
        nodes = expand(model.get("layers"), model.get("blocks"), model.get("parameters"), met=met, named=False)
    except ConfigError:
        return document
    wrong = list(_mistakes(kinds, {layer.kind for layer in met}))
    problems = [*document.problems, *((path, document.problem(path, message)) for path, message in wrong)]
    rest = {key: value for key, value in model.items() if key != "without"}
    if not kinds or wrong:
        return replace(document, data={**document.data, "model": rest}, problems=tuple(problems))
    left = {key: value for key, value in rest.items() if key not in ("blocks", "parameters")}
    left["layers"] = written(without(nodes, kinds))
    marks = {path: mark for path, mark in document.marks.items() if path[:2] not in _SPELT_OUT}
    return replace(document, data={**document.data, "model": left}, marks=marks)


_SPELT_OUT = {("model", key) for key in ("layers", "blocks", "parameters")}  # no line of a file says what is left


def _mistakes(kinds: Sequence[str], there: Collection[str]) -> Iterator[Violation]:
    for i, kind in enumerate(kinds):
        path = ("model", "without", i)
        if kind == "classifier":
            yield path, "every network needs its classifier"
        elif kind not in there:
            hint = did_you_mean(kind, there)
            yield path, f"has no effect: the network has no layer {found(kind)}{hint or f'; it has {_listed(there)}'}"
        elif kind in kinds[:i]:
            yield path, f"{kind} is given twice"


def _listed(kinds: Collection[str]) -> str:
    return ", ".join(sorted(kinds))


def without(nodes: Sequence[Node], kinds: Collection[str]) -> list[Node]:
    """Return the same tree without the layers of these kinds.

    A layer that leaves its bias to the normalisation behind it gets one where that goes: the network shifts as before.
    """
    kept: list[Node] = []
    for node in nodes:
        if not isinstance(node, Layer):
            kept.append(_inside(node, kinds))
        elif node.kind not in kinds:
            kept.append(node)
        elif kept and node.kind in SHIFTING and node.args.get("center", True):
            kept[-1] = _with_bias(kept[-1])
    return kept


def written(nodes: Sequence[Node]) -> list[Any]:
    """Return the entries of a `layers` list that describe a tree, blocks and repeats spelt out."""
    return [_entry(node) for node in nodes]


def _inside(node: Residual | Branches | Auxiliary, kinds: Collection[str]) -> Node:
    if isinstance(node, Branches):
        return replace(node, paths=[without(path, kinds) for path in node.paths])
    if isinstance(node, Auxiliary):
        return replace(node, layers=without(node.layers, kinds))
    activation = None if node.activation is None or node.activation.kind in kinds else node.activation
    layers, shortcut = without(node.layers, kinds), without(node.shortcut, kinds)
    return replace(node, layers=layers, shortcut=shortcut, activation=activation)


def _with_bias(node: Node) -> Node:
    if not isinstance(node, Layer) or node.args.get("use_bias") is not False:
        return node
    return replace(node, args={key: value for key, value in node.args.items() if key != "use_bias"})


def _entry(node: Node) -> Any:
    if isinstance(node, Layer):
        args = {**node.args, **({"name": node.name} if node.name else {})}
        return {node.kind: args} if args else node.kind
    if isinstance(node, Branches):
        return {"branches": {"merge": node.merge, "paths": [written(path) for path in node.paths]}}
    if isinstance(node, Auxiliary):
        return {"auxiliary": {"weight": node.weight, "layers": written(node.layers)}}
    told: dict[str, Any] = {"layers": written(node.layers)}
    if node.shortcut:
        told["shortcut"] = written(node.shortcut)
    if node.activation is not None:
        told["activation"] = node.activation.args["activation"]
    return {"residual": told}
