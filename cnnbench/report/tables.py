"""Results as tables: those of a run's page, the classification report, the confusion matrix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cnnbench.evaluation import metrics
from cnnbench.report import facts
from cnnbench.runs import stages as stages_of_run
from cnnbench.runs import weights as weights_of_run
from cnnbench.runs.predictions import Predictions
from cnnbench.runs.run import Run
from cnnbench.text import count, fixed, label, percent, plain, share, significant, size
from cnnbench.views.layout import aligned
from cnnbench.views.page import named
from cnnbench.views.table import Column, Table, pairs

Row = Mapping[str, Any]

NAME_LIMIT = 40
AVERAGES = {"macro": "every class alike", "weighted": "classes by their images"}  # micro averages are the accuracy
SCORES = {"precision": "precision", "recall": "recall", "f1": "F1"}


def of(key: str) -> Any:
    """Return what takes a key of a row, None where the row does not have it."""
    return lambda row: row.get(key)


def epochs(results: Run) -> Table[tuple[str, Row]]:
    """Return the best and the last epoch."""
    written: dict[str, tuple[str, Callable[[Any], str]]] = {
        "loss": ("loss", significant),
        "accuracy": ("accuracy", percent),
        "val_loss": ("validation loss", significant),
        "val_accuracy": ("validation accuracy", percent),
        "learning_rate": ("learning rate", plain),
        "seconds": ("seconds", lambda value: fixed(value, 1)),
    }
    which: Column[tuple[str, Row]] = Column("epoch", lambda row: f"{count(row[1]['epoch'])} ({row[0]})", left=True)
    columns = [Column(title, _second(key), write) for key, (title, write) in written.items()]
    return Table("best and last epoch", [which, *columns], facts.epochs(results))


def averages(results: Run) -> Table[tuple[str, Row]]:
    """Return precision, recall and F1 averaged."""
    found = results.metrics or {}
    rows = [(f"{name}: {meaning}", found[name]) for name, meaning in AVERAGES.items() if name in found]
    name: Column[tuple[str, Row]] = Column("average", lambda row: row[0], left=True)
    return Table("averages", [name, *(Column(title, _second(s), percent) for s, title in SCORES.items())], rows)


def classes(results: Run) -> Table[Row]:
    """Return the scores of every class and what it is most often taken for."""
    columns = (
        Column(
            "class", of("class"), lambda name: named(str(name)), "class", left=True, tip=lambda row: str(row["class"])
        ),
        *(Column(title, of(score), percent, score) for score, title in SCORES.items()),
        Column("support", of("support"), count, "support"),
        Column("most often taken for", of("taken_for"), _taken_for, left=True),
        Column("", lambda row: "▼ worst" if row["worst"] else "", left=True),
    )
    return Table("scores per class", columns, facts.classes(results), lambda row: "worst" if row["worst"] else "")


def confusions(results: Run) -> Table[Row]:
    """Return the most frequent mistakes."""
    columns = (
        Column("true class", of("true"), named, "true", left=True),
        Column("predicted", of("predicted"), named, "predicted", left=True),
        Column("images", of("images"), count, "images"),
        Column("share of the true class", of("share"), percent, "share"),
    )
    return Table("most frequent mistakes", columns, facts.confusions(results))


def layers(results: Run) -> Table[Row]:
    """Return the layers of the network."""
    columns = (
        Column("layer", of("name"), left=True),
        Column("kind", of("kind"), left=True),
        Column("output shape", of("output_shape"), lambda shape: " × ".join(map(str, shape))),
        Column("parameters", of("parameters"), count),
        Column("MACs", of("macs"), count),
        Column("activations", of("activation_bytes"), size),
    )
    return Table("layers", columns, (results.layers or {}).get("layers", []))


def weights(results: Run) -> Table[tuple[str, str]]:
    """Return where the first weights came from, empty where they were drawn."""
    return pairs("first weights", weights_of_run.provenance(results.weights) if results.weights else [])


def stages(results: Run) -> Table[Row]:
    """Return the stages of the training: what was frozen or pruned when."""
    columns: list[Column[Row]] = [
        Column("epochs", stages_of_run.epochs, left=True),
        Column("stage", of("name"), left=True),
        Column("frozen layers", of("frozen"), lambda names: ", ".join(map(named, names)) or "none", left=True),
        Column("trainable parameters", of("trainable_parameters"), count),
        Column("learning rate at first", of("learning_rate"), plain),
    ]
    return Table("stages of the training", columns, results.stages)


def sparsity(results: Run) -> Table[tuple[str, float]]:
    """Return the share of zeros in each layer's kernels in the stage that pruned them."""
    rows = [row for stage in results.stages for row in stage.get("sparsity", {}).items()]
    name: Column[tuple[str, float]] = Column("layer", lambda row: named(row[0]), left=True)
    return Table("sparsity", [name, Column("weights held at zero", lambda row: row[1], percent)], rows)


def files(results: Run) -> Table[tuple[str, int]]:
    """Return the files of the run folder, each with a link."""
    name: Column[tuple[str, int]] = Column("", lambda row: row[0], left=True, link=lambda row: row[0])
    return Table("files", (name, Column("", lambda row: row[1], size)), facts.files(results.folder))


def environment(results: Run) -> Table[tuple[str, str]]:
    """Return machine, versions and command."""
    return pairs("environment", facts.environment(results))


def measures(results: Run) -> Table[tuple[str, str]]:
    """Return what the images gave, one number each."""
    return pairs("metrics", facts.measures(results))


def _second(key: str) -> Any:
    return lambda row: row[1].get(key)


def _taken_for(found: Row | None) -> str:
    return f"{named(found['class'])} ({percent(found['share'])})" if found else ""


def classification_report(predictions: Predictions, measured_on: str, room: int | None = None) -> str:
    """Return precision, recall, F1 and support per class and averaged, laid out as scikit-learn's report is.

    `measured_on` names the images; scores have four decimals. Into `room` columns of a terminal the
    names of classes are folded.
    """
    matrix = predictions.confusion_matrix()
    found = metrics.class_scores(matrix)
    correct, images = int(np.trace(matrix)), int(matrix.sum())
    per_class = zip(predictions.class_names, found.precision, found.recall, found.f1, found.support, strict=True)
    rows = [["", "precision", "recall", "f1-score", "support"]]
    rows += [[label(name, NAME_LIMIT), share(p), share(r), share(f), count(n)] for name, p, r, f, n in per_class]
    rows += [["", "", "", "", ""], ["accuracy", "", "", share(correct / images), count(images)]]
    averages = metrics.averages(found, correct)
    for kind in ("macro", "weighted"):
        scores = [share(averages[kind][score]) for score in ("precision", "recall", "f1")]
        rows.append([f"{kind} avg", *scores, count(images)])
    return f"{measured_on}\n\n{aligned(rows, room=room, fold=(0,))}"


def confusion_rows(predictions: Predictions) -> tuple[list[str], list[list[Any]]]:
    """Return header and rows of `confusion_matrix.csv`: true classes in rows, predicted ones in columns."""
    names = list(predictions.class_names)
    counts = predictions.confusion_matrix().tolist()
    return ["true \\ predicted", *names], [[name, *row] for name, row in zip(names, counts, strict=True)]
