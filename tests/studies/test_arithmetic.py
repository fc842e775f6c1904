"""What a source's own arithmetic rules out is found, and nothing is where it is right."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from cnnbench.studies.arithmetic import Finding, findings
from cnnbench.studies.checks import AnyCheck
from cnnbench.studies.layers import layer_mistakes
from cnnbench.studies.sections import StudyFile
from tests.builders.studies import FROZEN, frozen, scratch, study_of

LENET = [
    {"kind": "convolution", "kernel": 5, "units": 6, "size": 28, "parameters": 156},
    {"kind": "pooling", "kernel": 2, "stride": 2, "size": 14, "parameters": 12},
    {"kind": "convolution", "kernel": 5, "units": 16, "size": 10, "parameters": 2416, "also": [1516]},
    {"kind": "pooling", "kernel": 2, "stride": 2, "size": 5, "parameters": 32},
    {"kind": "dense", "units": 120, "parameters": 48120},
    {"kind": "dense", "units": 84, "parameters": 10164},
    {"kind": "dense", "units": 10, "parameters": 850},
]


def wrong(file: StudyFile) -> list[Finding]:
    return [finding for finding in findings(file) if finding.wrong]


def told(**check: Any) -> list[str]:
    """Return what is told of one check."""
    checked = TypeAdapter(AnyCheck).validate_python({"at": "here", **check})
    found = wrong(study_of({"a": (0.5, 0.5, 0.5, 0.5)}, 2, arithmetic=[checked.model_dump()]))
    return [finding.wrong for finding in found if finding.wrong]


def test_precision_and_recall_that_are_swapped() -> None:
    (found,) = wrong(scratch())
    assert found.rows == ("keras-cifar10",) and found.measures == ("macro.precision", "macro.recall")
    assert found.wrong and found.wrong.endswith("precision 0.6336 is the accuracy: the two are swapped")


def test_recall_is_the_accuracy_where_classes_have_as_many_images() -> None:
    assert [(found.rows, found.measures) for found in wrong(frozen())] == [
        (("resnet34",), ("macro.recall",)),
        (("epochs-80",), ("macro.recall",)),
    ]
    assert not wrong(study_of(FROZEN, 3))  # nothing is known of the classes


def test_f1_is_held_to_the_formula_that_the_source_gives() -> None:
    found = {finding.rows[0]: finding.wrong or "" for finding in wrong(frozen(f1="harmonic"))}
    assert "F1 0.866 is not 2PR/(P + R), 0.872, of precision 0.883 and recall 0.862" in found["epochs-15"]
    assert "F1 0.018 is not 2PR/(P + R), 0.105" in found["rate-1"]
    assert all("it can be the mean of the classes' F1" in line for row, line in found.items() if row != "resnet34")
    assert {f.measures for f in wrong(frozen(f1="harmonic")) if "F1" in (f.wrong or "")} == {()}  # none is impossible
    assert not {"vgg16", "vgg19", "resnet50", "rate-4", "rate-5"} & set(found)  # where the two agree as printed


@pytest.mark.parametrize(("f1", "right"), [(0.872, True), (0.873, True), (0.880, False), (0.745, True), (0.70, False)])
def test_f1_lies_where_precision_and_recall_allow(f1: float, right: bool) -> None:
    found = wrong(study_of({"a": (0.870, 0.875, 0.870, f1)}, 3))
    assert (not found) is right


def test_f1_bounds_hold_for_every_classifier() -> None:
    """The bounds are for all confusion matrices: random ones, skewed ones and one class alone."""
    import numpy as np
    from sklearn.metrics import precision_recall_fscore_support

    rng = np.random.default_rng(0)
    for shift in rng.uniform(0, 30, 200):
        matrix = rng.poisson(rng.exponential(1 + shift, (4, 4)) + shift * np.eye(4))
        matrix[:, 0] += matrix.sum(1) == 0
        true, predicted = (np.repeat(place, matrix.ravel()) for place in np.indices((4, 4)).reshape(2, -1))
        p, r, f1, _ = precision_recall_fscore_support(true, predicted, average="macro", zero_division=0)
        assert not wrong(study_of({"a": (float(r), round(p, 4), round(r, 4), round(f1, 4))}, 4))


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        ({"name": "counts", "parts": {"wrong": 2122, "right": 7874}, "total": 10000}, "make 9,996, not 10,000"),
        ({"name": "counts", "parts": {"wrong": 2126, "right": 7874}, "total": 10000}, None),
        ({"name": "share", "part": 2122, "of": 10000, "printed": 0.2122, "step": 1e-4}, None),
        ({"name": "share", "part": 7870, "of": 10000, "printed": 0.7874, "step": 1e-4}, "is 0.787, not 0.7874"),
        ({"name": "product", "factors": [3072, 4704], "printed": 14450688}, None),
        ({"name": "product", "factors": [75, 4704], "printed": 352801}, "is 352,800, not 352,801"),
        ({"name": "order", "values": [0.883, 0.880, 0.882, 0.884], "says": "rising"}, "are said to be rising"),
        ({"name": "order", "values": [0.852, 0.868, 0.868], "says": "rising"}, None),
        (
            {"name": "times", "seconds": 900, "seconds_step": 60, "per": 1000, "images": 50000}
            | {"total": 7200, "total_step": 3600},
            "make 12 h 30 min for 50,000, not 2 h 0 min",
        ),
        (
            {"name": "times", "seconds": 90, "seconds_step": 6, "per": 1000, "images": 60000}
            | {"total": 7200, "total_step": 3600},
            None,
        ),
        ({"name": "matrix", "diagonal": [52, 53, 35, 30, 35, 39, 47, 58, 58, 51], "accuracy": 0.46}, None),
        ({"name": "matrix", "diagonal": [52, 53, 35, 30, 35, 39, 47, 58, 58, 51], "accuracy": 0.50}, "mean is 45.8 %"),
        ({"name": "matrix", "diagonal": [84, None], "accuracy": 0.5}, None),
        ({"name": "matrix", "cells": [[90, 9], [5, 95]]}, None),
        ({"name": "matrix", "cells": [[90, 5], [5, 95]]}, "row 1 adds up to 95 %, not 100 %"),
        ({"name": "scores", "precision": 0.9, "recall": 0.8, "f1": 0.9}, "allow an F1 of 0.700 to 0.847, not 0.900"),
    ],
)
def test_numbers_that_follow_from_others(check: dict[str, Any], sentence: str | None) -> None:
    found = told(**check)
    assert (not found) if sentence is None else sentence in found[0]


def layers(size: int | None, channels: int | None, layers: list[dict[str, Any]], total: int | None = None) -> list[str]:
    made = {"name": "layers", "at": "", "size": size, "channels": channels, "layers": layers, "total": total}
    return layer_mistakes(TypeAdapter(AnyCheck).validate_python(made))


def test_positions_of_a_window_are_whole() -> None:
    window = {"kind": "convolution", "kernel": 11, "stride": 4}
    (found,) = layers(224, 3, [{**window, "size": 55}])
    assert found == "layer 1, convolution: 55 positions are printed; 224 make 54.25, no whole number"
    assert not layers(227, 3, [{**window, "size": 55}])
    assert not layers(224, 3, [{**window, "size": 54}])  # frameworks leave out the rest


def test_normalisation_keeps_the_size() -> None:
    convolution = {"kind": "convolution", "kernel": 3, "padding": "same", "units": 128, "size": 4}
    (found,) = layers(4, 64, [convolution, {"kind": "same", "size": 8}])
    assert found == "layer 2, same: 8 x 8 behind 4 x 4, which it cannot change"
    assert not layers(8, 64, [{**convolution, "size": 8}, {"kind": "same", "size": 8}])


def test_parameters_follow_from_the_layers() -> None:
    assert not layers(32, 1, LENET, 61750)
    printed = [156, 12, 416, 32, 3000, 10164, 924]
    other = [{**layer, "parameters": number} for layer, number in zip(LENET, printed, strict=True)]
    found = layers(32, 1, other)
    assert [line.partition(" parameters are printed; it has ")[2] for line in found] == [
        "2,416 or 1,516",
        "48,120",
        "850",
    ]
    assert layers(32, 1, LENET, 61706) == ["the layers have 61,750 parameters, not 61,706"]
