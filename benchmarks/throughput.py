"""Training images per second of `cnnbench train` against a bare fit, ImageDataGenerator and a native PyTorch loop.

usage: python benchmarks/throughput.py [--precision float32|mixed_bfloat16] [--images N] [--epochs N] [--rounds N]
                                       [--against 'bare fit' PyTorch ImageDataGenerator]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from ratios import ratio, told

BATCH = 128
AUGMENT = [{"RandomFlip": {"mode": "horizontal"}}, {"RandomCropWithPadding": {"padding": 4}}]


class Clock:
    """Time stamps of steps; speeds leave the first epoch, with its tracing, out."""

    def __init__(self, images: int) -> None:
        self.images = images
        self.epochs: list[tuple[float, list[float]]] = []

    def begin(self) -> None:
        """Start an epoch."""
        self.epochs.append((time.perf_counter(), []))

    def step(self) -> None:
        """Note the end of a step."""
        self.epochs[-1][1].append(time.perf_counter())

    def speeds(self) -> dict[str, float]:
        """Return images/s over whole epochs, and with the median step's duration, which no stall can move."""
        whole = [self.images / (steps[-1] - start) for start, steps in self.epochs[1:]]
        durations = [d for _, steps in self.epochs[1:] for d in np.diff(steps)[:-1]]
        late = max(steps[0] - start for start, steps in self.epochs[1:])
        return {
            "whole_epochs": statistics.mean(whole),
            "between_stalls": BATCH / statistics.median(durations),
            "latest_first_step": late,
        }


def configuration(images: int, epochs: int, precision: str) -> Any:
    """Return the experiment all contenders train."""
    from cnnbench.config.load import load_config

    return load_config(
        {
            "name": "throughput",
            "data": {"source": "cifar10", "validation": 0.0, "subset": {"train": images, "test": 256}},
            "augment": AUGMENT,
            "model": {"architecture": "thesis-cnn-growing-dropout"},  # as the PyTorch network below
            "train": {"epochs": epochs, "batch_size": BATCH, "precision": precision},
        }
    )


def cnnbench(images: int, epochs: int, precision: str) -> Clock:
    """Train as `cnnbench train` does, augmentation on."""
    from cnnbench.experiment.execute import execute
    from cnnbench.experiment.options import Options
    from cnnbench.training.observer import Silent

    clock = Clock(images)

    class Watch(Silent):
        def on_step(self, progress: Any) -> None:
            if progress.step == 1:  # the epoch began when the last one's checkpoint was written
                clock.epochs.append((self.began, []))
            clock.step()

        def on_epoch(self, progress: Any, row: Any) -> None:
            self.began = time.perf_counter()

        began = time.perf_counter()

    with tempfile.TemporaryDirectory() as folder:
        execute(configuration(images, epochs, precision), Options(output=Path(folder), observer=Watch()))
    return clock


def arrays(images: int, precision: str) -> tuple[Any, Any, Any]:
    """Return normalised images, one-hot labels and the network, built without normalisation of its own."""
    import keras

    from cnnbench.config.network.spec import network_of
    from cnnbench.data.load import load_dataset
    from cnnbench.data.normalize import Normalization, measure
    from cnnbench.data.pipeline import one_hot
    from cnnbench.model.builder import build

    keras.config.set_dtype_policy(precision)
    config = configuration(images, 1, precision)
    train = load_dataset(config).train
    found = measure("standardize", train)
    pixels = train.images(np.arange(len(train))).astype(np.float32)
    normalised = (pixels * np.array(found.scale) + np.array(found.offset)).astype(np.float32)
    identity = Normalization((1.0,) * 3, (0.0,) * 3)
    model = build(network_of(config.model), (32, 32, 3), 10, identity, 0, "bare")
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    return normalised, one_hot(train.labels, 10), model


def timed(clock: Clock) -> Any:
    """Return a Keras callback that drives the clock."""
    import keras

    class Timed(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            clock.begin()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            clock.step()

    return Timed()


def bare_fit(images: int, epochs: int, precision: str) -> Clock:
    """Train with `model.fit` on normalised arrays, no augmentation."""
    x, y, model = arrays(images, precision)
    clock = Clock(images)
    model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=0, callbacks=[timed(clock)])
    return clock


def image_data_generator(images: int, epochs: int, precision: str) -> Clock:
    """Train with flips and shifts of Keras' old ImageDataGenerator, on a quarter of the images: it is slow."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    x, y, model = arrays(images, precision)
    x, y = x[: images // 4], y[: images // 4]
    clock = Clock(len(x))
    augment = ImageDataGenerator(horizontal_flip=True, width_shift_range=0.125, height_shift_range=0.125)
    model.fit(augment.flow(x, y, batch_size=BATCH), epochs=2, verbose=0, callbacks=[timed(clock)])
    return clock


def pytorch(images: int, epochs: int, precision: str) -> Clock:
    """Train the same network in a plain PyTorch loop, channels last, on normalised tensors without augmentation."""
    import torch
    from torch import nn

    from cnnbench.machine import cpu

    x, y, _ = arrays(images, "float32")
    torch.set_num_threads(cpu.available_cores())

    def conv(inputs: int, outputs: int, normalise: bool) -> list[nn.Module]:
        layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
        return [*layers, nn.BatchNorm2d(outputs)] if normalise else layers

    model = nn.Sequential(
        *(*conv(3, 32, True), *conv(32, 32, False), nn.MaxPool2d(2), nn.Dropout(0.2)),
        *(*conv(32, 64, False), *conv(64, 64, True), nn.MaxPool2d(2), nn.Dropout(0.3)),
        *(*conv(64, 128, False), *conv(128, 128, True), nn.MaxPool2d(2), nn.Dropout(0.4)),
        *(nn.Flatten(), nn.Linear(2048, 128), nn.ReLU(), nn.BatchNorm1d(128), nn.Dropout(0.5), nn.Linear(128, 10)),
    ).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    pixels = torch.from_numpy(x.transpose(0, 3, 1, 2).copy()).to(memory_format=torch.channels_last)
    labels = torch.from_numpy(y.argmax(1))
    clock = Clock(images)
    for _ in range(epochs):
        clock.begin()
        order = torch.randperm(len(pixels))
        for start in range(0, len(pixels), BATCH):
            at = order[start : start + BATCH]
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "mixed_bfloat16"):
                loss = nn.functional.cross_entropy(model(pixels[at]), labels[at])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            loss.item()
            clock.step()
    return clock


CONTENDERS: dict[str, Callable[[int, int, str], Clock]] = {
    "cnnbench": cnnbench,
    "bare fit": bare_fit,
    "PyTorch": pytorch,
    "ImageDataGenerator": image_data_generator,
}


OURS = "cnnbench"


def in_a_process(name: str, options: argparse.Namespace) -> dict[str, float]:
    """Measure one contender in a fresh process."""
    sizes = ["--images", str(options.images), "--epochs", str(options.epochs), "--precision", options.precision]
    done = subprocess.run(
        [sys.executable, __file__, "--one", name, *sizes], stdout=subprocess.PIPE, text=True, check=True
    )
    speeds: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return speeds


def compare(options: argparse.Namespace) -> None:
    """Let the contenders take turns and print their speeds, medians and quartiles of the rounds, and ratios."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in [OURS, *options.against]}
    for round_number in range(options.rounds):
        for name in found:
            found[name].append(in_a_process(name, options))
            print(f"round {round_number + 1}  {name:<20}", found[name][-1], file=sys.stderr, flush=True)
    print(
        f"{options.precision}, batch {BATCH}, {options.images} images, {options.epochs} epochs, {options.rounds} rounds"
    )
    for name, rounds in found.items():
        latest = max(speeds["latest_first_step"] for speeds in rounds)
        print(f"{name:<20} latest first step of an epoch {latest:.2f} s")
        for key in ("whole_epochs", "between_stalls"):
            ours, theirs = ([speeds[key] for speeds in each] for each in (found[OURS], rounds))
            print(f"    {key:<16} {told(theirs)} images/s" + (f"; {OURS} to it {ratio(ours, theirs)}" * (name != OURS)))


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--precision", choices=["float32", "mixed_bfloat16"], default="mixed_bfloat16")
    parser.add_argument("--images", type=int, default=8192)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--against", nargs="*", choices=list(CONTENDERS), default=list(CONTENDERS)[1:])
    parser.add_argument("--one", choices=list(CONTENDERS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        from cnnbench.machine import runtime

        runtime.start()  # before Keras is imported elsewhere, so that it starts quietly
        print(json.dumps(CONTENDERS[options.one](options.images, options.epochs, options.precision).speeds()))
    else:
        compare(options)


if __name__ == "__main__":
    main()
