"""Plots of repeated runs: curves with a band, scores per class and accuracies with their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnnbench.repeats.results import Repeats
from cnnbench.text import count
from cnnbench.views.charts import curves, matrix, rows
from cnnbench.views.figure import Figure, Panel
from cnnbench.views.style import RED

CAPTIONS = {
    "curves": "Every epoch: thin lines are single runs; the mean and the band from the lowest to the highest run end "
    "with the run that stopped first",
    "accuracy": "Test accuracy: a run's Wilson interval is about other test images of the same kind, the t interval "
    "about other runs",
    "per_class": "F1 of every class: single runs, their mean and its t interval, which ends at 0 and 1",
    "confusion_matrix": "Test images by true class (rows) and predicted class (columns), all runs added up",
}


def figures(found: Repeats, summary: Mapping[str, Any]) -> Iterator[Figure]:
    """Yield every plot of the finished runs."""
    histories = [run.history for run in found.finished]
    measured = (curves.LOSS, curves.ACCURACY, curves.ERROR)
    if any(histories):
        yield _figure("curves", *(curves.both_parts(histories, one) for one in measured))
    yield _figure("accuracy", accuracies(summary))
    yield _figure("per_class", per_class(summary["per_class"]))
    if (together := confusions(found)) is not None:
        yield _figure("confusion_matrix", together)


def accuracies(summary: Mapping[str, Any]) -> Panel:
    """Return a panel of each run's test accuracy with its Wilson interval, and below them the mean with its t one."""
    found = summary["metrics"]["accuracy"]
    lines = [
        rows.Row(name, value, _ends(summary["wilson"][name]), kind="one run, Wilson interval")
        for name, value in zip(summary["children"], found["values"], strict=True)
    ]
    mean = rows.Row(
        "mean", found["mean"], _ends(found["interval"]), kind="mean, t interval over runs", color=RED, marker="D"
    )
    unit = f"share of {count(summary['images'])} test images"
    return rows.intervals([*lines, mean], "Test accuracy of every run", unit, reference=found["mean"])


def per_class(lines: Sequence[Mapping[str, Any]]) -> Panel:
    """Return a panel of the F1 of every class, the best mean on top; of too many classes the worst."""
    ordered = sorted(lines, key=lambda line: line["f1"]["mean"])[: rows.MOST_ROWS][::-1]
    which = f"worst {rows.MOST_ROWS} of {len(lines)}" if len(lines) > rows.MOST_ROWS else "sorted by mean"
    drawn = [
        rows.Row(str(line["class"]), f1["mean"], _ends(f1["interval"]), f1["values"], "mean, t interval")
        for line, f1 in ((line, line["f1"]) for line in ordered)
    ]
    return rows.intervals(drawn, f"F1 per class, {which}", "F1 (0 to 1)")


def confusions(found: Repeats) -> Panel | None:
    """Return the confusion matrix of all runs together; None where a run's predictions are gone."""
    predictions = [run.predictions for run in found.finished]
    known = [one for one in predictions if one is not None]
    if not known or len(known) < len(predictions):
        return None
    total = sum((one.confusion_matrix() for one in known[1:]), start=known[0].confusion_matrix())
    return matrix.confusion_matrix(total, known[0].class_names)


def _ends(interval: Sequence[float] | None) -> tuple[float, float] | None:
    return None if interval is None else (interval[0], interval[1])


def _figure(name: str, *panels: Panel) -> Figure:
    return Figure(name, CAPTIONS[name], panels, across=3)
