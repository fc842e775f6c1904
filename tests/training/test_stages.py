"""Stages follow from the configuration alone: their epochs, what is frozen, and where a schedule begins."""

from __future__ import annotations

from typing import Any

import pytest

from cnnbench.config.load import load_config
from cnnbench.training.compile import learning_rate
from cnnbench.training.rates import rates_of
from cnnbench.training.stages import in_short, stage_at, stages_of
from tests.tools import tiny

STEPS = 10
CONV = {"Conv2D": {"filters": 4, "kernel_size": 1}}
LAYERS = [CONV, CONV, CONV, "Flatten", "classifier"]
UNFREEZE = [
    {"after_epochs": 2, "layers": ["conv2d_3"]},
    {"after_epochs": 5, "layers": ["conv2d_2"], "learning_rate": 1e-3},
    {"after_epochs": 7, "layers": ["*"]},
]


def stages(**train: Any) -> Any:
    config = tiny(model__layers=LAYERS, train__epochs=10, **{f"train__{key}": value for key, value in train.items()})
    config["model"] |= {} if "dense_sparse_dense" in train else {"freeze": "base"}
    config = load_config(config)
    return config.train, stages_of(config)


def test_layers_are_freed_step_by_step() -> None:
    _, found = stages(unfreeze=UNFREEZE)
    assert [(stage.first, stage.last, len(stage.frozen), stage.rate) for stage in found] == [
        *((1, 2, 3, 0.01), (3, 5, 2, 0.01), (6, 7, 1, 0.001), (8, 10, 0, 0.001))
    ]
    assert [stage_at(found, epoch) for epoch in (1, 2, 3, 10, 11)] == [found[i] for i in (0, 0, 1, 3, 3)]


def test_one_step_need_not_be_a_list() -> None:
    assert stages(unfreeze=UNFREEZE[0])[1] == stages(unfreeze=UNFREEZE[:1])[1]


def test_dense_sparse_dense_has_three_stages() -> None:
    dsd = {"sparsity": 0.3, "dense_epochs": 4, "sparse_epochs": 2, "final_learning_rate": 1e-4}
    _, found = stages(dense_sparse_dense=dsd)
    assert [(stage.first, stage.last, stage.sparsity, stage.rate) for stage in found] == [
        *((1, 4, None, 0.01), (5, 6, 0.3, 0.01), (7, 10, None, 0.0001))
    ]


def test_a_schedule_goes_on_until_a_stage_has_a_rate_of_its_own() -> None:
    """Where nothing but the frozen layers changes, the rate is that of a training in one stage over these epochs."""
    train, found = stages(unfreeze=UNFREEZE, schedule={"name": "CosineDecay"})
    rates = rates_of(train, STEPS, found)
    assert rates is not None and (rates.steps[0], rates.steps[-1]) == (0, 10 * STEPS - 1)
    for rate, first, last in ((0.01, 0, 5), (0.001, 5, 10)):
        alone = train.model_copy(update={"epochs": 5, "optimizer": type(train.optimizer)(learning_rate=rate)})
        expected = learning_rate(alone, STEPS)
        for step in range(first * STEPS, last * STEPS):
            assert rates.at(step) == pytest.approx(float(expected(step - first * STEPS)), rel=1e-5, abs=1e-9)


def test_names_in_unbroken_rows_are_told_by_their_ends() -> None:
    assert in_short(["b", "c", "d", "f"], list("abcdefg")) == ["b to d", "f"]
    assert in_short(["g"], list("abcdefg")) == ["g"]
    assert in_short([], list("abcdefg")) == []
