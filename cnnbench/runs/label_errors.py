"""`label_errors.json`: images whose label is likely wrong, the likeliest first, or why that is not known."""

from __future__ import annotations

from cnnbench.files.checked import NUMBER, TEXT, WHOLE
from cnnbench.runs.json_file import JsonFile

ERROR = {"row": WHOLE, "index": TEXT, "name": TEXT, "label": TEXT, "likely": TEXT, "quality": NUMBER}

LABEL_ERRORS = JsonFile({"left_out?": TEXT, "images?": WHOLE, "found_by?": TEXT, "errors?": [ERROR]})
