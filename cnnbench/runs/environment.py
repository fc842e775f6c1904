"""`environment.json`: versions, devices, git commit and command."""

from __future__ import annotations

from cnnbench.files.checked import MAPPING, TEXT
from cnnbench.runs.json_file import JsonFile

ENVIRONMENT = JsonFile(
    {"learner?": TEXT, "backend?": TEXT, "packages?": MAPPING, "devices?": [TEXT], "precision?": TEXT}
)
