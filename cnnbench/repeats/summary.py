"""`summary.json`: mean, standard deviation and interval of every number that the runs have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnnbench.catalogue.measures import measure
from cnnbench.evaluation.metrics import wilson_interval
from cnnbench.numbers import numbers
from cnnbench.repeats.results import Repeats
from cnnbench.runs.run import Run
from cnnbench.statistics.intervals import METHOD, mean_interval

SCORES = ("precision", "recall", "f1")
ALIKE = ("images", "classes", "parameters", "macs", "data", "without_probabilities")  # the same in every run
CAUTION = {
    "seeds": "The interval is about the mean over seeds, which vary start weights, order and augmentation of the "
    "images, and what is drawn for validation. It says nothing of other test images.",
    "folds": "Folds share most of their training images, so that their runs are more alike than independent ones: "
    "the interval is likely too narrow. It says nothing of other test images.",
}


def summarize(repeats: Repeats) -> dict[str, Any]:
    """Return the content of `summary.json`, over the runs that have finished, at least one."""
    runs = repeats.finished
    first = runs[0].metrics
    assert first is not None
    metrics = {name: statistic(name, values) for name, values in _columns([_numbers(run) for run in runs]).items()}
    return {
        "kind": repeats.plan["kind"],
        "runs": len(runs),
        "of": len(repeats.children),
        "children": [run.path.name for run in runs],
        "smoke": bool(repeats.plan["smoke"]),
        "method": METHOD,
        "caution": CAUTION[repeats.plan["kind"]],
        "split": first["split"],
        "images": first["images"],
        "source": first["data"]["source"],
        "test_images": first["data"]["test_images"],
        "metrics": metrics,
        "per_class": _per_class(runs),
        "wilson": {run.path.name: (run.metrics or {})["accuracy_interval"] for run in runs},
        **({"pooled_validation": _pooled(runs)} if repeats.plan["kind"] == "folds" else {}),
        **{name: first[name] for name in ("parameters", "macs") if name in first},
        "training_seconds": metrics["times.epochs_seconds"],
    }


def statistic(metric: str, values: Sequence[float]) -> dict[str, Any]:
    """Return mean, standard deviation (n - 1), t interval, number and list of some runs' values of a metric."""
    return {**mean_interval(values, measure(metric).bounds).as_dict(), "values": list(values)}


def _numbers(run: Run) -> dict[str, float]:
    """Return every number of a run by its dotted path, and of the epoch whose weights were kept its validation."""
    found = numbers({name: value for name, value in (run.metrics or {}).items() if name not in (*ALIKE, "fit")})
    measured = {path: float(value) for path, value in found.items() if path.rpartition(".")[2] != "support"}
    kept = {name: value for name, value in run.kept.items() if name in ("val_loss", "val_accuracy")}
    epochs = {"epochs": float(len(run.history))} if run.history else {}
    return {"accuracy": measured["accuracy"], **kept, **measured, **epochs}


def _columns(rows: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    """Return the values of each number over the runs that have it."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row[name] for row in rows if name in row] for name in names}


def _per_class(runs: Sequence[Run]) -> list[dict[str, Any]]:
    lines = zip(*((run.metrics or {})["per_class"] for run in runs), strict=True)
    return [
        {
            "class": of_class[0]["class"],
            "support": of_class[0]["support"],
            **{
                score: statistic(f"per_class.{of_class[0]['class']}.{score}", [line[score] for line in of_class])
                for score in SCORES
            },
        }
        for of_class in lines
    ]


def _pooled(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the share of all held-out images, each of which one run has not seen, that were right, with its interval.

    It is the accuracy of the epoch whose weights were kept: where that epoch was chosen by these images, a little high.
    """
    images = [_held_out(run) for run in runs]
    correct = sum(round(run.kept["val_accuracy"] * n) for run, n in zip(runs, images, strict=True))
    return {
        "accuracy": correct / sum(images),
        "correct": correct,
        "images": sum(images),
        "interval": list(wilson_interval(correct, sum(images))),
        "method": "share of the held-out images of all finished folds, Wilson interval, 95 %",
    }


def _held_out(run: Run) -> int:
    return int(run.split["validation"]["images"])
