"""What makes two trainings the same point."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from cnnbench.config.dump import dump_yaml
from cnnbench.config.load import load_config
from cnnbench.config.yaml_text import parse
from cnnbench.sweep.define.identity import identity
from tests.tools import tiny


def test_it_is_stable_across_processes_and_the_order_of_keys() -> None:
    config = tiny()
    turned = {key: config[key] for key in reversed(config)}
    turned["train"] = {key: config["train"][key] for key in reversed(config["train"])}
    code = (
        "from cnnbench.config.load import load_config; from cnnbench.sweep.define.identity import identity\n"
        f"print(identity(load_config({turned!r})))"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert other == identity(load_config(config))
    assert len(other) == 12
    assert int(other, 16) >= 0


@pytest.mark.parametrize("name", ["lenet5-digits", "resnet18-folder", "thesis-cnn-fast", "vgg-small-cifar10"])
def test_a_configuration_written_and_read_again_is_the_same_point(name: str) -> None:
    config = load_config(name)
    assert identity(load_config(parse(dump_yaml(config)).data)) == identity(config)


@pytest.mark.parametrize(
    "changes", [{"name": "b"}, {"description": "b"}, {"seed": 4}, {"train__threads": 2}, {"train__max_minutes": 2}]
)
def test_what_changes_no_studied_number_is_left_out(changes: dict[str, Any]) -> None:
    assert identity(load_config(tiny(**changes))) == identity(load_config(tiny()))


@pytest.mark.parametrize(
    "changes",
    [
        {"train__epochs": 4},
        {"train__optimizer__learning_rate": 0.02},
        {"train__optimizer__name": "SGD"},
        {"augment": []},
        {"data__split_seed": 1},
        {"data__subset": {"train": 201}},
        {"model__layers": ["Flatten", "classifier"]},
    ],
)
def test_everything_else_counts(changes: dict[str, Any]) -> None:
    assert identity(load_config(tiny(**changes))) != identity(load_config(tiny()))


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ({}, {"evaluation": {"calibration_bins": 15}}),
        ({}, {"train__optimizer__beta_1": 0.9}),
        ({}, {"train__loss": {"name": "categorical_crossentropy", "label_smoothing": 0}}),
        ({"augment": ["RandomFlip"]}, {"augment": [{"RandomFlip": {"mode": "horizontal_and_vertical"}}]}),
        ({"train__schedule": "OneCycle"}, {"train__schedule": {"name": "OneCycle", "start_divisor": 25}}),
    ],
)
def test_defaults_written_out_are_the_same_point(short: dict[str, Any], full: dict[str, Any]) -> None:
    assert identity(load_config(tiny(**full))) == identity(load_config(tiny(**short)))


def test_a_point_keeps_the_name_that_it_had_before_defaults_were_written() -> None:
    config = tiny(train__schedule={"name": "StepDecay", "factor": 0.5}, train__loss="mean_squared_error")
    assert identity(load_config(config)) == "046f64986f9d"
