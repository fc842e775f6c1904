"""An estimator in place of a network, as a file and the command line say it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cnnbench.config.dump import dump_yaml
from cnnbench.config.estimator import feature_count
from cnnbench.config.load import load_config
from cnnbench.errors import ConfigError

BASE = {"name": "x", "model": {"estimator": {"SVC": {"C": 10}}}}


def wrong(model: Any, *overrides: str, **sections: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config({"name": "x", "model": model, **sections}, overrides)
    return list(caught.value.problems)


def test_every_default_that_acts_is_written_and_the_file_loads_again() -> None:
    text = dump_yaml(load_config(BASE))
    model = yaml.safe_load(text)["model"]
    assert model["features"] == "pixels"
    assert model["estimator"]["SVC"]["C"] == 10 and model["estimator"]["SVC"]["gamma"] == "scale"
    assert "degree" not in model["estimator"]["SVC"], "it is poly's"
    assert "train" not in yaml.safe_load(text)
    assert dump_yaml(load_config(yaml.safe_load(text))) == text


def test_a_null_that_is_not_the_default_stays() -> None:
    config = load_config({"name": "x", "model": {"estimator": {"RandomForestClassifier": {"max_features": None}}}})
    assert config.model.estimator is not None
    assert config.model.estimator["RandomForestClassifier"]["max_features"] is None
    assert "max_features: null" in dump_yaml(config)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ({"estimator": "SCV"}, 'model.estimator.SCV: unknown estimator "SCV"; did you mean SVC?'),
        ({"estimator": {"SVC": {}, "GaussianNB": {}}}, "model.estimator: expected one estimator"),
        ({"estimator": {"SVC": {"c": 1}}}, "model.estimator.SVC.c: unknown key; did you mean C?"),
        ({"estimator": {"SVC": {"C": 0}}}, "model.estimator.SVC.C: expected a number > 0.0, found 0"),
        ({"estimator": {"SVC": {"degree": 2}}}, 'model.estimator.SVC.degree: has no effect unless kernel is "poly"'),
        ({"estimator": {"SVC": {"random_state": 1}}}, "model.estimator.SVC.random_state: cannot be set: seeds derive"),
        ({"estimator": {"SVC": {"probability": True}}}, "cannot be set: scikit-learn gives it up"),
        ({"estimator": "DBSCAN"}, "DBSCAN cannot be used here: it cannot say the cluster of an image"),
        ({"estimator": "VotingClassifier"}, "it needs other estimators"),
        ({"estimator": "MultinomialNB"}, "takes no values below 0"),
        ({"estimator": "SVC", "architecture": "lenet5"}, "model.architecture: has no effect with model.estimator"),
        ({"estimator": "SVC", "freeze": "base"}, "model.freeze: has no effect with model.estimator"),
        ({"estimator": "SVC", "features": "hogg"}, 'model.features: unknown features "hogg"; did you mean hog?'),
        ({"estimator": "SVC", "features": "pca"}, "model.features.pca.components: missing"),
        ({"estimator": "SVC", "features": ["pixels", "hog"]}, "model.features[1]: hog sees images, so it comes first"),
        ({"estimator": "SVC", "features": "hog"}, "an image of 8x8 has no block of cells"),
        ({"estimator": "SVC", "features": {"pca": {"components": 65}}}, "65 components of 64 values"),
        ({"architecture": "mlp", "features": "pixels"}, "model.features: has no effect without model.estimator"),
    ],
)
def test_a_mistake_is_told_in_a_line(model: Any, told: str) -> None:
    assert [line for line in wrong(model) if told in line], told


def test_keys_of_a_training_by_epochs_are_mistakes() -> None:
    lines = wrong({"estimator": "SVC"}, train={"epochs": 3, "optimizer": "SGD", "threads": 1}, augment=["RandomFlip"])
    assert lines == [
        "train.epochs: has no effect with model.estimator",
        "train.optimizer: has no effect with model.estimator",
        "augment: has no effect with model.estimator",
    ]


@pytest.mark.parametrize("override", ["model.estimator=SVC", "model.estimator.SVC.C=3", "model={estimator: SVC}"])
def test_an_override_drops_what_only_the_network_had(override: str) -> None:
    config = load_config("lenet5-digits", [override])
    assert config.model.layers is None and not config.augment and config.train.epochs == 0
    assert config.data.image_size == 32


def test_keys_given_beside_it_are_still_mistakes() -> None:
    with pytest.raises(ConfigError, match=r"train\.epochs: has no effect with model\.estimator"):
        load_config("lenet5-digits", ["model.estimator=SVC", "train.epochs=3"])


def test_a_file_that_extends_a_network_drops_its_training(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(
        "name: net\nseed: 3\nmodel: {architecture: mlp}\ntrain: {epochs: 4, threads: 1}\naugment: [RandomFlip]\n"
    )
    (tmp_path / "svc.yaml").write_text("extends: net.yaml\nname: svc\nmodel: {estimator: SVC}\n")
    config = load_config(tmp_path / "svc.yaml")
    assert (config.seed, config.train.threads, config.augment, config.model.title) == (3, 1, [], "SVC")
    (tmp_path / "back.yaml").write_text("extends: svc.yaml\nname: back\nmodel: {architecture: mlp}\n")
    assert load_config(tmp_path / "back.yaml").model.estimator is None


def test_another_estimator_replaces_the_old_one_and_keeps_its_features() -> None:
    first = {**BASE, "model": {**BASE["model"], "features": {"pca": {"components": 9}}}}  # type: ignore[dict-item]
    for override in ("model.estimator=GaussianNB", "model.estimator.GaussianNB.var_smoothing=1e-9"):
        config = load_config(first, [override])
        assert config.model.title == "GaussianNB"
        assert config.model.features == {"pca": {"components": 9, "whiten": False}}


def test_the_number_of_values_is_scikit_images() -> None:
    import numpy as np
    from skimage.feature import hog

    args = {"orientations": 8, "pixels_per_cell": [4, 8], "cells_per_block": 2}
    data = {"source": "synthetic", "synthetic": {"shape": [32, 40, 3]}}
    model = {"estimator": "SVC", "features": {"hog": args}}
    config = load_config({"name": "x", "data": data, "model": model})
    image = np.random.default_rng(0).random((32, 40, 3))
    values = hog(image, 8, (4, 8), (2, 2), channel_axis=-1)
    assert feature_count(config.model, (32, 40, 3)) == len(values)
