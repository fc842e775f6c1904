"""What weights with a past are worth: the trainings behind "Transfer" in docs/results.md, and their table.

usage: CNNBENCH_DATA=... python benchmarks/transfer.py images|scratch|tuned|fashion|sparse [FOLDER]

Runs what is not done yet below FOLDER (outputs), one training at a time, and prints a line per row and number of
images: mean test accuracy and Student's 95 % interval over its draws, each with images and weights of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnbench.runs import named
from cnnbench.runs.run import Run
from cnnbench.statistics.intervals import mean_interval

ALL = 0  # images: every one there is
BEFORE_THE_LAST_BLOCK = (
    '["conv2d_[1-9]", "conv2d_[12][0-9]", conv2d_30, "depthwise_conv2d_[1-9]", "depthwise_conv2d_1[0-5]", '
    '"batch_normalization_[1-9]", "batch_normalization_[1-3][0-9]", "batch_normalization_4[0-5]"]'
)
A_TENTH = '{"conv2d_3[123]": 0.1, depthwise_conv2d_16: 0.1, "batch_normalization_4[6-9]": 0.1}'
LAST_FIVE = "data.classes=[Sandal, Shirt, Sneaker, Bag, Ankle boot]"
FIRST_FIVE = "data.classes=[T-shirt/top, Trouser, Pullover, Dress, Coat]"
FIRST = ("train", "lenet5-mnist", "data.source=fashion_mnist", FIRST_FIVE, "--name", "fashion-first")


@dataclass(frozen=True)
class Row:
    """An experiment with its changes, and of each number of images the changes that belong to it."""

    name: str
    experiment: str
    changes: Sequence[str]
    images: dict[int, Sequence[str]]
    draws: int = 3

    def trainings(self, images: int) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield name and arguments of each training."""
        for draw in range(self.draws):
            name = f"{self.name}-{images or 'all'}-{draw}"
            subset = [] if images == ALL else [f"data.subset.train={images}", f"data.split_seed={draw}"]
            changes = [*self.changes, *self.images[images], *subset, f"seed={draw}"]
            yield name, ["train", self.experiment, *changes, "--name", name]


SCRATCH = ["model.weights=null", "model.freeze=null", "data.normalize=standardize"]
SMALL = [*SCRATCH, "data.image_size=64", "train.schedule=null", "train.epochs=10000"]  # ended by the clock
LITE = "efficientnet-lite0-cifar10"
IMAGES = [
    Row("eff", LITE, [], {100: ["train.epochs=200"], 1000: ["train.epochs=60"], 10000: [], ALL: []}),
    Row(
        "thesis",
        "thesis-cnn-cifar10",
        ["data.validation=0.1", "train.early_stopping=null"],
        {100: ["train.epochs=200"], 1000: ["train.epochs=40"], 10000: ["train.epochs=20"]},
    ),
]
BY_THE_CLOCK = [
    Row(
        "scratch",
        LITE,
        SMALL,
        {100: ["train.max_minutes=0.15"], 1000: ["train.max_minutes=0.3"], 10000: ["train.max_minutes=2"]},
    ),
    Row("scratch", LITE, SMALL, {ALL: ["train.max_minutes=10"]}, draws=1),
]
TUNED = [
    Row(
        "tune",
        LITE,
        [f"model.freeze={BEFORE_THE_LAST_BLOCK}", f"train.learning_rate_factors={A_TENTH}"],
        {10000: ["train.epochs=4"]},
    ),
]
EPOCHS = {50: ["train.epochs=100"], 250: ["train.epochs=60"], 1000: ["train.epochs=30"], 5000: ["train.epochs=12"]}
SECOND = ["data.source=fashion_mnist", LAST_FIVE]
PRUNED = "{sparsity: 0.3, dense_epochs: 8, sparse_epochs: 6, final_learning_rate: 1e-4}"
TWENTY = ["train.early_stopping=null", "train.epochs=20"]
SPARSE = [
    Row(
        "dsd",
        "thesis-cnn-cifar10",
        [*TWENTY, "train.schedule=null", f"train.dense_sparse_dense={PRUNED}"],
        {5000: []},
    ),
    Row(
        "dense",
        "thesis-cnn-cifar10",
        [*TWENTY, "train.schedule={name: StepDecay, step_epochs: [14], factor: 0.1}"],
        {5000: []},
    ),
]


STUDIES = {"images": IMAGES, "scratch": BY_THE_CLOCK, "tuned": TUNED, "sparse": SPARSE}


def fashion(outputs: Path) -> list[Row]:
    """Train on the first five classes and return what begins with that and what does not."""
    train(outputs, "fashion-first", FIRST)
    weights = named.open_finished(outputs / "fashion-first").path
    begun = [f"model.weights={weights}", "model.head=replace", "data.normalize=pretrained"]
    return [
        Row("fashion-scratch", "lenet5-mnist", SECOND, EPOCHS, draws=5),
        Row("fashion-weights", "lenet5-mnist", [*SECOND, *begun], EPOCHS, draws=5),
    ]


def train(outputs: Path, name: str, arguments: Sequence[str]) -> None:
    """Train where no run of that name is finished."""
    if any(Run(folder).metrics for folder in (outputs / name).glob("*/")):
        return
    print(f"cnnbench {' '.join(arguments)}", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "cnnbench", *arguments, "--quiet", "--output", outputs], check=True)


def accuracy(outputs: Path, name: str) -> float:
    """Return the test accuracy of the newest run of a name."""
    return float((named.open_finished(outputs / name).metrics or {})["accuracy"])


def told(values: Sequence[float]) -> str:
    """Return mean, interval and each value in per cent, as cells of a table."""
    found = mean_interval([100 * value for value in values], within=(0, 100))
    interval = "–" if found.interval is None else "{:.2f} to {:.2f}".format(*found.interval)
    return f"{found.mean:.2f} | {interval} | {', '.join(f'{100 * value:.2f}' for value in values)}"


def main(study: str, outputs: Path) -> None:
    """Train what is missing and print the table."""
    for row in fashion(outputs) if study == "fashion" else STUDIES[study]:
        for images in row.images:
            trainings = dict(row.trainings(images))
            for name, arguments in trainings.items():
                train(outputs, name, arguments)
            found = [accuracy(outputs, name) for name in trainings]
            print(f"| {row.name} | {images or 'all'} | {told(found)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else "outputs"))
