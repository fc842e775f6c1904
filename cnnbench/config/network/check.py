"""The network of a configuration: its architecture put in place, and its layers checked without Keras."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cnnbench.catalogue.signatures import check_call
from cnnbench.catalogue.values import KeyPath, dotted
from cnnbench.config.architecture import Architecture, find_architecture, read_architecture
from cnnbench.config.document import COMMAND_LINE, Document, Mark
from cnnbench.config.loader import has_estimator
from cnnbench.config.network.blocks import CLASSES, substitute
from cnnbench.config.network.shapes import check_head, infer
from cnnbench.config.network.spec import expand
from cnnbench.config.network.weights import fixed_mistakes
from cnnbench.config.network.without import without_layers
from cnnbench.config.schema import Application
from cnnbench.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from cnnbench.config.network.nodes import Layer

_PATH: KeyPath = ("model", "architecture")
_OWN = "has no effect with {}, which has its own"
LEAST_CLASSES = 2  # stand for those that only the data tells


def with_architecture(document: Document) -> Document:
    """Put the layers of the architecture that is named in its place, without those of `model.without`.

    A mistake becomes a problem of the document.
    """
    return without_layers(_placed(document))


def _placed(document: Document) -> Document:
    model = document.data.get("model")
    if has_estimator(document.data):
        return document
    if isinstance(model, dict) and model.get("application") is not None:
        return _with_application(document, model)
    if not isinstance(model, dict) or not isinstance(model.get("architecture"), str) or "layers" in model:
        return document
    try:
        file = find_architecture(model["architecture"], document.folder(_PATH))
    except ConfigError as e:
        return _with_problems(document, [document.problem(_PATH, line) for line in e.problems])
    try:
        architecture = read_architecture(file)
    except ConfigError as e:
        return _with_problems(document, e.problems)
    own = {"name": architecture.name, "blocks": architecture.blocks, "layers": architecture.layers}
    problems = [
        document.problem(("model", key), _OWN.format("architecture")) for key in own if model.get(key) is not None
    ]
    values, unknown = _parameters(architecture, model.get("parameters"))
    problems += [document.problem(("model", "parameters", name), message) for name, message in unknown.items()]
    resolved = {**model, **own, "parameters": values}
    if architecture.weights is not None:
        resolved["published"] = [row.model_dump(exclude_defaults=True) for row in architecture.weights]
    kept = {key: value for key, value in resolved.items() if key != "architecture" and value is not None}
    marks = {("model", *path): mark for path, mark in architecture.marks.items() if path}
    placed = replace(document, data={**document.data, "model": kept}, marks={**marks, **document.marks})
    return _with_problems(placed, problems)


def _with_application(document: Document, model: Mapping[str, Any]) -> Document:
    """Put a network of keras.applications in its place, as a layer before the classifier."""
    try:
        chosen = Application.model_validate(model["application"])
    except ValidationError:
        return document  # what is wrong is told with the other sections
    given = [key for key in ("architecture", "name", "parameters", "blocks", "layers") if model.get(key) is not None]
    problems = [document.problem(("model", key), _OWN.format("application")) for key in given]
    layers = [{"Application": {"network": chosen.name, "pooling": chosen.pooling}}, "classifier"]
    rest = {key: value for key, value in model.items() if key not in ("application", *given)}
    placed = replace(document, data={**document.data, "model": {**rest, "name": chosen.name, "layers": layers}})
    return _with_problems(placed, problems)


def _parameters(architecture: Architecture, given: Any) -> tuple[Any, dict[str, str]]:
    """Return the parameters of an architecture with the values that are given, and what is wrong by name."""
    if not isinstance(given, dict):
        return (architecture.parameters if given is None else given), {}
    own = architecture.parameters or {}
    has = f"; it has {', '.join(own) or 'none'}"
    unknown = {
        name: f"{architecture.name} has no such parameter{did_you_mean(name, own) or has}"
        for name in given
        if name not in own
    }
    return {**own, **{name: value for name, value in given.items() if name in own}}, unknown


def network_mistakes(
    layers: Any,
    blocks: Any,
    parameters: Any,
    marks: Mapping[KeyPath, Mark],
    input_shape: tuple[int, int, int] | None,
    classes: int | None,
    alone: bool = False,
) -> Iterator[str]:
    """Yield a line per mistake in the structure and the arguments of layers, then in how their shapes fit.

    Shapes are followed where input shape (H, W, C) and number of classes are known; `alone`: one device trains it.
    """
    met: list[Layer] = []
    try:
        nodes = expand(layers, blocks, parameters, marks, met)
        mistakes = list(_argument_mistakes(met, marks, classes, alone))
        yield from mistakes
        met.clear()
        if not mistakes and input_shape and classes:
            infer(nodes, input_shape, classes)
        elif not mistakes:
            check_head(nodes)
    except ConfigError as e:
        yield from (line.replace(f"{COMMAND_LINE}:0: ", f"{COMMAND_LINE}: ") for line in e.problems)
        yield from _argument_mistakes(met, marks, classes, alone)


def _argument_mistakes(
    layers: Iterable[Layer], marks: Mapping[KeyPath, Mark], classes: int | None, alone: bool
) -> Iterator[str]:
    known = {CLASSES: classes or LEAST_CLASSES}
    places = {dotted(("model", *path)): mark for path, mark in marks.items()}
    for layer in layers:
        for path, message in _layer_mistakes(layer.kind, substitute(layer.args, known), alone):
            yield f"{_place(layer.where, path, places)}: {message}"


def _layer_mistakes(kind: str, args: Mapping[str, Any], alone: bool) -> list[tuple[str, str]]:
    mistakes = check_call("LAYERS", kind, args)
    if alone and args.get("synchronized") is True:
        mistakes.append(("synchronized", "has no effect without train.distribute: one device sees the whole batch"))
    return mistakes or [(dotted(path), message) for path, message in fixed_mistakes(kind, args)]


def _place(where: str, argument: str, places: Mapping[str, Mark]) -> str:
    """Return where an argument stands: on its own line where it is written in place, else with its layer."""
    path = f".{argument}" if argument else ""
    key = where.rpartition(": ")[2] + path
    return f"{places[key]}: {key}" if key in places else where + path


def marks_below(document: Document, section: str) -> dict[KeyPath, Mark]:
    """Return the marks inside a section, by their key path inside it."""
    return {path[1:]: mark for path, mark in document.marks.items() if path[:1] == (section,)}


def _with_problems(document: Document, lines: Iterable[str]) -> Document:
    return replace(document, problems=(*document.problems, *((_PATH, line) for line in lines)))
