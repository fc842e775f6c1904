"""Optimizers and losses are Keras' own, with the arguments of the file."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from cnnbench.catalogue.signatures import OPTIMIZERS
from cnnbench.config.losses import LOSSES
from cnnbench.config.optimizer import Optimizer
from cnnbench.config.schedules import OneCycle
from cnnbench.config.schema import Train
from cnnbench.training.compile import build_loss, build_optimizer
from cnnbench.training.optimizers import optimizer_class


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_every_optimizer_learns_a_line(name: str) -> None:
    keras.utils.set_random_seed(0)
    train = Train(optimizer=Optimizer(name=name))
    x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(build_optimizer(train, 1), "mse")
    before = model.evaluate(x, 3 * x, verbose=0)
    model.fit(x, 3 * x, epochs=3, verbose=0)
    assert model.evaluate(x, 3 * x, verbose=0) < before


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_the_defaults_that_are_written_out_are_those_of_keras(name: str) -> None:
    made = [build_optimizer(Train(optimizer=Optimizer(name=name)), 1), optimizer_class(name)()]
    ours, theirs = ({k: v for k, v in each.get_config().items() if k != "name"} for each in made)
    assert ours == theirs


def test_arguments_reach_the_optimizer() -> None:
    train = Train(
        optimizer=Optimizer(name="SGD", momentum=0.9, nesterov=True, clipnorm=1.0, learning_rate=0.5), ema=0.9
    )
    optimizer = build_optimizer(train, 10)
    assert (optimizer.momentum, optimizer.nesterov, optimizer.clipnorm) == (0.9, True, 1.0)
    assert float(optimizer.learning_rate) == 0.5
    assert (optimizer.use_ema, optimizer.ema_momentum) == (True, 0.9)


def test_without_a_rate_the_schedule_peaks_at_keras_own() -> None:
    train = Train(optimizer=Optimizer(name="AdamW"), schedule=OneCycle(name="OneCycle", peak_fraction=0.5), epochs=2)
    optimizer = build_optimizer(train, 10)
    optimizer.build([])
    optimizer.iterations.assign(10)
    assert float(optimizer.learning_rate) == pytest.approx(0.001)


LABELS = np.eye(3, dtype=np.float32)[[0, 2]]
PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]], np.float32)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ({"name": "categorical_crossentropy"}, -np.log([0.7, 0.5]).mean()),
        ({"name": "mean_squared_error"}, ((PROBABILITIES - LABELS) ** 2).mean()),
        ({"name": "mean_absolute_error"}, np.abs(PROBABILITIES - LABELS).mean()),
        ({"name": "mean_squared_logarithmic_error"}, ((np.log1p(PROBABILITIES) - np.log1p(LABELS)) ** 2).mean()),
        (
            {"name": "binary_crossentropy"},
            -(LABELS * np.log(PROBABILITIES) + (1 - LABELS) * np.log(1 - PROBABILITIES)).mean(),
        ),
        (
            {"name": "categorical_focal_crossentropy", "gamma": 2.0, "alpha": 0.25},
            np.mean([-0.25 * 0.3**2 * np.log(0.7), -0.25 * 0.5**2 * np.log(0.5)]),
        ),
        (
            {"name": "categorical_crossentropy", "label_smoothing": 0.3},
            -((0.7 * LABELS + 0.1) * np.log(PROBABILITIES)).sum(axis=1).mean(),
        ),
    ],
)
def test_losses_are_what_their_names_say(loss: dict[str, Any], expected: float) -> None:
    built = build_loss(LOSSES[loss["name"]](**loss))
    assert float(built(LABELS, PROBABILITIES)) == pytest.approx(float(expected), rel=1e-5)
