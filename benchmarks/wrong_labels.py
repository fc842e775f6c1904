"""What a loss bears of wrong labels: a perceptron on Fashion-MNIST, some training labels drawn anew.

usage: CNNBENCH_DATA=... python benchmarks/wrong_labels.py [FOLDER]

Of 10,000 training images (a fifth of them held out) none or 40 % have another class than their own, drawn evenly from
the other nine with a seed; the test images are as they are. Trains what is not done yet below FOLDER (outputs), and
prints a line per loss and share: mean test accuracy and Student's 95 % interval over five seeds.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from transfer import TWENTY, accuracy, told, train

from cnnbench.config.load import load_config
from cnnbench.data.load import load_dataset
from cnnbench.data.types import Split

EXPERIMENT = "mlp-fashion-mnist-published"
LOSSES = ("categorical_crossentropy", "mean_squared_error", "mean_absolute_error")
SHARES = (0.0, 0.4)
SEEDS = range(5)
IMAGES = 10_000


def all_of(split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Return images and labels of a split."""
    return split.images(np.arange(len(split))), split.labels


def write_images(path: Path, share: float) -> None:
    """Write a file of images in which `share` of the training labels are wrong."""
    data = load_dataset(load_config(EXPERIMENT, [f"data.subset.train={IMAGES}"]))
    images, labels = (np.concatenate(both) for both in zip(all_of(data.train), all_of(data.validation), strict=True))
    draw = np.random.default_rng(0)
    wrong = draw.permutation(len(labels))[: round(share * len(labels))]
    labels[wrong] = (labels[wrong] + draw.integers(1, len(data.class_names), len(wrong))) % len(data.class_names)
    path.parent.mkdir(parents=True, exist_ok=True)
    x_test, y_test = all_of(data.test)
    np.savez(path, x_train=images, y_train=labels, x_test=x_test, y_test=y_test)


def arguments(images: Path, loss: str, seed: int, name: str) -> Sequence[str]:
    """Return what `cnnbench` is called with for one training."""
    data = ["data.source=npz", f"data.path={images.resolve()}"]
    return ["train", EXPERIMENT, *data, f"train.loss={loss}", f"seed={seed}", *TWENTY, "--name", name]


def main(outputs: Path) -> None:
    """Train what is missing and print the table."""
    for share in SHARES:
        images = outputs / f"fashion-wrong-{round(100 * share)}.npz"
        if not images.exists():
            write_images(images, share)
        for loss in LOSSES:
            names = {seed: f"wrong-{round(100 * share)}-{loss}-{seed}" for seed in SEEDS}
            for seed, name in names.items():
                train(outputs, name, arguments(images, loss, seed, name))
            row = told([accuracy(outputs, name) for name in names.values()])
            print(f"| {loss} | {share:.0%} | {row} |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "outputs"))
