from __future__ import annotations

import numpy as np
import pytest

from cnnbench.evaluation.mistakes import by_cell, margins, unsure, worth_a_look

LABELS = np.array([0, 0, 1, 1, 2, 2, 0, 0])
CHANCES = np.array(
    [
        [0.90, 0.06, 0.04],  # right, by 0.84
        [0.40, 0.55, 0.05],  # 0 taken for 1
        [0.30, 0.45, 0.25],  # right, by 0.15
        [0.10, 0.80, 0.10],  # right, by 0.7
        [0.60, 0.10, 0.30],  # 2 taken for 0
        [0.20, 0.15, 0.65],  # right, by 0.45
        [0.05, 0.90, 0.05],  # 0 taken for 1, surer
        [0.20, 0.10, 0.70],  # 0 taken for 2
    ]
)
PREDICTED = CHANCES.argmax(axis=1)


def test_margins_are_the_lead_over_the_second() -> None:
    np.testing.assert_allclose(margins(CHANCES), [0.84, 0.15, 0.15, 0.7, 0.3, 0.45, 0.85, 0.5])


def test_close_answers_are_right_ones_the_closest_first() -> None:
    assert unsure(LABELS, PREDICTED, CHANCES, 3).tolist() == [2, 5, 3]
    assert unsure(LABELS, PREDICTED, None).tolist() == []


def test_a_cell_has_its_images_sure_mistakes_and_close_answers_first() -> None:
    found = {cell: rows.tolist() for cell, rows in by_cell(LABELS, PREDICTED, CHANCES).items()}
    assert found == {(0, 0): [0], (0, 1): [6, 1], (0, 2): [7], (1, 1): [2, 3], (2, 0): [4], (2, 2): [5]}
    assert by_cell(LABELS, PREDICTED, None)[0, 1].tolist() == [1, 6]


@pytest.mark.parametrize("most", [1, 3, 8, 100])
def test_what_is_worth_a_look_is_bounded_and_named_once(most: int) -> None:
    found = worth_a_look(LABELS, PREDICTED, CHANCES, most, first=[4]).tolist()
    assert found[0] == 4 and len(found) == len(set(found)) == min(most, 8)


def test_every_kind_of_mistake_has_an_image_before_one_has_two() -> None:
    labels = np.array([0] * 900 + [1] * 90 + [2] * 10)
    predicted = np.array([1] * 900 + [2] * 90 + [0] * 10)
    chances = np.eye(3)[predicted] * 0.6 + np.random.default_rng(0).random((1000, 3)) * 0.1
    found = worth_a_look(labels, predicted, chances, 8)
    assert labels[found].tolist() == [0, 1, 2, 0, 1, 2, 0, 1]
    surest = chances[:900].max(axis=1).argsort()[::-1][:3]
    assert found[[0, 3, 6]].tolist() == surest.tolist()
