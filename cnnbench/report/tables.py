"""Results as plain text and CSV rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cnnbench.evaluation import metrics
from cnnbench.report.layout import aligned
from cnnbench.report.results import Predictions
from cnnbench.report.runs import shown_state
from cnnbench.report.text import count, cut, duration, label, percent, printable

NAME_LIMIT = 40


def classification_report(predictions: Predictions, measured_on: str) -> str:
    """Return precision, recall, F1 and support per class and averaged, laid out as scikit-learn's report is.

    `measured_on` names the images; scores are cut to four decimals.
    """
    matrix = predictions.confusion_matrix()
    found = metrics.class_scores(matrix)
    correct, images = int(np.trace(matrix)), int(matrix.sum())
    per_class = zip(predictions.class_names, found.precision, found.recall, found.f1, found.support, strict=True)
    rows = [["", "precision", "recall", "f1-score", "support"]]
    rows += [[label(name, NAME_LIMIT), cut(p), cut(r), cut(f), count(n)] for name, p, r, f, n in per_class]
    rows += [["", "", "", "", ""], ["accuracy", "", "", cut(correct / images), count(images)]]
    averages = metrics.averages(found, correct)
    for kind in ("macro", "weighted"):
        scores = [cut(averages[kind][score]) for score in ("precision", "recall", "f1")]
        rows.append([f"{kind} avg", *scores, count(images)])
    return f"{measured_on}\n\n{aligned(rows)}"


def confusion_rows(predictions: Predictions) -> tuple[list[str], list[list[Any]]]:
    """Return header and rows of `confusion_matrix.csv`: true classes in rows, predicted ones in columns."""
    names = list(predictions.class_names)
    counts = predictions.confusion_matrix().tolist()
    return ["true \\ predicted", *names], [[name, *row] for name, row in zip(names, counts, strict=True)]


def run_table(runs: Sequence[Mapping[str, Any]]) -> str:
    """Return one line per run as `list_runs` describes it, under a header."""
    rows = [["started", "name", "state", "epochs", "accuracy", "time", "folder"]]
    return aligned(rows + [_run_row(run) for run in runs], right=(3, 4, 5))


def _run_row(run: Mapping[str, Any]) -> list[str]:
    started = str(run["started"] or "")[:19].replace("T", " ")
    state = shown_state(run) + (" (smoke)" if run["smoke"] else "")
    epochs = f"{run['epoch']}/{run['epochs']}" if run["epoch"] is not None else ""
    runs = run.get("runs")
    of_many = {"repeats": "mean ", "sweep": "best "}.get(run.get("kind", "run"), "")
    accuracy = of_many + percent(run["accuracy"]) if run["accuracy"] is not None else ""
    time = duration(run["seconds"]) if run["seconds"] is not None else ""
    name, many = label(run["name"], NAME_LIMIT), f"{runs} run{'' if runs == 1 else 's'}"
    return [started, name, state, epochs if runs is None else many, accuracy, time, printable(run["path"])]
