"""Which plots a run has, one row each: name, caption, where on the page, and what makes its panels of the results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnbench.evaluation import curves as by_threshold
from cnnbench.evaluation import metrics
from cnnbench.report import calibration, facts, robustness
from cnnbench.runs.predictions import Predictions
from cnnbench.runs.run import Run
from cnnbench.views.charts import curves, matrix, pictures, rows, thresholds
from cnnbench.views.figure import Figure, Panel
from cnnbench.views.style import BLUE, GREEN, MARKERS, ORANGE, RED, SHARE
from cnnbench.views.style import COLORS as COLORS_OF_LAYERS

SHOWN = 12  # images of each kind
BARS = 4  # most probable classes beside an image
SPLITS = ("train", "validation", "test")
SCORES = {"precision": "precision", "recall": "recall", "f1": "F1"}
COLORS = (ORANGE, GREEN, BLUE)


@dataclass(frozen=True)
class Plot:
    """A plot of a run: `panels` are none where results are too few for it; without a `section` it is a file only.

    `{images}` in its caption are those that it was measured on.
    """

    name: str
    caption: str
    section: str
    panels: Callable[[Run], Sequence[Panel]]
    across: int = 2


OF_TRAINING = ("training", "augmentation")  # sections that are not about the images of one split


def figures(results: Run) -> Iterator[Figure]:
    """Yield every plot that the results are enough for; those of a training once, with its test images."""
    for plot in PLOTS:
        if results.of != "test" and plot.section in OF_TRAINING:
            continue
        if panels := plot.panels(results):
            caption = plot.caption.format(images=facts.images(results))
            yield Figure(name_of(plot, results), caption[0].upper() + caption[1:], panels, plot.across)


def name_of(plot: Plot, results: Run) -> str:
    """Return the name of a plot's figure and files, which says what it was measured on if not on test images."""
    return plot.name if results.of == "test" else f"{plot.name}_{results.of}"


def samples(results: Run, kind: str) -> list[pictures.Sample]:
    """Return the first stored samples of a kind, "random" or "mistake", with their most probable classes."""
    if results.samples is None or results.predictions is None:
        return []
    stored = results.samples.of_kind(kind)[:SHOWN]
    return [sample_of(results.predictions, row, image) for row, image in stored]


def class_counts(results: Run) -> dict[str, Mapping[str, int]]:
    """Return split -> class -> number of images where `split.json` tells it."""
    parts = {name: results.split.get(name) for name in SPLITS}
    return {name: part["per_class"] for name, part in parts.items() if part}


def sample_of(predictions: Predictions, row: int, image: NDArray[np.uint8]) -> pictures.Sample:
    """Return what is shown of the image in a row of the predictions."""
    names, given = predictions.class_names, predictions.probabilities
    true, predicted = int(predictions.labels[row]), int(predictions.predicted[row])
    best = [] if given is None else np.argsort(-given[row], kind="stable")[:BARS].tolist()
    if best and true not in best:
        best[-1] = true
    return pictures.Sample(
        image=image,
        file_name=predictions.file_names[row],
        true=names[true],
        predicted=names[predicted],
        chances=[] if given is None else [(names[i], float(given[row, i])) for i in best],
    )


def _learning_curves(results: Run) -> Sequence[Panel]:
    history, kept = results.history, results.status.get("kept_epoch")
    if not history:
        return []
    measured = (curves.LOSS, curves.ACCURACY, curves.ERROR)
    borders = [stage["last_epoch"] for stage in results.stages[:-1] if stage["last_epoch"] < len(history)]
    panels = [curves.both_parts([history], one, kept, borders) for one in measured]
    return [*panels, curves.learning_rate(history, results.rates, kept, borders)]


def _whole(results: Run, images: int) -> Sequence[Mapping[str, float]]:
    """Return the history without the training images' count of an epoch that time ended before all were seen."""
    steps = -(-images // int(results.config.get("train", {}).get("batch_size", 1)))
    last = {name: value for name, value in (results.history or [{}])[-1].items() if name != "true_positives"}
    cut = results.history and results.history[-1].get("steps", steps) < steps
    return [*results.history[:-1], last] if cut else results.history


def _true_positives(results: Run) -> Sequence[Panel]:
    counts = {name: sum(part.values()) for name, part in class_counts(results).items()}
    images = {"training": counts.get("train", 0), "validation": counts.get("validation", 0)}
    history = _whole(results, images["training"])
    if not images["training"] or not any("true_positives" in row for row in history):
        return []
    return [curves.true_positives(history, images, results.status.get("kept_epoch"))]


def _dead_units(results: Run) -> Sequence[Panel]:
    """Return a panel of the layers with the largest shares of dead units, the largest of the last epoch first."""
    if not results.dead_units:
        return []
    last = results.dead_units[-1]
    worst = sorted((name for name in last if name != "epoch"), key=lambda name: -last[name])[: len(COLORS_OF_LAYERS)]
    series = [
        curves.Series(name, [results.dead_units], curves.column(name), color, marker)
        for name, color, marker in zip(worst, COLORS_OF_LAYERS, MARKERS, strict=False)
    ]
    measured = curves.Measured("Dead units", "share of units", SHARE, curves.column)
    return [curves.curves(measured, series, results.status.get("kept_epoch"), columns=1)]


def _class_distribution(results: Run) -> Sequence[Panel]:
    counts = class_counts(results)
    names = list(next(iter(counts.values()), {}))
    if not 0 < max(map(len, counts.values()), default=0) <= rows.MOST_ROWS:
        return []
    columns = {split: [found.get(name, 0) for name in names] for split, found in counts.items()}
    return [rows.stacked(names, columns, "Images per class and split", "images")]


def _confusion_matrix(results: Run) -> Sequence[Panel]:
    found = results.predictions
    return [matrix.confusion_matrix(found.confusion_matrix(), found.class_names)] if found else []


def _per_class(results: Run) -> Sequence[Panel]:
    return [per_class(results.metrics["per_class"])] if results.metrics else []


def per_class(lines: Sequence[Mapping[str, float]]) -> Panel:
    """Return a panel of precision, recall and F1 of every class, the best F1 on top; of too many classes the worst."""
    ordered = sorted(lines, key=lambda line: line["f1"])[: rows.MOST_ROWS][::-1]
    which = f"worst {rows.MOST_ROWS} of {len(lines)}" if len(lines) > rows.MOST_ROWS else "sorted by F1"
    columns = {title: [line[score] for line in ordered] for score, title in SCORES.items()}
    names = [str(line["class"]) for line in ordered]
    return rows.scores(names, columns, f"Scores per class, {which}", "score (0 to 1)", colors=COLORS)


def _errors_per_class(results: Run) -> Sequence[Panel]:
    if results.predictions is None:
        return []
    table = results.predictions.confusion_matrix()
    right, images = np.diagonal(table), table.sum(axis=1)
    tested = np.flatnonzero(images)
    worst = tested[np.argsort(right[tested] / images[tested], kind="stable")][: rows.MOST_ROWS]
    names = [results.predictions.class_names[i] for i in worst]
    wrong = (images - right)[worst]
    rates = [
        rows.Row(name, w / n, metrics.wilson_interval(int(w), int(n)), color=RED)
        for name, w, n in zip(names, wrong.tolist(), images[worst].tolist(), strict=True)
    ]
    return [
        rows.stacked(
            names, {"right": right[worst].tolist(), "wrong": wrong.tolist()}, "Right and wrong", facts.images(results)
        ),
        rows.intervals(rates, "Error rate with 95 % interval (Wilson)", "share of the class"),
    ]


def _roc_curves(results: Run) -> Sequence[Panel]:
    drawn = [
        thresholds.Curve(name, *by_threshold.roc(counts), by_threshold.area(counts))
        for name, counts in _counts_by_class(results)
        if counts.outside
    ]
    return [thresholds.roc(drawn)] if drawn else []


def _precision_recall_curves(results: Run) -> Sequence[Panel]:
    drawn = [
        thresholds.Curve(name, *by_threshold.precision_recall(counts), by_threshold.average_precision(counts))
        for name, counts in _counts_by_class(results)
    ]
    return [thresholds.precision_recall(drawn)] if drawn else []


def _counts_by_class(results: Run) -> Iterator[tuple[str, by_threshold.Counts]]:
    """Yield the counts by threshold of every class that has images, none where there are no probabilities."""
    found = results.predictions
    if found is None or found.probabilities is None:
        return
    for i, name in enumerate(found.class_names):
        counts = by_threshold.counts(found.probabilities[:, i], found.labels == i)
        if counts.inside:
            yield name, counts


def _random_samples(results: Run) -> Sequence[Panel]:
    shown = samples(results, "random")
    return [pictures.samples(shown, f"Random {facts.images(results)}")] if shown else []


def _mistakes(results: Run) -> Sequence[Panel]:
    shown = samples(results, "mistake")
    confident = bool(shown and shown[0].chances)
    return [pictures.samples(shown, "Most confident mistakes" if confident else "Mistakes")] if shown else []


def _augmentation(results: Run) -> Sequence[Panel]:
    found = results.augmentation
    return [pictures.augmentation_preview(found.before, found.after)] if found else []


PLOTS = (
    Plot(
        "learning_curves",
        "Loss, accuracy and error rate of every epoch; the learning rate, by step where it so moves",
        "training",
        _learning_curves,
    ),
    Plot(
        "true_positives",
        "Images whose class has a probability above 0.5, in every epoch",
        "training",
        _true_positives,
    ),
    Plot(
        "dead_units",
        "Units of layers with a relu that gave 0 for all watched training images, the 8 layers with most of them",
        "training",
        _dead_units,
    ),
    Plot("class_distribution", "Images per class in each split", "training", _class_distribution),
    Plot(
        "confusion_matrix",
        "{images} by true class (rows) and predicted class (columns); the colour is the share of the true class",
        "confusion",
        _confusion_matrix,
    ),
    Plot("per_class", "Precision, recall and F1 of every class", "classes", _per_class),
    Plot(
        "errors_per_class",
        "{images} of every class that are classified right and wrong, and the share that is wrong, the worst first",
        "classes",
        _errors_per_class,
    ),
    Plot(
        "roc_curves",
        "Of every class, the share found over the share of other images taken for it, as its threshold falls; "
        "beside each name the area under its curve",
        "classes",
        _roc_curves,
        across=1,
    ),
    Plot(
        "precision_recall_curves",
        "Of every class, precision over recall as its threshold falls; beside each name its average precision",
        "classes",
        _precision_recall_curves,
        across=1,
    ),
    Plot(
        "calibration",
        "How often predictions of a given confidence are right, and how many there are",
        "calibration",
        calibration.reliability,
    ),
    Plot("samples", "Random {images}", "", _random_samples),
    Plot("mistakes", "The most confident mistakes", "", _mistakes),
    Plot(
        "robustness",
        "Accuracy on the {images} corrupted at strengths of 1 to 5, with 95 % intervals; 0 is as they are",
        "robustness",
        robustness.panels,
    ),
    Plot("augmentation", "Training images before and after augmentation", "augmentation", _augmentation),
)
