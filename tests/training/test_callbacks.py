"""What callbacks hand on of an epoch."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from cnnbench.training.callbacks import KeepEpoch, OneBehind


def test_an_epoch_is_kept_as_the_numbers_that_single_precision_stands_for() -> None:
    kept: list[dict[str, float]] = []

    def keep(model: Any, row: dict[str, float]) -> bool:
        kept.append(row)
        return True

    callback, model = KeepEpoch(keep), keras.Sequential()
    callback.set_model(model)
    callback.on_epoch_end(4, {"accuracy": float(np.float32(0.285)), "loss": np.float32(1.5), "seconds": 0.1 + 0.2})
    assert kept == [{"epoch": 5, "accuracy": 0.285, "loss": 1.5, "seconds": 0.1 + 0.2}]
    assert model.stop_training


class Told(keras.callbacks.Callback):
    """Writes down the steps that it is told of, and ends the epoch after one of them."""

    def __init__(self, last: int | None) -> None:
        super().__init__()
        self.steps: list[tuple[int, float]] = []
        self._last = last

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.steps.append((batch, logs["loss"]))
        if batch == self._last:
            self.model.stop_training = True


@pytest.mark.parametrize(
    ("last", "seen"),
    [(None, [0, 1, 3]), (0, [0, 2]), (1, [0, 1, 3]), (2, [0, 1, 3])],
    ids=["none ends it", "the first", "the second", "the last"],
)
def test_of_each_step_is_told_once_a_step_behind(last: int | None, seen: list[int]) -> None:
    model, told = keras.Sequential(), Told(last)
    callbacks = OneBehind([told], model, epochs=2, steps=3)
    for _ in range(2):
        told.steps.clear()
        model.stop_training, counts = False, []
        for batch in range(3):
            callbacks.on_train_batch_end(batch, {"loss": batch + 0.5})
            counts.append(len(told.steps))
            if model.stop_training:
                break
        assert counts == seen
        assert told.steps == [(batch, batch + 0.5) for batch in range(seen[-1])]
