"""Pictures of a split's mistakes, and which of its labels are likely wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnbench.evaluation import label_errors
from cnnbench.evaluation.evaluate import Evaluated
from cnnbench.evaluation.label_errors import LabelErrors
from cnnbench.runs.gallery import write_gallery
from cnnbench.runs.label_errors import LABEL_ERRORS
from cnnbench.runs.run import Run

PICTURED = 24  # images whose label is likely wrong


def likely_label_errors(run: Run, found: Evaluated) -> dict[str, Any]:
    """Return what `label_errors.json` holds: the images, or in one line why they are left out."""
    chances = found.probabilities
    if chances is None:
        return {"left_out": f"{run.load_config().model.title or run.name} gives no probabilities"}
    if found.split_name == "train":
        return {"left_out": "they need answers about images whose labels it has not learnt: validation and test images"}
    if not label_errors.is_installed():
        return {"left_out": label_errors.ABSENT}
    errors = label_errors.find(found.labels, chances)
    return {
        "images": len(found.labels),
        "found_by": f"cleanlab {label_errors.version()}",
        "errors": [_told(run, found, errors, at) for at in range(len(errors.rows))],
    }


def write_mistakes(run: Run, found: Evaluated, errors: Mapping[str, Any]) -> None:
    """Write them, and pictures of mistakes and of the likeliest label errors, into the run folder; raises OutputError.

    The pictures belong to the predictions that are there.
    """
    folder = run.folder.measured_on(found.split_name)
    write_gallery(folder.gallery, found, [error["row"] for error in errors.get("errors", [])[:PICTURED]])
    LABEL_ERRORS.write(folder.label_errors, errors)


def _told(run: Run, found: Evaluated, errors: LabelErrors, at: int) -> dict[str, Any]:
    row = int(errors.rows[at])
    return {
        "row": row,
        "index": str(found.split.rows[row]),
        "name": str(found.split.names[row]) if found.split.names else "",
        "label": run.class_names[found.labels[row]],
        "likely": run.class_names[errors.likely[at]],
        "quality": float(errors.quality[at]),
    }
