"""A factor makes of every optimizer's step what that learning rate would make of it, and masked weights stay zero."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from cnnbench.catalogue.signatures import OPTIMIZERS
from cnnbench.config.schema import Train
from cnnbench.training import checkpoint
from cnnbench.training.compile import build_optimizer
from cnnbench.training.pruning import kernels_of, largest, prune
from cnnbench.training.stages import Stage

RATE = 0.01
SPARSE = Stage("sparse", 1, 1, (), RATE, 0, 1, sparsity=0.5)


def network() -> Any:
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(6, name="first"), keras.layers.Dense(3, name="second")]
    return keras.Sequential([keras.Input((4,)), *layers])


def train(name: str, rate: float = RATE, **changes: Any) -> Train:
    decay = {"weight_decay": 0.1} if "weight_decay" in OPTIMIZERS[name] else {}
    return Train.model_validate({"optimizer": {"name": name, "learning_rate": rate, **decay}, **changes})


def trained(made: Train, steps: int, stage: Stage | None = None) -> Any:
    """Return a network after a few steps."""
    model = network()
    model.compile(build_optimizer(made, 1, stage, model), "mse", jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    if stage is not None:
        prune(model, 0.5)
    draw = np.random.default_rng(1)
    for _ in range(steps):
        model.train_on_batch(draw.normal(size=(8, 4)).astype(np.float32), draw.normal(size=(8, 3)).astype(np.float32))
    return model


def moved(model: Any) -> dict[str, Any]:
    before = [np.asarray(v) for v in network().weights]
    return {v.path.partition("/")[2]: np.asarray(v) - old for v, old in zip(model.weights, before, strict=True)}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_factor_of_all_layers_is_a_lower_rate(name: str) -> None:
    slowed = moved(trained(train(name, learning_rate_factors={"*": 0.1}), 3))
    for path, expected in moved(trained(train(name, rate=RATE / 10), 3)).items():
        assert np.abs(expected).max() > 0
        np.testing.assert_allclose(slowed[path], expected, rtol=1e-3, atol=1e-7, err_msg=path)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_a_layer_moves_by_its_own_factor_and_the_last_pattern_counts(name: str) -> None:
    usual = moved(trained(train(name), 1))
    for path, difference in moved(trained(train(name, learning_rate_factors={"*": 3, "first": 0.1}), 1)).items():
        factor = 0.1 if path.startswith("first") else 3
        np.testing.assert_allclose(difference, factor * usual[path], rtol=1e-3, atol=1e-7, err_msg=path)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_masked_weights_stay_zero_and_so_do_their_averages(name: str) -> None:
    model = trained(train(name, ema=0.5), 3, SPARSE)
    averages = checkpoint.averaged_weights(model)
    for layer, kernel in kernels_of(model):
        mask = np.asarray(model.optimizer.mask(kernel)) == 1
        assert mask.sum() == mask.size / 2, layer
        for values in (np.asarray(kernel), np.asarray(averages[kernel.path])):
            assert not values[~mask].any() and values[mask].any(), layer


def test_the_largest_magnitudes_are_kept() -> None:
    values = np.array([[-3, 1], [0.5, -2]], np.float32)
    np.testing.assert_array_equal(largest(values, 0.5), [[1, 0], [0, 1]])
    assert largest(values, 0.99).sum() == 1 and largest(values, 0.01).all()
