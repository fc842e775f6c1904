"""Run folders written by hand from real measurements: a linear classifier on scikit-learn's digits.

The classifier learns epoch by epoch, so that history, probabilities and scores are those of a training that took
place. `pairs` makes a hundred classes of the same images by putting two digits side by side.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss

from cnnbench.evaluation import metrics
from cnnbench.evaluation.compute import compute
from cnnbench.evaluation.mistakes import worth_a_look
from cnnbench.files.whole import write_csv, write_json
from cnnbench.runs.folder import RunDir, create


@dataclass(frozen=True)
class Experiment:
    """What a training leaves behind: test images, their labels and probabilities, class names, and history."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    class_names: Sequence[str]
    history: Sequence[dict[str, float]]
    counts: dict[str, list[int]]  # of images per class, of every split
    file_names: Sequence[str] = ()

    @property
    def split(self) -> dict[str, Any]:
        """Return what `split.json` holds."""
        named = {name: dict(zip(self.class_names, n, strict=True)) for name, n in self.counts.items()}
        return {name: {"images": sum(n.values()), "per_class": n} for name, n in named.items()}

    def named(self, class_names: Sequence[str], file_name: str = "") -> Experiment:
        """Return the same with other names."""
        return replace(self, class_names=class_names, file_names=[file_name] * len(self.labels))


@cache
def digits(classes: int = 10, epochs: int = 8) -> Experiment:
    """Train on the digits below `classes` for so many epochs."""
    data = load_digits(n_class=classes)
    pixels, labels = data.data / 16, data.target.astype(np.int64)
    test = slice(len(labels) - 497, None) if classes == 10 else slice(len(labels) // 2, None)
    train = slice(0, len(labels) // 3)
    validation = slice(train.stop, test.start)
    model = SGDClassifier(loss="log_loss", alpha=1e-3, random_state=0)
    history = []
    for epoch in range(epochs):
        model.partial_fit(pixels[train], labels[train], classes=range(classes))
        history.append({"epoch": epoch + 1} | _row(model, pixels, labels, train, validation))
    images = np.round(data.images[test] / 16 * 255).astype(np.uint8)[..., None]
    names = [str(i) for i in range(classes)]
    splits = {"train": train, "validation": validation, "test": test}
    counts = {name: np.bincount(labels[part], minlength=classes).tolist() for name, part in splits.items()}
    return Experiment(images, labels[test], model.predict_proba(pixels[test]), names, history, counts)


@cache
def pairs(images: int = 1500) -> Experiment:
    """Put two digits side by side: a hundred classes, whose probabilities are the products of the digits'."""
    one = digits()
    rng = np.random.default_rng(0)
    left, right = rng.integers(0, len(one.labels), size=(2, images))
    both = np.concatenate([one.images[left], one.images[right]], axis=2)
    chances = one.probabilities[left][:, :, None] * one.probabilities[right][:, None, :]
    names = [f"digits {i // 10} and {i % 10}" for i in range(100)]
    labels = one.labels[left] * 10 + one.labels[right]
    counts = {"test": np.bincount(labels, minlength=100).tolist()}
    return Experiment(both, labels, chances.reshape(images, 100), names, one.history, counts)


def write_run(root: Path, experiment: Experiment, *, smoke: bool = False, name: str = "digits-linear") -> RunDir:
    """Write the complete run folder of a training that ended well."""
    run = write_interrupted_run(root, experiment, name=name)
    best = min(experiment.history, key=lambda row: row["val_loss"])
    write_status(run, state="done", reason="all epochs done", best_epoch=int(best["epoch"]), smoke=smoke)
    _write_predictions(run, experiment)
    found = compute(experiment.labels, experiment.probabilities, experiment.class_names, [2, 5], 15)
    write_json(run.metrics, {**found, "data": {"source": "digits", "notes": []}})
    _write_samples(run, experiment)
    _write_gallery(run, experiment)
    return run


def write_interrupted_run(root: Path, experiment: Experiment, *, name: str = "digits-linear") -> RunDir:
    """Write what a run has that was interrupted while training: no metrics, no predictions, no samples."""
    config = f"name: {name}\nseed: 7\ndata:\n  source: digits\nmodel:\n  name: linear\ntrain:\n  epochs: 20\n"
    run = create(root, name, config)
    columns = list(experiment.history[0])
    rows = [[row[column] for column in columns] for row in experiment.history]
    write_csv(run.history, columns, rows)
    write_json(run.environment, _environment())
    write_json(run.layers, _layers(experiment))
    write_json(run.split, experiment.split)
    before = experiment.images[:4]
    after = np.stack([np.roll(before, shift, axis=2) for shift in (-1, 1, 2)], axis=1)
    np.savez(run.augmentation, before=before, after=after)
    write_status(run, state="interrupted", reason="Ctrl-C", epoch=len(rows), best_epoch=len(rows))
    return run


def write_status(run: RunDir, **changes: Any) -> None:
    """Write `status.json`, the given keys over those of a short training."""
    status = {"state": "done", "reason": "", "epoch": 8, "epochs": 20, "best_epoch": 8, "monitor": "val_loss"}
    times = {"started": "2026-03-01T10:00:00+00:00", "ended": "2026-03-01T10:00:03+00:00", "seconds": 3.4}
    write_json(run.status, {**status, **times, "smoke": False, "notes": [], **changes})


def _row(model: SGDClassifier, pixels: Any, labels: Any, train: slice, validation: slice) -> dict[str, float]:
    row: dict[str, float] = {}
    for prefix, part in (("", train), ("val_", validation)):
        chances = model.predict_proba(pixels[part])
        right = int((chances.argmax(axis=1) == labels[part]).sum())
        sure = int((chances[np.arange(len(chances)), labels[part]] > 0.5).sum())
        row[f"{prefix}loss"] = float(log_loss(labels[part], y_proba=chances, labels=model.classes_))
        row[f"{prefix}accuracy"] = right / len(labels[part])
        row[f"{prefix}true_positives"] = sure
    return row | {"learning_rate": 1e-3, "seconds": 0.4, "images_per_second": 2500.0}


def _write_predictions(run: RunDir, experiment: Experiment) -> None:
    names = experiment.class_names
    files = experiment.file_names or [""] * len(experiment.labels)
    table = zip(experiment.labels, experiment.probabilities, files, strict=True)
    rows = [[i, f, names[t], names[p.argmax()], *p.tolist()] for i, (t, p, f) in enumerate(table)]
    write_csv(run.predictions, ["index", "name", "true", "predicted", *(f"p_{n}" for n in names)], rows)


def _write_samples(run: RunDir, experiment: Experiment) -> None:
    drawn = metrics.random_sample(len(experiment.labels), 12, seed=0)
    wrong = metrics.confident_mistakes(experiment.labels, experiment.probabilities, 12)
    rows = np.concatenate([drawn, wrong])
    kinds = np.array(["random"] * len(drawn) + ["mistake"] * len(wrong))
    np.savez(run.samples, images=experiment.images[rows], rows=rows, kind=kinds)


def _write_gallery(run: RunDir, experiment: Experiment) -> None:
    predicted = experiment.probabilities.argmax(axis=1)
    rows = worth_a_look(experiment.labels, predicted, experiment.probabilities, 360)
    np.savez(run.gallery, images=experiment.images[rows], rows=rows)


def _layers(experiment: Experiment) -> dict[str, Any]:
    shape, classes = list(experiment.images.shape[1:]), len(experiment.class_names)
    inputs = int(np.prod(shape))
    weights = inputs * classes + classes
    flat = {"name": "flatten", "kind": "Flatten", "output_shape": [inputs], "parameters": 0, "macs": 0}
    dense = {"name": "logits", "kind": "Dense", "output_shape": [classes], "parameters": weights}
    return {
        "parameters": {"total": weights, "trainable": weights, "non_trainable": 0},
        "macs": inputs * classes,
        "layers": [
            {**flat, "activation_bytes": 4 * inputs},
            {**dense, "macs": inputs * classes, "activation_bytes": 4 * classes},
        ],
    }


def _environment() -> dict[str, Any]:
    return {
        "cnnbench": "0.1.0",
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {"numpy": np.__version__},
        "backend": "none",
        "devices": ["CPU"],
        "precision": "float64",
        "threads": 1,
        "git_commit": None,
        "command": " ".join([Path(sys.argv[0]).name, "digits"]),
        "time": "2026-03-01T10:00:00+00:00",
    }
