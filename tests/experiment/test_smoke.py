"""The check that all of a shrunk configuration works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.config.load import architecture_names, experiment_names, load_config
from cnnbench.config.static import static_shape
from cnnbench.errors import TrainingError
from cnnbench.experiment import smoke
from tests.builders.networks import ARCHITECTURES
from tests.tools import tiny, write_config


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


def test_a_shipped_name_with_a_dot_is_told_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "smoke", lambda config: None)
    files = ("squeezenet1.1", str(ARCHITECTURES / "squeezenet1.0.yaml"))
    assert [smoke.smoke_one(name).config for name in files] == ["squeezenet1.1", "squeezenet1.0"]


def test_a_reloaded_model_that_predicts_otherwise_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = smoke.load

    def load_something_else(path: Path) -> Any:
        trained = load(path)
        kernel = trained.model.weights[0]  # type: ignore[attr-defined]  # a Keras network's
        kernel.assign(np.asarray(kernel) + 0.5)
        return trained

    monkeypatch.setattr(smoke, "load", load_something_else)
    with pytest.raises(TrainingError, match=r"the reloaded model's probabilities differ by 0\.\d+"):
        smoke.smoke(load_config(tiny()))


def test_a_mistake_of_the_program_is_an_outcome_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(config: Any, backend: Any) -> None:
        raise ZeroDivisionError("division by zero\nsecond line")

    monkeypatch.setattr(smoke, "smoke", broken)
    outcome = smoke.smoke_one(str(write_config(tmp_path, tiny())))
    assert outcome.problem == "unexpected ZeroDivisionError: division by zero"
