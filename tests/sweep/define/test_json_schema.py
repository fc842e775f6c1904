"""The JSON Schema of sweep files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cnnbench.catalogue.searches import SEARCHES
from cnnbench.sweep.define.json_schema import sweep_schema
from cnnbench.sweep.define.sections import SweepFile
from tests.config.test_json_schema import references
from tests.tools import cnnbench


def test_every_key_and_reference_is_there() -> None:
    schema = sweep_schema()
    assert set(schema["properties"]) == {"extends", *SweepFile.model_fields}
    assert references(schema) <= {f"#/$defs/{name}" for name in schema["$defs"]}
    assert '"expected"' not in json.dumps(schema)


def test_it_completes_paths_metrics_and_methods() -> None:
    schema = sweep_schema()
    space: dict[str, Any] = schema["properties"]["space"]
    assert {"train.epochs", "train.optimizer.learning_rate", "augment", "model.architecture"} <= set(
        space["properties"]
    )
    assert space["properties"]["train.epochs"] == space["additionalProperties"] == {"$ref": "#/$defs/axis"}
    [names, section] = schema["$defs"]["Search"]["anyOf"]
    assert set(SEARCHES) == set(names["enum"]) == set(section["properties"]["method"]["enum"])
    assert "val_accuracy" in schema["$defs"]["Objective"]["anyOf"][0]["enum"]
    assert "accuracy" not in schema["$defs"]["Objective"]["anyOf"][0]["enum"]
    assert "lenet5-digits" in schema["properties"]["base"]["examples"]


def test_the_command_prints_it(tmp_path: Path) -> None:
    result = cnnbench("schema", "--sweep", cwd=tmp_path)
    assert json.loads(result.stdout) == json.loads(json.dumps(sweep_schema()))
    assert cnnbench("schema", "--sweep", "--architecture", cwd=tmp_path).returncode == 2
