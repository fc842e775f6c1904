"""What a sweep can be told to find the best of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from cnnbench.catalogue.values import found
from cnnbench.errors import did_you_mean

Direction = Literal["minimize", "maximize"]

DIRECTIONS: Mapping[str, Direction] = {
    "val_accuracy": "maximize",
    "val_loss": "minimize",
    "training_seconds": "minimize",
    "parameters": "minimize",
    "macs": "minimize",
    "epochs": "minimize",
}
JUDGED = ("val_accuracy", "val_loss")  # what is known after each epoch
_TRAINED = ("loss", "train_accuracy", "train_loss", "training_accuracy", "training_loss")
_TESTED = (
    *("accuracy", "log_loss", "top_k", "macro", "micro", "weighted", "per_class", "worst_class"),
    *("precision", "recall", "f1", "balanced_accuracy", "calibration_error"),
)


def meant(values: Mapping[str, Any]) -> Direction:
    """Return the direction that an objective's metric means; that of an unknown one does not matter."""
    return DIRECTIONS.get(values.get("metric", ""), "minimize")


def no_objective(metric: str) -> str:
    """Return why a metric that is not among these cannot be an objective."""
    allowed = f"allowed are {', '.join(DIRECTIONS)}"
    if metric in _TRAINED:
        other = "val_loss" if metric.endswith("loss") else "val_accuracy"
        return (
            f"{metric} is of the training images, which a network can learn by heart; {other} is of validation images"
        )
    if metric.split(".")[0] in _TESTED or metric.startswith("test"):
        return (
            f"{metric} is measured on the test images, which are read once, after training; chosen by them, the best"
            f" trial's number would be too good to be true; {allowed}"
        )
    return f"unknown metric {found(metric)}{did_you_mean(metric, DIRECTIONS) or '; ' + allowed}"
