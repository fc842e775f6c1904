"""A first layer that is set from training images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cnnbench
from cnnbench.data.load import load_dataset
from cnnbench.model.whitening import whitening
from tests.tools import tiny

LAYERS = [
    {"PatchWhitening": {"kernel_size": 2, "epsilon": 1e-9}},
    {"Activation": {"activation": "gelu"}},
    {"Conv2D": {"filters": 4, "kernel_size": 3, "activation": "relu"}},
    "GlobalMaxPooling2D",
    "classifier",
]


def test_whitened_values_have_the_covariance_of_noise_and_come_with_both_signs() -> None:
    values = np.random.default_rng(0).normal(size=(5000, 4)) @ np.diag([9.0, 1.0, 0.1, 3.0]) @ np.ones((4, 4)).cumsum(0)
    values += np.random.default_rng(1).normal(size=values.shape)
    kernels = whitening(np.cov(values.T, bias=True), 1e-12)
    assert kernels.shape == (4, 8) and (kernels[:, :4] == -kernels[:, 4:]).all()
    assert (np.abs(kernels[:, :4]).max(axis=0) == kernels[:, :4].max(axis=0)).all()
    np.testing.assert_allclose(np.cov((values @ kernels[:, :4]).T), np.eye(4), atol=2e-3)


def test_epsilon_bounds_what_hardly_varies() -> None:
    kernels = whitening(np.diag([4.0, 0.0]), 0.01)
    np.testing.assert_allclose(kernels, [[4.01**-0.5, 0, -(4.01**-0.5), 0], [0, 10, 0, -10]], rtol=1e-6)


def test_a_run_sets_it_from_training_images_and_leaves_it(tmp_path: Path) -> None:
    run = cnnbench.run(tiny(model__layers=LAYERS, train__epochs=1), output=tmp_path)
    model, images = run.load_model(), load_dataset(run.config).train
    scale, layer = model.layers[1], model.layers[2]
    scaled = np.asarray(scale(images.images(np.arange(len(images))).astype("float32")))
    maps = np.asarray(layer(scaled))[..., :4].reshape(-1, 4)
    assert layer.kernel.shape == (2, 2, 1, 8) and np.abs(np.asarray(layer.bias)).max() > 0
    np.testing.assert_allclose(np.cov(maps.T), np.eye(4), atol=5e-3)
    assert run.accuracy == pytest.approx(run.metrics["accuracy"])
