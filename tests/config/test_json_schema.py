"""The JSON Schema that editors complete from."""

from __future__ import annotations

import json
from typing import Any

from cnnbench.catalogue.signatures import AUGMENTATIONS, LAYERS, OPTIMIZERS
from cnnbench.config.json_schema import architecture_schema, experiment_schema
from cnnbench.config.schema import Config


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if "$ref" in value else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_every_reference_is_defined() -> None:
    for schema in (experiment_schema(), architecture_schema()):
        assert references(schema) <= {f"#/$defs/{name}" for name in schema["$defs"]}


def test_it_is_plain_json_without_words_of_our_own() -> None:
    text = json.dumps(experiment_schema())
    assert '"expected"' not in text


def test_every_key_is_there_and_one_may_extend() -> None:
    schema = experiment_schema()
    assert set(schema["properties"]) == {"extends", *Config.model_fields}
    assert schema["then"] == {"required": ["name", "model"]}


def test_layers_complete_with_their_arguments() -> None:
    [bare, mapping] = architecture_schema()["$defs"]["layer"]["anyOf"]
    assert set(LAYERS) | {"repeat", "residual", "branches", "auxiliary"} == set(mapping["properties"])
    assert mapping["properties"]["Conv2D"]["required"] == ["filters", "kernel_size"]
    assert "Flatten" in bare["examples"]
    assert "Dense" not in bare["examples"]


def test_augmentations_and_optimizers_complete() -> None:
    definitions = experiment_schema()["$defs"]
    assert set(definitions["augmentation"]["anyOf"][1]["properties"]) == set(AUGMENTATIONS)
    [names, by_name] = definitions["Optimizer"]["anyOf"]
    assert names["enum"] == list(OPTIMIZERS)
    sgd = next(rule["then"] for rule in by_name["allOf"] if rule["if"]["properties"]["name"]["const"] == "SGD")
    assert {"name", "momentum", "learning_rate"} <= set(sgd["properties"])
    assert "beta_1" not in sgd["properties"]
