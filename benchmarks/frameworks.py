"""Two small networks of a published comparison of Keras with PyTorch, on every backend and in a native PyTorch loop.

usage: CNNBENCH_DATA=... python benchmarks/frameworks.py [--images N] [--epochs N] [--curve EPOCHS] [--output FOLDER]

Trains each network with and without augmentation, one process after the other, and writes `frameworks.csv`: seconds of
training per epoch (the fastest of those after the first, which holds start and tracing), peak memory and accuracy. The
seconds are the processor's with one thread, so that what else the machine does does not count. The native loop augments
as the published program does: image by image, through PIL, between two steps. With --curve it first trains that
program's network, three draws, on pixels of -1..1 and validates it on -1..1 and, as published, on 0..1: `curve.csv`.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

ENGINES = ("tensorflow", "jax", "torch", "native")  # three backends of Keras, and PyTorch without Keras
EXPERIMENTS = {"keras": "jakhwal-keras-published", "pytorch": "jakhwal-pytorch-published"}
BATCH = 64
TURN, SHIFT, ZOOM = 15.0, 0.1, 0.1  # degrees, and shares of the image: the published augmentation


@dataclass(frozen=True)
class Training:
    """What one process trains."""

    engine: str
    network: str  # whose: of the Keras program (nothing padded, 0..1) or of the PyTorch program (padded, -1..1)
    augmented: bool
    images: int
    epochs: int
    seed: int = 0

    def config(self) -> Any:
        """Return the experiment; its images are those of every engine."""
        from cnnbench.config.load import load_config

        name = EXPERIMENTS[self.network] + ("-augmented" if self.augmented else "")
        sizes = [f"data.subset.train={self.images}", f"train.epochs={self.epochs}"]
        return load_config(name, [*sizes, f"seed={self.seed}", "train.threads=1"])


def peak_megabytes() -> float:
    """Return the largest memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def by_cnnbench(training: Training) -> dict[str, Any]:
    """Train as `cnnbench train` does."""
    from cnnbench.experiment.execute import execute
    from cnnbench.experiment.options import Options
    from cnnbench.training.observer import Silent

    seconds: list[float] = []

    class Watch(Silent):
        """Takes an epoch from the end of its first step, before which the last one was validated, to its last."""

        def on_step(self, progress: Any) -> None:
            if progress.step == 1:
                self.began = time.process_time()
            elif progress.step == progress.steps:
                steps = progress.steps
                seconds.append((time.process_time() - self.began) * steps / (steps - 1))

        began = 0.0

    with tempfile.TemporaryDirectory() as folder:
        result = execute(training.config(), Options(output=Path(folder), observer=Watch()))
        return {"seconds": seconds, "train": result.history[-1]["accuracy"], "test": result.accuracy}


def network(padded: bool) -> Any:
    """Return the published network in PyTorch, its weights drawn by PyTorch's defaults."""
    from torch import nn

    layers: list[nn.Module] = []
    for inputs, outputs in ((3, 32), (32, 64), (64, 128)):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=int(padded)), nn.ReLU(), nn.MaxPool2d(2)]
    flat = 128 * (4 if padded else 2) ** 2
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(flat, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))


def through_pil(pixels: np.ndarray, draws: np.random.Generator) -> np.ndarray:
    """Return an image (H, W, 3) of 0..255 turned, shifted, zoomed and flipped by chance."""
    from PIL import Image

    image = Image.fromarray(pixels)
    size = image.size
    image = image.rotate(draws.uniform(-TURN, TURN))
    scale = 1 / draws.uniform(1 - ZOOM, 1 + ZOOM)
    left, up = (draws.uniform(-SHIFT, SHIFT) * side + side * (1 - scale) / 2 for side in size)
    image = image.transform(size, Image.Transform.AFFINE, (scale, 0, left, 0, scale, up))
    return np.asarray(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if draws.random() < 0.5 else image)


class Native:
    """The published PyTorch program's loop, on the images that cnnbench trains on."""

    def __init__(self, training: Training) -> None:
        import torch

        from cnnbench.data.load import load_dataset

        torch.manual_seed(training.seed)
        torch.set_num_threads(1)
        self._draws = np.random.default_rng(training.seed)
        self._augmented, self._signed = training.augmented, training.network == "pytorch"
        data = load_dataset(training.config())
        splits = {"train": data.train, "validation": data.validation, "test": data.test}
        self._parts = {part: (split.images(np.arange(len(split))), split.labels) for part, split in splits.items()}
        self._model = network(padded=self._signed)
        self._optimizer = torch.optim.Adam(self._model.parameters(), lr=1e-3)

    def epoch(self) -> tuple[float, float]:
        """Train an epoch; return its seconds and the accuracy of its steps."""
        import torch
        from torch.nn.functional import cross_entropy

        images, labels = self._parts["train"]
        order, right, began = self._draws.permutation(len(images)), 0, time.process_time()
        self._model.train()
        for start in range(0, len(order), BATCH):
            at = order[start : start + BATCH]
            pixels = [through_pil(images[i], self._draws) for i in at] if self._augmented else images[at]
            outputs = self._model(self._scaled(np.asarray(pixels), self._signed))
            wanted = torch.from_numpy(labels[at].astype(np.int64))
            loss = cross_entropy(outputs, wanted)
            self._optimizer.zero_grad()
            loss.backward()
            self._optimizer.step()
            right += int((outputs.argmax(1) == wanted).sum())
        return time.process_time() - began, right / len(order)

    def accuracy(self, part: str, *, signed: bool | None = None) -> float:
        """Return the accuracy on a part, its pixels scaled as in training or, with `signed`, to -1..1 or 0..1."""
        import torch

        images, labels = self._parts[part]
        signed = self._signed if signed is None else signed
        self._model.eval()
        with torch.inference_mode():
            found = [
                self._model(self._scaled(images[start : start + 500], signed)).argmax(1).numpy()
                for start in range(0, len(images), 500)
            ]
        return float(np.mean(np.concatenate(found) == labels))

    @staticmethod
    def _scaled(images: np.ndarray, signed: bool) -> Any:
        import torch

        pixels = torch.from_numpy(images.transpose(0, 3, 1, 2).astype(np.float32)) / 255
        return pixels * 2 - 1 if signed else pixels


def natively(training: Training) -> dict[str, Any]:
    """Train in the native loop."""
    loop = Native(training)
    epochs = [loop.epoch() for _ in range(training.epochs)]
    return {"seconds": [seconds for seconds, _ in epochs], "train": epochs[-1][1], "test": loop.accuracy("test")}


def one(training: Training) -> dict[str, Any]:
    """Train in this process; return what its line of the table holds."""
    if training.engine == "native":
        found = natively(training)
    else:
        from cnnbench.machine import runtime

        runtime.start(training.engine, threads=1)  # before anything imports Keras
        found = by_cnnbench(training)
    seconds = found.pop("seconds")
    measured = {"seconds_per_epoch": min(seconds[1:] or seconds), "megabytes": peak_megabytes()}
    return {**asdict(training), **measured, **found}


def curve(images: int, epochs: int) -> Iterator[dict[str, float]]:
    """Yield after each epoch what the published program's network is right on, scaled alike and as published."""
    for seed in range(3):
        loop = Native(Training("native", "pytorch", False, images, epochs, seed))
        for epoch in range(1, epochs + 1):
            _, train = loop.epoch()
            alike, skewed = (loop.accuracy("validation", signed=signed) for signed in (True, False))
            yield {"seed": seed, "epoch": epoch, "train": train, "validation": alike, "validation_skewed": skewed}


def in_a_process(training: Training) -> dict[str, Any]:
    """Train in a fresh process."""
    command = [sys.executable, __file__, "--one", json.dumps(asdict(training))]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def shown(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write a CSV file and print the same as a Markdown table."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    print("| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(f"{v:.4g}" if isinstance(v, float) else str(v) for v in row.values()) + " |")


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=10_000, help="training images, a fifth of them for validation")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--curve", type=int, default=0, metavar="EPOCHS", help="draw the skewed validation too")
    parser.add_argument("--output", type=Path, default=Path())
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(Training(**json.loads(options.one)))))
        return
    found = []
    if options.curve:
        shown(list(curve(options.images, options.curve)), options.output / "curve.csv")
    for name, augmented, engine in product(EXPERIMENTS, (False, True), options.engines):
        found.append(in_a_process(Training(engine, name, augmented, options.images, options.epochs)))
        print(found[-1], file=sys.stderr, flush=True)
    shown(found, options.output / "frameworks.csv")


if __name__ == "__main__":
    main()
