"""Each number is what its row says, and what has no row is taken for nothing."""

from __future__ import annotations

import pytest

from cnnbench.catalogue.measures import COMPUTED, MEASURES, limited, measure, title
from cnnbench.evaluation import measures
from cnnbench.evaluation.compute import compute
from cnnbench.numbers import numbers


def test_every_computed_measure_has_a_function_that_says_what_it_returns() -> None:
    functions = [getattr(measures, row.key) for row in COMPUTED]
    assert all(function.__doc__.startswith("Return ") for function in functions)


def test_every_number_of_the_metrics_has_a_row() -> None:
    found = compute([0, 1, 2, 2], [[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.1, 0.2, 0.7], [0.4, 0.3, 0.3]], "abc", [2], 15)
    by_class = {line["class"]: line for line in found["per_class"]}
    paths = numbers({**found, "per_class": by_class})
    assert [path for path in paths if not measure(path).key] == []
    outside = [p for p, value in paths.items() if not (measure(p).low or 0) <= value <= (measure(p).high or 1e9)]
    assert outside == []


@pytest.mark.parametrize(
    "path", ["per_class.f16.support", "per_class.top_k.support", "worst_class.support", "parameters", "loss", "speed"]
)
def test_what_only_sounds_like_a_share_is_none(path: str) -> None:
    assert not measure(path).is_share


@pytest.mark.parametrize("path", ["accuracy", "val_accuracy", "top_k.5", "macro.f1", "per_class.log.loss.recall"])
def test_a_share_is_one(path: str) -> None:
    assert measure(path).is_share and measure(path).bounds == (0.0, 1.0)


def test_titles_name_the_part_that_varies() -> None:
    assert title("top_k.5") == "Top-5 accuracy"
    assert title("macro.f1") == "F1, macro average"
    assert title("per_class.a.b.f1") == "F1 of a.b"
    assert title("data.seconds") == "data.seconds"


def test_keys_are_unique_and_limits_are_of_what_should_be_high() -> None:
    keys = [row.key for row in MEASURES]
    assert len(keys) == len(set(keys))
    assert {"accuracy", "macro.f1"} <= set(limited())
    assert not {"log_loss", "images", "worst_class.f1", "macs"} & set(limited())


def test_errors_and_costs_are_better_when_lower() -> None:
    lower = ["log_loss", "calibration_error", "macs", "parameters.total", "times.training_seconds"]
    assert [measure(path).better for path in lower] == ["lower"] * 5
    higher = ["accuracy", "macro.f1", "top_k.5", "per_class.cat.recall"]
    assert [measure(path).better for path in higher] == ["higher"] * 4
