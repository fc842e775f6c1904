"""Checkpoints come back to the bit, and what is not one is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from cnnbench.errors import DataError
from cnnbench.training import checkpoint


def network(units: int = 4, ema: bool = False) -> Any:
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(units), keras.layers.BatchNormalization(), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.Adam(0.1, use_ema=ema, ema_momentum=0.5), "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def train(model: Any, epochs: int) -> None:
    x = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    model.fit(x, x.sum(axis=1), epochs=epochs, shuffle=False, verbose=0)


def values(model: Any) -> list[Any]:
    return [np.asarray(v) for v in checkpoint.variables_of(model, optimizer=True).values()]


def test_restored_training_goes_on_as_if_never_stopped(tmp_path: Path) -> None:
    first, path = network(), tmp_path / "last.npz"
    train(first, 2)
    checkpoint.save(path, checkpoint.state_of(first), [{"epoch": 1.0, "loss": 0.1}, {"epoch": 2.0, "loss": 1 / 3}])
    second = network()
    state = checkpoint.load(path)
    checkpoint.restore(second, state, path, optimizer=True)
    assert state.history == [{"epoch": 1.0, "loss": 0.1}, {"epoch": 2.0, "loss": 1 / 3}]
    train(first, 1)
    train(second, 1)
    for a, b in zip(values(first), values(second), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_best_are_the_averages_and_a_state_has_the_raw_weights() -> None:
    model = network(ema=True)
    train(model, 1)
    kernel = model.layers[0].kernel
    averages = checkpoint.averaged_weights(model)
    kernel.assign(kernel + 1.0)
    state = checkpoint.state_of(model)
    best = checkpoint.weights_in(state, model)
    key = next(name for name, v in checkpoint.variables_of(model, optimizer=False).items() if v is kernel)
    np.testing.assert_array_equal(best[key], averages[kernel.path])
    np.testing.assert_array_equal(state[key], kernel)
    assert list(best) == list(checkpoint.variables_of(model, optimizer=False))


def test_another_network_does_not_fit(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "last.npz", checkpoint.state_of(network(units=4)), [])
    state = checkpoint.load(tmp_path / "last.npz")
    with pytest.raises(DataError, match=r"expected shape \(3, 5\), found"):
        checkpoint.restore(network(units=5), state, tmp_path / "last.npz", optimizer=True)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"\x80\x04pickled"])
def test_what_is_not_a_checkpoint(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "last.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"last\.npz: not a readable checkpoint"):
        checkpoint.load(tmp_path / "last.npz")
