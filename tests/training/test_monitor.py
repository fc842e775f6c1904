"""Decisions from the history: the best epoch, patience and the plateau rule, checked against Keras' own callback."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from cnnbench.config.schedules import ReduceLROnPlateau
from cnnbench.config.schema import EarlyStopping, Train
from cnnbench.training.monitor import best_epoch, has_run_out_of_patience, monitored, plateau_factor


def rows(*values: float, column: str = "val_loss") -> list[dict[str, float]]:
    return [{column: value} for value in values]


def test_best_epoch_is_the_earliest_of_equals() -> None:
    assert best_epoch(rows(0.5, 0.3, 0.3, 0.4), "val_loss") == 2
    assert best_epoch(rows(0.5, 0.7, 0.7, column="val_accuracy"), "val_accuracy") == 2


def test_min_delta_asks_for_more_than_a_hair() -> None:
    assert best_epoch(rows(0.5, 0.45, 0.2), "val_loss", min_delta=0.1) == 3
    assert best_epoch(rows(0.5, 0.45, 0.41), "val_loss", min_delta=0.1) == 1


@pytest.mark.parametrize(
    ("values", "stop"), [((3, 2, 1), False), ((1, 2), False), ((1, 2, 3), True), ((1, 2, 0.5), False)]
)
def test_patience_of_two(values: tuple[float, ...], stop: bool) -> None:
    assert has_run_out_of_patience(rows(*values), EarlyStopping(patience=2)) is stop


def test_no_early_stopping_never_stops() -> None:
    assert not has_run_out_of_patience(rows(1, 2, 3, 4, 5, 6, 7, 8), None)


def test_what_is_monitored() -> None:
    assert monitored(Train(), has_validation=True) == "val_loss"
    assert monitored(Train(), has_validation=False) == "loss"
    assert monitored(Train(early_stopping=EarlyStopping(monitor="val_accuracy")), True) == "val_accuracy"


@pytest.mark.parametrize("cooldown", [0, 2])
def test_plateau_agrees_with_keras(cooldown: int) -> None:
    values = np.random.default_rng(0).uniform(0.5, 0.6, 40).round(3)
    theirs = keras.callbacks.ReduceLROnPlateau(
        monitor="val_loss", factor=0.5, patience=3, min_delta=0.001, cooldown=cooldown
    )
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    theirs.set_model(model)
    theirs.on_train_begin()
    schedule = ReduceLROnPlateau(name="ReduceLROnPlateau", factor=0.5, patience=3, min_delta=0.001, cooldown=cooldown)
    rate = 1.0
    for epoch, value in enumerate(values):
        theirs.on_epoch_end(epoch, {"val_loss": float(value)})
        rate *= plateau_factor(rows(*values[: epoch + 1]), schedule) or 1.0
        assert rate == pytest.approx(float(model.optimizer.learning_rate)), f"epoch {epoch}"
    assert rate < 0.1
