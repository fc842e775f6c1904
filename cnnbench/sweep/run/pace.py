"""How fast this machine trains, and about how long a training takes then."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnbench.config.caching import features_end
from cnnbench.config.network.nodes import walk
from cnnbench.config.network.shapes import infer
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config
from cnnbench.config.static import static_classes, static_images, static_shape
from cnnbench.files.checked import Unreadable
from cnnbench.runs.run import Run

STARTUP = 2.0  # seconds of a small training beside its epochs; 0.6 where it is forked, 2.2 where it imports Keras
EFFICIENCY = 0.25  # of a matrix product's speed that training reaches on a CPU, roughly
PASSES = 3  # a step costs a forward pass and about two for the gradients


@dataclass(frozen=True)
class Pace:
    """Multiply-adds per second of training, start-up apart."""

    rate: float

    @classmethod
    def measured(cls, runs: Iterable[tuple[Config, Path]]) -> Pace:
        """Take the pace from trainings that have finished in their folders, else from a matrix product."""
        work = seconds = 0.0
        for config, path in runs:
            run = Run(path)
            with suppress(*Unreadable):  # a damaged one says nothing of the pace
                times = (run.metrics or {}).get("times", {}) if run.is_done else {}
                if "epochs_seconds" in times and config.train.budget_minutes is None:
                    work += _work(config) or 0.0
                    seconds += times["epochs_seconds"]
        return cls(work / seconds if work and seconds else EFFICIENCY * _matrix_speed())

    def seconds(self, config: Config) -> float | None:
        """Return about how long a training takes, None where the size of its data is unknown."""
        if config.train.budget_minutes is not None:
            return STARTUP + 60 * config.train.budget_minutes
        work = _work(config)
        return None if work is None else STARTUP + work / self.rate

    def first_pass(self, config: Config) -> float:
        """Return about how long all images take through what they go through once, 0 where there is no such part."""
        return (_macs(config, once=True) or 0) * (static_images(config.data) or 0) / self.rate


def _work(config: Config) -> float | None:
    """Return the multiply-adds of a training of all its epochs, but for what images go through once for all trials."""
    macs, images = _macs(config, once=False), static_images(config.data)
    if macs is None or images is None:
        return None
    return PASSES * macs * images * (1 - config.data.validation) * config.train.epochs


def _macs(config: Config, *, once: bool) -> int | None:
    """Return the multiply-adds of an image in what it goes through `once`, where features are kept, or in the rest."""
    shape, classes = static_shape(config.data), static_classes(config.data)
    if shape is None or classes is None or config.model.layers is None:
        return None
    kept = {layer.name for layer in walk(features_end(config))}
    return sum(layer.macs for layer in infer(network_of(config.model), shape, classes) if (layer.name in kept) is once)


def _matrix_speed() -> float:
    """Return the multiply-adds per second of a float32 matrix product here."""

    side, times = 1024, 3
    a = np.ones((side, side), np.float32)
    a @ a
    began = time.perf_counter()
    for _ in range(times):
        a @ a
    return times * side**3 / (time.perf_counter() - began)
