"""What a sweep can be told to find the best of: values of validation images, and costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from cnnbench.catalogue.measures import MEASURES, measure
from cnnbench.catalogue.values import found
from cnnbench.errors import did_you_mean

Direction = Literal["minimize", "maximize"]

JUDGED = ("val_accuracy", "val_loss")  # columns of history.csv, so known after each epoch
COSTS: Mapping[str, str] = {  # and where each is among the numbers of a finished run
    "training_seconds": "times.epochs_seconds",
    "parameters": "parameters.total",
    "macs": "macs",
    "epochs": "epochs",
}
OBJECTIVES = (*JUDGED, *COSTS)
_TRAINED = ("loss", "train_accuracy", "train_loss", "training_accuracy", "training_loss")
_TESTED = {row.key.partition(".")[0] for row in MEASURES if row.unit not in ("count", "seconds")}
_SCORES = {"precision", "recall", "f1"}  # of the test images too, where no average is named


def direction_of(metric: str) -> Direction:
    """Return which way a metric is better."""
    return "maximize" if measure(metric).better == "higher" else "minimize"


def meant(values: Mapping[str, Any]) -> Direction:
    """Return the direction that an objective's metric means."""
    return direction_of(values.get("metric", ""))


def no_objective(metric: str) -> str:
    """Return why a metric that is not among these cannot be an objective."""
    allowed = f"allowed are {', '.join(OBJECTIVES)}"
    if metric in _TRAINED:
        other = "val_loss" if metric.endswith("loss") else "val_accuracy"
        return (
            f"{metric} is of the training images, which a network can learn by heart; {other} is of validation images"
        )
    if metric.partition(".")[0] in _TESTED | _SCORES or metric.startswith("test"):
        return (
            f"{metric} is measured on the test images, which are read once, after training; chosen by them, the best"
            f" trial's number would be too good to be true; {allowed}"
        )
    return f"unknown metric {found(metric)}{did_you_mean(metric, OBJECTIVES) or '; ' + allowed}"
