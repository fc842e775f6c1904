"""What only the data tells of a training is told before it begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.config.load import load_config
from cnnbench.config.network.shapes import infer
from cnnbench.config.network.spec import network_of
from cnnbench.data.load import load_dataset
from cnnbench.errors import ConfigError, TrainingError
from cnnbench.model.inspection import count
from cnnbench.model.memory import needed_bytes, refuse_size
from cnnbench.public.calls import run
from cnnbench.training.suited import copies_of_weights, refuse_training
from tests import tools

VALUE = "val_loss needs validation data; the data has none, and data.validation is 0"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Data of two classes without a validation split: 40 images to train on."""
    path = tmp_path_factory.mktemp("own") / "own.npz"
    images, labels = np.zeros((50, 8, 8, 1), np.uint8), np.arange(50) % 2
    images[::2] = 200
    np.savez(path, x_train=images[:40], y_train=labels[:40], x_test=images[40:], y_test=labels[40:])
    return {"source": "npz", "path": str(path), "validation": 0}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"early_stopping": {"patience": 1}}, f"train.early_stopping.monitor: {VALUE}"),
        ({"schedule": {"name": "ReduceLROnPlateau", "patience": 1}}, f"train.schedule.monitor: {VALUE}"),
        ({"schedule": {"name": "ExponentialDecay", "decay_epochs": 0.01}}, "decay_epochs: 0.01 is less than a step"),
        ({"schedule": {"name": "StepDecay", "step_epochs": 0.1}}, "step_epochs: 0.1 is less than a step"),
        ({"schedule": {"name": "StepDecay", "step_epochs": [1, 1.1]}}, "step_epochs: [1.0, 1.1] are no different"),
        ({"schedule": {"name": "CosineDecay", "warmup_epochs": 0.1}}, "warmup_epochs: 0.1 is less than a step"),
        ({"schedule": {"name": "CosineDecay", "warmup_epochs": 0.5}}, None),
        ({"early_stopping": {"patience": 1, "monitor": "loss"}}, None),
    ],
)
def test_a_training_that_the_data_does_not_suit(own: dict[str, Any], changes: Any, told: str | None) -> None:
    config = load_config(tools.tiny(data=own, train__batch_size=16, **{f"train__{k}": v for k, v in changes.items()}))
    if told is None:
        refuse_training(config, load_dataset(config))
        return
    with pytest.raises(ConfigError) as raised:
        refuse_training(config, load_dataset(config))
    assert told in str(raised.value)


def test_top_k_of_more_than_all_classes(own: dict[str, Any]) -> None:
    config = load_config(tools.tiny(data=own, evaluation={"top_k": [2]}))
    with pytest.raises(ConfigError, match=r"evaluation.top_k\[0\]: expected less than the number of classes \(2\)"):
        refuse_training(config, load_dataset(config))
    config = load_config(tools.tiny(data=own))  # the default says nothing of anybody's wish
    refuse_training(config, load_dataset(config))


def test_it_is_told_before_the_training(own: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"train\.early_stopping\.monitor"):
        run(tools.tiny(data=own, train__early_stopping={"patience": 1}), output=tmp_path / "outputs")
    assert not (tmp_path / "outputs").exists()


def test_a_network_too_large_for_memory(tmp_path: Path) -> None:
    config = load_config("lenet5-digits", ["data.image_size=20000"])
    layers = infer(network_of(config.model), (20000, 20000, 1), 10)
    weights = sum(layer.parameters for layer in layers)
    assert weights > 10**10
    assert needed_bytes(layers, copies_of_weights(config.train), 1) > 4 * 2 * weights
    with pytest.raises(TrainingError, match=r"out of memory: .* weights and a batch need .* GiB at least, .* are free"):
        refuse_size(layers)
    with pytest.raises(TrainingError, match="out of memory"):
        run("lenet5-digits", output=tmp_path / "outputs", data__image_size=20000)
    with pytest.raises(TrainingError, match="out of memory"):
        count("lenet5-digits", ["data.image_size=20000"])
