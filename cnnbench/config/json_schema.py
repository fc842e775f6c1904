"""JSON Schema of configurations, for editors: pydantic's, with the layers, augmentations and optimizers filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cnnbench.catalogue.arguments import Argument, Arguments, Table
from cnnbench.catalogue.estimators import ESTIMATORS, FEATURES
from cnnbench.catalogue.objects import SNAKE_CASE
from cnnbench.catalogue.signatures import AUGMENTATIONS, CONSTRAINTS, INITIALIZERS, LAYERS, OPTIMIZERS, REGULARIZERS
from cnnbench.catalogue.values import Fragment
from cnnbench.config.architecture import ArchitectureFile
from cnnbench.config.losses import LOSSES
from cnnbench.config.schedules import SCHEDULES
from cnnbench.config.schema import Config
from cnnbench.config.shipped import architecture_names

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LAYER = {"$ref": "#/$defs/layer"}
_MERGES = ["Concatenate", "Add", "Multiply", "Average", "Maximum"]
_PARAMETER = {"$ref": "#/$defs/parameter"}


def experiment_schema() -> dict[str, Any]:
    """Return the JSON Schema of an experiment's YAML file."""
    schema = Config.model_json_schema()
    definitions = schema["$defs"] | _definitions()
    definitions["Optimizer"] = _optimizer()
    train = definitions["Train"]["properties"]
    train["schedule"] = _or_name(train["schedule"], SCHEDULES)
    train["loss"] = _or_name(train["loss"], LOSSES)
    properties = {"extends": _extends(), **schema["properties"]}
    properties["augment"] |= {"items": {"$ref": "#/$defs/augmentation"}}
    _network(definitions["Model"]["properties"])
    definitions["Model"]["properties"] |= _estimator(definitions["Model"]["properties"])
    definitions["Model"]["properties"]["architecture"] |= {"examples": architecture_names()}
    # A file that extends another may leave out what its parent has.
    required = {"if": {"not": {"required": ["extends"]}}, "then": {"required": schema.pop("required")}}
    return exported({**schema, "properties": properties, "$defs": definitions, **required})


def architecture_schema() -> dict[str, Any]:
    """Return the JSON Schema of an architecture's YAML file."""
    schema = ArchitectureFile.model_json_schema()
    _network(schema["properties"])
    return exported({**schema, "$defs": schema.get("$defs", {}) | _definitions()})


def _or_name(section: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Allow a name alone in place of a section."""
    kept = {key: value for key, value in section.items() if key in ("default", "description")}
    inside = {key: value for key, value in section.items() if key not in kept}
    return {**kept, "anyOf": [{"enum": list(names)}, *inside.get("anyOf", [inside])]}


def _network(properties: dict[str, Any]) -> None:
    properties["layers"] |= {"items": _LAYER}
    properties["layers"].pop("anyOf", None)
    block = {"parameters": {"type": "array", "items": {"type": "string"}}, "layers": _layers()}
    properties["blocks"] |= {"additionalProperties": _object(block, ["layers"])}
    properties["blocks"].pop("anyOf", None)


def _definitions() -> dict[str, Any]:
    return {
        "parameter": {
            "type": "string",
            "pattern": r"^\$",
            "description": "a parameter, or $classes for the number of classes",
        },
        "layer": _layer(),
        "augmentation": _entry(AUGMENTATIONS, "an augmentation"),
        "initializer": _entry(_both_spellings(INITIALIZERS), "a Keras initializer"),
        "regularizer": _entry(_both_spellings(REGULARIZERS), "a Keras regularizer"),
        "constraint": _entry(_both_spellings(CONSTRAINTS), "a Keras constraint"),
    }


def _layer() -> dict[str, Any]:
    """Return a layer, a form or a block; a block may have any name, so other names are allowed here."""
    shortcut = {"anyOf": [_layers(), {"type": "null"}]}
    merge = {"merge": {"enum": _MERGES}, "paths": {"type": "array", "items": _layers(0), "minItems": 2}}
    forms = {
        "repeat": _object({"times": {"anyOf": [{"type": "integer", "minimum": 1}, _PARAMETER]}, "layers": _layers()}),
        "residual": _object({"layers": _layers(), "shortcut": shortcut, "activation": {"type": "string"}}, ["layers"]),
        "branches": _object(merge),
        "auxiliary": _object(
            {"weight": {"anyOf": [{"type": "number", "minimum": 0}, _PARAMETER]}, "layers": _layers()}
        ),
    }
    calls = {name: _nullable(_call(args, parameters=True), args) for name, args in LAYERS.items()}
    mapping = {"type": "object", "properties": {**calls, **forms}, "minProperties": 1, "maxProperties": 1}
    bare = {"type": "string", "examples": [*_without_required(LAYERS)]}
    return {"description": "a layer, repeat, residual, branches, auxiliary or a named block", "anyOf": [bare, mapping]}


def _optimizer() -> dict[str, Any]:
    by_name = [
        {"if": {"properties": {"name": {"const": name}}, "required": ["name"]}, "then": _call({**args}, extra=["name"])}
        for name, args in OPTIMIZERS.items()
    ]
    name = {"name": {"enum": list(OPTIMIZERS), "default": "Adam"}}
    return {"anyOf": [{"enum": list(OPTIMIZERS)}, {"type": "object", "properties": name, "allOf": by_name}]}


def _estimator(properties: Mapping[str, Any]) -> dict[str, Any]:
    step = _entry(FEATURES, "what is made of an image")
    features = {"anyOf": [step, {"type": "array", "items": step, "minItems": 1}]}
    found = {"estimator": _entry(ESTIMATORS, ""), "features": features}
    return {key: {**schema, "description": properties[key]["description"]} for key, schema in found.items()}


def _entry(table: Table, description: str) -> dict[str, Any]:
    """Return the schema of `Name` or `Name: {arguments}`."""
    calls = {name: _nullable(_call(args), args) for name, args in table.items()}
    mapping = {**_object(calls, []), "minProperties": 1, "maxProperties": 1}
    return {"description": description, "anyOf": [{"enum": _without_required(table)}, mapping]}


def _call(args: Arguments, *, parameters: bool = False, extra: Iterable[str] = ()) -> dict[str, Any]:
    fragments = {name: _with_default(argument) for name, argument in args.items()}
    if parameters:
        fragments = {name: _or_parameter(fragment) for name, fragment in fragments.items()}
    required = [name for name, argument in args.items() if argument.required]
    return _object({**{name: {} for name in extra}, **fragments}, required)


def _with_default(argument: Argument) -> dict[str, Any]:
    return dict(argument.fragment) | ({} if argument.default is None else {"default": argument.default})


def _or_parameter(fragment: Fragment) -> dict[str, Any]:
    """Allow a block's parameter in place of a value and of every value inside it."""
    default = {"default": fragment["default"]} if "default" in fragment else {}
    options = [{k: v for k, v in option.items() if k != "default"} for option in fragment.get("anyOf", [fragment])]
    lists = [option | {"items": _or_parameter(option["items"])} if "items" in option else option for option in options]
    return {"anyOf": [*lists, _PARAMETER], **default}


def _object(properties: Mapping[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    names = list(properties) if required is None else required
    found = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**found, "required": names} if names else found


def _nullable(call: dict[str, Any], args: Arguments) -> dict[str, Any]:
    """Allow `Flatten:` without arguments where none is required."""
    return call if any(argument.required for argument in args.values()) else {"anyOf": [call, {"type": "null"}]}


def _layers(least: int = 1) -> dict[str, Any]:
    return {"type": "array", "items": _LAYER, "minItems": least}


def _extends() -> dict[str, Any]:
    return {"type": "string", "description": "a YAML file, relative to this one, whose keys this file changes"}


def _without_required(table: Table) -> list[str]:
    return [name for name, args in table.items() if not any(argument.required for argument in args.values())]


def _both_spellings(table: Table) -> Table:
    return {**table, **{snake: table[name] for snake, name in SNAKE_CASE.items() if name in table}}


def exported(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its dialect and without words of our own."""
    return {"$schema": _DIALECT, **{key: _without_expected(value) for key, value in schema.items()}}


def _without_expected(value: Any) -> Any:
    """Drop `expected`, which words this project's own messages."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key != "expected" or not isinstance(item, str)}
        return {key: _without_expected(item) for key, item in kept.items()}
    return [_without_expected(item) for item in value] if isinstance(value, list) else value
