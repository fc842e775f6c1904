"""Everything that is measured of a trained network, one row each.

A row with `function` is computed on labelled images by the function of that name in
`cnnbench.evaluation.measures`; it then stands in metrics.json, in reports, comparisons, leaderboards and lists, and
`--fail-under` takes it. The other rows are parts of metrics.json and columns of history.csv that something else fills.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "score", "nats", "seconds", "count", ""]
Better = Literal["higher", "lower", "neither"]
Bounds = tuple[float | None, float | None]


@dataclass(frozen=True)
class Measure:
    """One number: its dotted path in metrics.json, where `*` stands for any part, and what it is.

    `unit` says how it is written: a share of 1 in per cent, seconds as a time, a count whole, others in significant
    digits.
    `probabilistic` ones are of probabilities, not only of the class that is predicted.
    `low` and `high` are the least and the largest value it can have, None where there is no end.
    """

    key: str
    title: str
    about: str
    unit: Unit = "share"
    better: Better = "higher"
    low: float | None = 0.0
    high: float | None = 1.0
    function: bool = False
    probabilistic: bool = False

    @property
    def is_share(self) -> bool:
        """Whether it is a share of 1, written in per cent."""
        return self.unit == "share"

    @property
    def bounds(self) -> Bounds:
        """Least and largest possible value."""
        return self.low, self.high

    def covers(self, path: str) -> bool:
        """Return whether `path` is this measure's; a class' name may have dots in it."""
        before, star, after = self.key.partition("*")
        return path == self.key if not star else path.startswith(before) and path.endswith(after)


def _averages() -> list[Measure]:
    said = {
        "macro": ("{}, the mean over classes", "{}, macro average"),
        "micro": ("{} over all images", "{}, micro average"),
        "weighted": ("{}, classes weighted by their images", "{}, weighted average"),
    }
    names = {"precision": "precision", "recall": "recall", "f1": "F1"}
    return [
        Measure(f"{average}.{score}", title.format(name[0].upper() + name[1:]), about.format(name))
        for average, (about, title) in said.items()
        for score, name in names.items()
    ]


def _of_class(key: str, title: str, of: str) -> list[Measure]:
    return [
        Measure(f"{key}.precision", f"Precision of {title}", f"precision of {of}"),
        Measure(f"{key}.recall", f"Recall of {title}", f"recall of {of}"),
        Measure(f"{key}.f1", f"F1 of {title}", f"F1 of {of}"),
        Measure(f"{key}.support", f"Images of {title}", f"images of {of}", "count", "neither", high=None),
    ]


def _cost(key: str, title: str, about: str, unit: Unit) -> Measure:
    return Measure(key, title, about, unit, "lower", high=None)


MEASURES: tuple[Measure, ...] = (
    Measure("accuracy", "Accuracy", "share of the images classified right", function=True),
    Measure(
        "balanced_accuracy", "Balanced accuracy", "recall, the mean over the classes that have images", function=True
    ),
    Measure("top_k.*", "Top-{} accuracy", "share of the images whose class is among the k most probable"),
    *_averages(),
    Measure(
        "matthews_correlation",
        "Matthews correlation",
        "correlation of true and predicted classes",
        "score",
        low=-1.0,
        function=True,
    ),
    Measure("cohen_kappa", "Cohen's kappa", "agreement beyond chance", "score", low=-1.0, function=True),
    Measure(
        "roc_auc",
        "ROC AUC, macro average",
        "how often an image of a class is given a higher probability for it than another image",
        "score",
        function=True,
        probabilistic=True,
    ),
    Measure(
        "average_precision",
        "Average precision, macro average",
        "precision over all thresholds, the mean over classes",
        "score",
        function=True,
        probabilistic=True,
    ),
    Measure(
        "brier_score",
        "Brier score",
        "squared distance of the probabilities to the truth",
        "score",
        "lower",
        high=2.0,
        function=True,
        probabilistic=True,
    ),
    Measure(
        "log_loss",
        "Log loss",
        "mean of minus the logarithm of the true class's probability",
        "nats",
        "lower",
        high=None,
        function=True,
        probabilistic=True,
    ),
    Measure(
        "calibration_error",
        "Expected calibration error",
        "how far probabilities are from the shares that are right",
        better="lower",
        function=True,
        probabilistic=True,
    ),
    *_of_class("worst_class", "the worst class (lowest F1)", "the class with the lowest F1"),
    *_of_class("per_class.*", "{}", "one class"),
    Measure("images", "Images", "how many were measured", "count", "neither", high=None),
    Measure("classes", "Classes", "how many classes they have", "count", "neither", high=None),
    Measure("fit.accuracy", "Training accuracy", "accuracy on training images, of what has no epochs"),
    _cost("macs", "MACs", "multiply-accumulates of one image", "count"),
    _cost("parameters.total", "Parameters", "parameters of the network", "count"),
    _cost("parameters.trainable", "Trainable parameters", "parameters that are trained", "count"),
    _cost("parameters.non_trainable", "Other parameters", "parameters that are not, such as moving means", "count"),
    _cost("times.training_seconds", "Training and starting", "seconds of training", "seconds"),
    _cost("times.epochs_seconds", "Training, its epochs", "seconds of the epochs, or of the fit, alone", "seconds"),
    _cost("times.test_seconds", "Testing", "seconds of testing", "seconds"),
)

# What is known of a training before its test: columns of history.csv and what a sweep counts.
TRAINING: tuple[Measure, ...] = (
    Measure("val_accuracy", "Validation accuracy of the kept epoch", "accuracy on the validation images"),
    _cost("val_loss", "Validation loss of the kept epoch", "loss on the validation images", ""),
    Measure("train_accuracy", "Training accuracy", "accuracy on the training images"),
    _cost("loss", "Training loss", "loss on the training images", ""),
    _cost("training_seconds", "Training time", "seconds of the epochs alone", "seconds"),
    _cost("parameters", "Parameters", "parameters of the network", "count"),
    _cost("epochs", "Epochs trained", "how many epochs it was trained for", "count"),
)

_OTHER = Measure("", "", "", "", "neither", None, None)
COMPUTED: tuple[Measure, ...] = tuple(row for row in MEASURES if row.function)
FOUR = ("accuracy", "macro.precision", "macro.recall", "macro.f1")  # what studies print of every value
RECORDED = (*(row.key for row in COMPUTED), *FOUR[1:])  # what a sweep keeps of every test
LISTED: Mapping[str, str] = {row.key: row.about for row in MEASURES if "*" not in row.key}


def measure(path: str) -> Measure:
    """Return the row of a dotted path; one that says nothing for a number that has no row."""
    return next((row for row in (*MEASURES, *TRAINING) if row.covers(path)), _OTHER)


def title(path: str) -> str:
    """Return what a report calls the number at a dotted path; the path itself where it has no row."""
    row = measure(path)
    before, star, after = row.key.partition("*")
    part = path.removeprefix(before).removesuffix(after) if star else ""
    return row.title.format(part) if row.key else path


def limited() -> list[str]:
    """Return the names that `--fail-under` takes: those of which more is better, of all images."""
    kept = [row for row in MEASURES if row.better == "higher" and "*" not in row.key]
    return [row.key for row in kept if not row.key.startswith("worst_class.")]
