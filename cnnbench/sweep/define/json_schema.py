"""JSON Schema of sweep files, for editors: pydantic's, with the forms of an axis and the paths of experiments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnnbench.config.json_schema import experiment_schema, exported
from cnnbench.config.shipped import experiment_names
from cnnbench.sweep.define.objectives import OBJECTIVES
from cnnbench.sweep.define.sections import Interval, NamedChoices, SweepFile


def sweep_schema() -> dict[str, Any]:
    """Return the JSON Schema of a sweep's YAML file."""
    schema = SweepFile.model_json_schema()
    definitions = schema["$defs"] | {"Interval": Interval.model_json_schema()}
    definitions["NamedChoices"] = NamedChoices.model_json_schema()
    definitions["axis"] = _axis()
    definitions["Objective"]["properties"]["metric"] |= {"enum": list(OBJECTIVES)}
    for section, key in _SHORT.items():
        names = definitions[section]["properties"][key].get("enum")
        definitions[section] = {"anyOf": [{"enum": names}, definitions[section]]}
    properties = {"extends": {"type": "string"}, **schema["properties"]}
    properties["base"] |= {"examples": experiment_names()}
    paths = list(dict.fromkeys(_paths(experiment_schema())))
    properties["space"] |= {
        "additionalProperties": {"$ref": "#/$defs/axis"},
        "properties": {path: {"$ref": "#/$defs/axis"} for path in paths},
    }
    properties["fixed"] |= {"properties": {path: {} for path in paths}}
    required = {"if": {"not": {"required": ["extends"]}}, "then": {"required": schema.pop("required")}}
    return exported({**schema, "properties": properties, "$defs": definitions, **required})


_SHORT = {  # sections that a word alone may stand for, and the key that it is
    "Search": "method",
    "Objective": "metric",
    "Pruning": "method",
    "Execution": "engine",
}


def _axis() -> dict[str, Any]:
    forms = [{"$ref": "#/$defs/Interval"}, {"$ref": "#/$defs/NamedChoices"}]
    return {"description": "values, a range or named choices", "anyOf": [{"type": "array", "minItems": 1}, *forms]}


def _paths(schema: Mapping[str, Any], fragment: Mapping[str, Any] | None = None, above: str = "") -> Iterator[str]:
    """Yield the dotted path of every key of an experiment, sections before what is in them."""
    for fragments in _options(schema, fragment or schema):
        for key, child in fragments.get("properties", {}).items():
            if key != "extends":
                yield f"{above}{key}"
                yield from _paths(schema, child, f"{above}{key}.") if child else ()


def _options(schema: Mapping[str, Any], fragment: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the fragments that a fragment stands for, references and alternatives followed."""
    if "$ref" in fragment:
        yield from _options(schema, schema["$defs"][fragment["$ref"].rsplit("/", 1)[-1]])
    by_name = [rule["then"] for rule in fragment.get("allOf", ()) if "then" in rule]
    for option in (*fragment.get("anyOf", ()), *fragment.get("oneOf", ()), *by_name):
        yield from _options(schema, option)
    if "properties" in fragment:
        yield fragment
