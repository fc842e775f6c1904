"""A written configuration loads back to an equal one, without complaint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cnnbench.config.load import dump_yaml, experiment_names, load_config
from cnnbench.config.schema import Config

NETWORK = {"layers": ["Flatten", "classifier"]}


def again(config: Config, folder: Path) -> Config:
    path = folder / "config.yaml"
    path.write_text(dump_yaml(config), encoding="utf-8")
    return load_config(path)


@pytest.mark.parametrize("name", experiment_names())
def test_every_shipped_experiment_comes_back(name: str, tmp_path: Path) -> None:
    config = load_config(name)
    assert again(config, tmp_path) == config
    assert dump_yaml(again(config, tmp_path)) == dump_yaml(config)


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"data": {"source": "synthetic", "synthetic": {"classes": 3, "shape": [9, 7, 1]}}},
        {"data": {"source": "image_folder", "path": "no: where", "image_size": [9, 7]}},
        {"data": {"source": "mnist", "image_size": 32}},
        {"data": {"normalize": {"mean": [0.1], "std": [1e-7]}}},
        {"train": {"class_weight": {"3": 2, "0": 0.5}, "optimizer": {"learning_rate": 1e-5}}},
        {"train": {"loss": "mean_squared_error", "schedule": "OneCycle"}},
        {
            "train": {"schedule": {"name": "StepDecay", "step_epochs": [1, 2.5]}},
            "augment": ["RandomFlip", {"MixUp": None}],
        },
        {"description": "1e-3"},
        {"description": "null"},
        {"description": "no"},
        {"description": "12:30"},
        {"description": "- a\n# b: {c}\n\ttab é 日本 😀 \u2028 end "},
        {"description": ""},
        {"name": "1e3", "seed": 2**31 - 1},
        {"model": {"name": "null", "layers": [{"MaxPooling2D": {"strides": None}}, {"Flatten": None}, "classifier"]}},
    ],
    ids=str,
)
def test_values_of_every_kind_come_back(sections: dict[str, Any], tmp_path: Path) -> None:
    config = load_config({"name": "demo", "model": NETWORK, **sections})
    assert again(config, tmp_path) == config


def test_defaults_are_written_and_what_is_without_effect_is_not() -> None:
    data = yaml.safe_load(dump_yaml(load_config({"name": "demo", "model": NETWORK, "data": {"source": "mnist"}})))
    assert data["data"] == {"source": "mnist", "validation": 0.2, "normalize": "standardize"}
    assert data["train"]["epochs"] == 20
    assert data["evaluation"] == {"top_k": [5], "calibration_bins": 15}
    assert list(data) == ["name", "seed", "data", "augment", "model", "train", "evaluation"]


def test_defaults_of_what_is_chosen_by_name_are_written_out(tmp_path: Path) -> None:
    train = {"optimizer": "SGD", "schedule": "StepDecay", "loss": "categorical_focal_crossentropy"}
    config = load_config({"name": "demo", "model": NETWORK, "train": train})
    written = yaml.safe_load(dump_yaml(config))["train"]
    assert written["optimizer"] == {"name": "SGD", "learning_rate": 0.01, "momentum": 0.0, "nesterov": False}
    assert written["schedule"] == {"name": "StepDecay", "step_epochs": 10.0, "factor": 0.1}
    assert written["loss"] == {"name": train["loss"], "label_smoothing": 0.0, "gamma": 2.0, "alpha": 0.25}
    assert again(config, tmp_path) == config


def test_defaults_of_augmentations_are_written_where_they_act(tmp_path: Path) -> None:
    zoom = {"RandomZoom": {"height_factor": 0.1, "fill_mode": "constant"}}
    config = load_config(
        {"name": "demo", "model": NETWORK, "augment": ["RandomFlip", {"RandomShear": {"x_factor": 1}}, zoom]}
    )
    moved = {"interpolation": "bilinear", "fill_mode": "reflect"}
    assert yaml.safe_load(dump_yaml(config))["augment"] == [
        {"RandomFlip": {"mode": "horizontal_and_vertical"}},
        {"RandomShear": {"x_factor": 1, "y_factor": 0.0, **moved}},
        {"RandomZoom": {**zoom["RandomZoom"], "interpolation": "bilinear", "fill_value": 0.0}},
    ]
    assert again(config, tmp_path) == config


def test_a_null_in_place_of_a_default_is_written_and_other_nulls_are_not(tmp_path: Path) -> None:
    optimizer = {"name": "Muon", "weight_decay": None, "clipnorm": None}
    config = load_config({"name": "demo", "model": NETWORK, "train": {"optimizer": optimizer}})
    written = yaml.safe_load(dump_yaml(config))["train"]["optimizer"]
    assert written["weight_decay"] is None
    assert "clipnorm" not in written
    assert again(config, tmp_path) == config


def test_the_default_top_k_is_left_out_where_it_means_nothing(tmp_path: Path) -> None:
    few = {"source": "synthetic", "synthetic": {"classes": 3}}
    config = load_config({"name": "demo", "model": NETWORK, "data": few})
    assert "top_k" not in dump_yaml(config)
    assert again(config, tmp_path) == config


def test_repeated_parts_are_written_out(tmp_path: Path) -> None:
    shared = {"Dense": {"units": 3, "kernel_regularizer": {"L2": {"l2": 1e-4}}}}
    config = load_config({"name": "demo", "model": {"layers": ["Flatten", shared, shared, "classifier"]}})
    assert "&" not in dump_yaml(config)
    assert again(config, tmp_path) == config
