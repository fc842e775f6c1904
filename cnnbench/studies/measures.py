"""The names that published numbers are given by, and where a run tells them."""

from __future__ import annotations

from collections.abc import Mapping

from cnnbench.catalogue.measures import MEASURES
from cnnbench.errors import did_you_mean

CURVES = ("accuracy", "loss", "val_accuracy", "val_loss", "seconds")  # columns of history.csv
OF_CURVES = ("last", "best", "best_epoch", "epoch")
COUNTED: Mapping[str, str] = {
    "depth": "convolutions and dense layers on the longest path",
    "megabytes": "size of the weights in float32, millions of bytes",
    "mebibytes": "size of the weights in float32, 2^20 bytes",
}
TRAINED: Mapping[str, str] = {
    "epochs": "how many it was trained for",
    "seconds": "of the epochs alone, the sum",
    "seconds_per_image": "of the epochs alone, by training images and epochs",
}


def measure_mistake(name: str, split: str) -> str | None:
    """Return what is wrong with the name of a measure, None where it is one."""
    first, _, rest = name.partition(".")
    if first in OF_CURVES and rest:
        return _curve_mistake(first, rest)
    if name in COUNTED or name in TRAINED or (first == "layer" and rest.endswith(".parameters")):
        return None
    if split != "test" and name == "loss":
        return None
    if any(row.covers(name) for row in MEASURES):
        return None
    known = [*COUNTED, *TRAINED, *(f"{of}.{curve}" for of in ("last", "best") for curve in CURVES)]
    hint = did_you_mean(name, [*known, *(row.key for row in MEASURES)])
    return f"no measure of this name{hint}; `cnnbench list metrics` and docs/studies.md name them"


def _curve_mistake(first: str, rest: str) -> str | None:
    number, _, curve = rest.partition(".") if first == "epoch" else ("1", "", rest)
    if not number.isdecimal() or curve not in CURVES:
        form = "epoch.NUMBER.CURVE" if first == "epoch" else f"{first}.CURVE"
        return f"expected {form}, a curve being {', '.join(CURVES)}{did_you_mean(curve, CURVES)}"
    return None
