"""A configuration shrunk to seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cnnbench.config.load import dump_yaml, experiment_names, load_config
from cnnbench.config.static import static_classes, static_shape
from cnnbench.experiment.shrink import SHAPE, shrink
from cnnbench.training.stages import stages_of
from tests.tools import tiny


@pytest.mark.parametrize("name", experiment_names())
def test_shrinking_keeps_everything_but_data_and_length(name: str) -> None:
    config = load_config(name)
    small = shrink(config)
    none = dict.fromkeys(("weights", "head", "allow_skew", "published"))
    assert (small.model, small.augment, small.seed) == (
        config.model.model_copy(update=none),
        config.augment,
        config.seed,
    )
    for key in ("optimizer", "loss", "ema", "precision", "early_stopping"):
        assert getattr(small.train, key) == getattr(config.train, key)
    assert small.data.normalize == ("unit" if config.model.weights else config.data.normalize)
    assert static_shape(small.data) == (static_shape(config.data) or SHAPE)
    assert static_classes(small.data) == min(10, static_classes(config.data) or 2)
    assert small.train.epochs == (1 if config.model.estimator is None else 0)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"data": {"source": "cifar100"}},
        {"data": {"source": "cifar100"}, "evaluation": {"top_k": [5, 20]}},
        {"data": {"source": "cifar10", "image_size": [40, 48], "color": "mean"}},
        {"data": {"source": "npz", "path": "nowhere.npz", "validation": 0.0}},
        {"data": {"source": "image_folder", "path": "nowhere"}, "train__class_weight": {"cat": 2.0}},
        {"train__schedule": {"name": "CosineDecay", "warmup_epochs": 2}, "train__max_minutes": 3},
        {"model__weights": "nowhere.keras", "model__head": "keep"},
        {"train__schedule": {"name": "OneCycle"}, "train__class_weight": "balanced"},
    ],
)
def test_a_shrunk_configuration_can_be_loaded_and_takes_a_step_or_two(changes: dict[str, Any], tmp_path: Path) -> None:
    small = shrink(load_config(tiny(**changes)))
    written = tmp_path / "small.yaml"
    written.write_text(dump_yaml(small))
    assert load_config(written) == small
    assert small.data.synthetic is not None
    learning = small.data.synthetic.train * (1 - small.data.validation)
    assert -(-learning // small.train.batch_size) == (1 if small.data.synthetic.classes == 2 else 2)


def test_each_stage_has_an_epoch() -> None:
    conv = {"Conv2D": {"filters": 2, "kernel_size": 1}}
    network = {"layers": [conv, conv, "Flatten", "classifier"]}
    steps = [{"after_epochs": 5, "layers": ["conv2d_2"]}, {"after_epochs": 9, "layers": ["conv2d_1"]}]
    freed = tiny(model={**network, "freeze": "base"}, train__epochs=30, train__unfreeze=steps)
    dsd = {"sparsity": 0.5, "dense_epochs": 9, "sparse_epochs": 5, "final_learning_rate": 1e-4}
    for config in (freed, tiny(model=network, train__epochs=30, train__dense_sparse_dense=dsd)):
        small = shrink(load_config(config))
        assert small.train.epochs == 3
        assert [(stage.first, stage.last) for stage in stages_of(small)] == [(1, 1), (2, 2), (3, 3)]
        assert stages_of(load_config(yaml.safe_load(dump_yaml(small)))) == stages_of(small)
