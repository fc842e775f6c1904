"""`stages.json`: what was frozen or pruned when; no file of a run in which all layers learn all the time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnbench.files.checked import NUMBER, TEXT, WHOLE
from cnnbench.runs.json_file import JsonFile
from cnnbench.text import count

STAGES = JsonFile(
    {
        "stages": [
            {
                "name": TEXT,
                **dict.fromkeys(("first_epoch", "last_epoch?"), WHOLE),
                **dict.fromkeys(("frozen_layers", "frozen_normalizations", "trainable_parameters"), WHOLE),
                "frozen": [TEXT],
                "learning_rate": NUMBER,
                "sparsity?": {"*": NUMBER},
            }
        ]
    }
)


def sentence(stage: Mapping[str, Any]) -> str:
    """Return in a few words what learns in a stage."""
    frozen, parameters = stage["frozen_layers"], f"{count(stage['trainable_parameters'])} parameters trainable"
    if not frozen:
        return f"{stage['name']}: {parameters}"
    still = "; batch normalisation of frozen layers stays in inference mode" if stage["frozen_normalizations"] else ""
    return f"{count(frozen)} layers, {parameters}{still}"


def epochs(stage: Mapping[str, Any]) -> str:
    """Return which epochs a stage has; where time ends the training, nobody knows the last one before."""
    if "last_epoch" not in stage:
        return f"from {count(stage['first_epoch'])} on"
    first, last = count(stage["first_epoch"]), count(stage["last_epoch"])
    return first if first == last else f"{first} to {last}"
