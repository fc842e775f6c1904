"""JSON Schema of study files, for editors."""

from __future__ import annotations

from typing import Any

from cnnbench.config.json_schema import exported
from cnnbench.studies.sections import StudyFile


def study_schema() -> dict[str, Any]:
    """Return the JSON Schema of a study's YAML file, in which a number alone may stand for a value."""
    schema = StudyFile.model_json_schema()
    schema["$defs"]["Value"] = {"anyOf": [{"type": "number"}, schema["$defs"]["Value"]]}
    schema["properties"] = {"extends": {"type": "string"}, **schema["properties"]}
    return exported(schema)
