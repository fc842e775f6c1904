"""What a sweep may be told to find the best of."""

from __future__ import annotations

import pytest

from cnnbench.catalogue.measures import COMPUTED, measure
from cnnbench.sweep.define.objectives import OBJECTIVES, no_objective
from cnnbench.sweep.define.sections import Objective


@pytest.mark.parametrize("metric", [*(row.key for row in COMPUTED), "top_k.5", "macro.f1", "worst_class.recall"])
def test_whatever_is_measured_on_test_images_is_no_objective(metric: str) -> None:
    assert no_objective(metric).startswith(f"{metric} is measured on the test images")


@pytest.mark.parametrize("metric", OBJECTIVES)
def test_an_objective_has_a_row_that_says_which_way_is_better(metric: str) -> None:
    assert measure(metric).key == metric
    direction = "maximize" if metric == "val_accuracy" else "minimize"
    assert Objective(metric=metric).direction == direction
    assert Objective.model_validate({"metric": metric, "direction": "maximize"}).direction == "maximize"
