"""What callbacks hand on of an epoch."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from cnnbench.training.callbacks import KeepEpoch


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
