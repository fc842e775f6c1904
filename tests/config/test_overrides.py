"""Assignments of the command line over a document."""

from __future__ import annotations

from typing import Any

import pytest

from cnnbench.config.document import Document
from cnnbench.config.overrides import apply

BASE: dict[str, Any] = {
    "name": "demo",
    "augment": ["AutoContrast", {"RandomFlip": {"mode": "horizontal"}}, {"RandomZoom": None}],
    "model": {"layers": ["Flatten", "classifier"], "blocks": {"b": {}}},
    "train": {
        "epochs": 3,
        "optimizer": {"name": "Adam", "beta_1": 0.8},
        "schedule": None,
        "loss": "mean_squared_error",
    },
}


def changed(*overrides: str) -> dict[str, Any]:
    document = apply(Document(BASE), overrides)
    assert document.problems == ()
    return {key: value for key, value in document.data.items() if value != BASE.get(key)}


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("seed=7", {"seed": 7}),
        ("description=a = b", {"description": "a = b"}),
        ("description='1e-3'", {"description": "1e-3"}),
        ("data.source=mnist", {"data": {"source": "mnist"}}),
        ("data.image_size=[32, 24]", {"data": {"image_size": [32, 24]}}),
        ("augment=[]", {"augment": []}),
        ("description=/d/a #b", {"description": "/d/a #b"}),
        ("description=#b", {"description": "#b"}),
        ("description=a: 1 #b", {"description": "a: 1 #b"}),
        ("description='a' #b", {"description": "a"}),
        ("model.architecture=lenet5", {"model": {"architecture": "lenet5"}}),
        ("model.layers=[classifier]", {"model": {"layers": ["classifier"]}}),
    ],
)
def test_values_are_yaml(override: str, expected: dict[str, Any]) -> None:
    assert changed(override) == expected


def test_numbers_in_paths_are_entries_of_lists() -> None:
    overrides = (
        "augment.1.RandomFlip.mode=vertical",
        "augment.0.AutoContrast.x=1",
        "augment.2.RandomZoom.height_factor=1",
    )
    assert changed(*overrides)["augment"] == [
        {"AutoContrast": {"x": 1}},
        {"RandomFlip": {"mode": "vertical"}},
        {"RandomZoom": {"height_factor": 1}},
    ]


def test_a_section_that_is_not_there_is_made() -> None:
    assert changed("train.schedule.name=OneCycle", "train.schedule.peak_fraction=0.2")["train"]["schedule"] == {
        "name": "OneCycle",
        "peak_fraction": 0.2,
    }


@pytest.mark.parametrize("order", [1, -1])
def test_another_optimizer_drops_the_old_ones_arguments(order: int) -> None:
    overrides = ["train.optimizer.name=SGD", "train.optimizer.momentum=0.9"][::order]
    assert changed(*overrides)["train"]["optimizer"] == {"name": "SGD", "momentum": 0.9}


def test_the_same_optimizer_keeps_its_arguments() -> None:
    assert changed("train.optimizer.name=Adam", "train.optimizer.beta_2=0.9")["train"]["optimizer"] == {
        "name": "Adam",
        "beta_1": 0.8,
        "beta_2": 0.9,
    }


def test_a_section_given_as_a_name_takes_arguments() -> None:
    assert changed("train.loss.x=1")["train"]["loss"] == {"name": "mean_squared_error", "x": 1}


def test_the_base_is_not_changed() -> None:
    before = repr(BASE)
    changed("train.optimizer.name=SGD", "augment.1.RandomFlip.mode=vertical")
    assert repr(BASE) == before


def test_values_say_that_they_come_from_the_command_line() -> None:
    document = apply(Document(BASE), ["train.early_stopping.patience=0"])
    path = ("train", "early_stopping", "patience")
    assert document.problem(path, "wrong") == "command line: train.early_stopping.patience: wrong"
    assert document.problem(("train", "epochs"), "wrong") == "train.epochs: wrong"


def test_minutes_take_the_place_of_epochs() -> None:
    train = {key: value for key, value in BASE["train"].items() if key != "epochs"}
    assert changed("train.budget_minutes=2") == {"train": {**train, "budget_minutes": 2}}
    both = changed("train.budget_minutes=2", "train.epochs=4")
    assert both == {"train": {**train, "epochs": 4, "budget_minutes": 2}}
