"""A configuration shrunk to seconds, and the check that all of it works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.config.load import architecture_names, dump_yaml, experiment_names, load_config
from cnnbench.config.static import static_classes, static_shape
from cnnbench.errors import TrainingError
from cnnbench.experiment import smoke
from cnnbench.model import archive
from tests.tools import tiny, write_config


@pytest.mark.parametrize("name", experiment_names())
def test_shrinking_keeps_everything_but_data_and_length(name: str) -> None:
    config = load_config(name)
    small = smoke.shrink(config)
    assert (small.model, small.augment, small.seed) == (config.model, config.augment, config.seed)
    for key in ("optimizer", "loss", "ema", "precision", "early_stopping"):
        assert getattr(small.train, key) == getattr(config.train, key)
    assert small.data.normalize == config.data.normalize
    assert static_shape(small.data) == (static_shape(config.data) or smoke.SHAPE)
    assert static_classes(small.data) == min(10, static_classes(config.data) or 2)
    assert small.train.epochs == 1


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
        {"train__schedule": {"name": "OneCycle"}, "train__class_weight": "balanced"},
    ],
)
def test_a_shrunk_configuration_can_be_loaded_and_takes_a_step_or_two(changes: dict[str, Any], tmp_path: Path) -> None:
    small = smoke.shrink(load_config(tiny(**changes)))
    written = tmp_path / "small.yaml"
    written.write_text(dump_yaml(small))
    assert load_config(written) == small
    assert small.data.synthetic is not None
    learning = small.data.synthetic.train * (1 - small.data.validation)
    assert -(-learning // small.train.batch_size) == (1 if small.data.synthetic.classes == 2 else 2)


def test_everything_shipped_is_smoked_by_default() -> None:
    smoked = [Path(config).stem for config in smoke.shipped()]
    assert smoked[: len(experiment_names())] == experiment_names()
    trained = {load_config(name).model.name for name in experiment_names()}
    assert set(architecture_names()) - trained == set(smoked[len(experiment_names()) :])
    assert "vgg19" in smoked and "lenet5" not in smoked, "lenet5-mnist trains it"


def test_an_architecture_gets_the_shape_it_names() -> None:
    config = smoke.for_architecture("vgg16")
    assert static_shape(config.data) == (224, 224, 3)
    assert config.model.layers and config.model.name == "vgg16"
    assert config.train.optimizer.name == "SGD"


def test_a_broken_configuration_is_an_outcome_and_the_others_still_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = write_config(tmp_path, tiny(name="good", data__source="digits"))
    too_small = tmp_path / "too-small.yaml"
    too_small.write_text("input: [4, 4, 1]\nlayers: [{Conv2D: {filters: 2, kernel_size: 5}}, Flatten, classifier]\n")
    outcomes = [smoke.smoke_one(config) for config in (str(too_small), "nowhere", str(good))]
    assert [outcome.config for outcome in outcomes] == ["too-small", "nowhere", "good"]
    assert "kernel 5x5 is larger than its map 4x4" in str(outcomes[0].problem)
    assert "nowhere" in str(outcomes[1].problem)
    assert outcomes[2].problem is None


def test_a_reloaded_model_that_predicts_otherwise_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = archive.load_model

    def load_something_else(path: Path) -> Any:
        model = load(path)
        kernel = model.weights[0]
        kernel.assign(np.asarray(kernel) + 0.5)
        return model

    monkeypatch.setattr(archive, "load_model", load_something_else)
    with pytest.raises(TrainingError, match=r"the reloaded model's probabilities differ by 0\.\d+"):
        smoke.smoke(load_config(tiny()))


def test_a_mistake_of_the_program_is_an_outcome_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(config: Any) -> None:
        raise ZeroDivisionError("division by zero\nsecond line")

    monkeypatch.setattr(smoke, "smoke", broken)
    outcome = smoke.smoke_one(str(write_config(tmp_path, tiny())))
    assert outcome.problem == "unexpected ZeroDivisionError: division by zero"
