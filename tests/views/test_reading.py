from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from cnnbench.views.charts import curves, matrix, rows
from cnnbench.views.figure import Drawn, Figure, Panel, draw

pytestmark = pytest.mark.drawn

HISTORY = [{"epoch": e, "loss": 1 / e, "val_loss": 2 / e, "accuracy": 1 - 0.5 / e} for e in range(1, 7)]


def drawn(*panels: Panel) -> Drawn:
    return draw([Figure("shown", "A figure", panels)])["shown"]


def with_axes(fill: Callable[..., None]) -> Drawn:
    return drawn(Panel(fill))


@pytest.mark.parametrize("log", [False, True])
def test_points_lie_where_they_are_drawn(log):
    def fill(axes):
        axes.plot([1, 10, 30], [2, 20, 0.5], label="line")
        axes.set(yscale="log" if log else "linear", xlabel="steps")

    found = with_axes(fill)
    answers = found.readings[0].answers
    (line,) = answers["lines"]
    assert (line["name"], line["series"], answers["x"]["name"]) == ("line", 0, "steps")
    (shape,) = [
        mark
        for mark, group in zip(found.panels[0].marks, found.panels[0]._groups, strict=True)
        if group == "series-0" and len(getattr(mark, "path", np.empty(0)).vertices) == 3
    ]
    there = shape.path.transformed(shape.transform).vertices
    up = answers["y"]
    expected = [
        (
            answers["x"]["offset"] + answers["x"]["factor"] * x,
            up["offset"] + up["factor"] * (math.log10(y) if log else y),
        )
        for x, y in zip(line["x"], line["y"], strict=True)
    ]
    assert np.c_[there[:, 0], found.panels[0].height - there[:, 1]] == pytest.approx(np.array(expected), abs=0.1)


def test_what_belongs_to_a_series_of_the_legend_goes_with_it():
    found = drawn(curves.both_parts([HISTORY, HISTORY[:4]], curves.LOSS), curves.both_parts([HISTORY], curves.ACCURACY))
    assert [one["name"] for one in found.data["series"]] == ["training, mean of 2", "validation, mean of 2"]
    names = [line["name"] for line in found.data["panels"][0]["lines"] if line["series"] == 1]
    assert names == ["validation, mean of 2", "validation, run 1", "validation, run 2"]
    assert found.data["panels"][1]["series"] == [0]  # training is one series in both panels
    assert found.svgs[0][0].count('data-series="1"') >= 4  # the band too
    assert found.script == "curves"


def test_bars_categories_and_images_do_not_answer():
    found = drawn(
        rows.stacked(["a", "b"], {"right": [1, 2]}, "Rows", "images"),
        rows.scores(["a", "b"], {"F1": [0.5, 1]}, "Scores", "F1"),
        matrix.confusion_matrix(np.array([[3, 1], [0, 2]]), ["cat", "dog"]),
    )
    assert [one.answers for one in found.readings] == [None, None, None]
    assert (found.script, found.data) == ("", None)


@pytest.mark.parametrize(
    ("panel", "said"),
    [
        (
            curves.both_parts([HISTORY], curves.LOSS),
            "Loss. mean loss per image over epoch. training: from 1 at 1 to 0.1667 at 6. "
            "validation: from 2 at 1 to 0.3333 at 6.",
        ),
        (
            rows.stacked(["a", "b"], {"right": [1, 2], "wrong": [3, 0]}, "Rows", "images"),
            "Rows. images. right: a 1, b 2. wrong: a 3, b 0.",
        ),
        (
            rows.intervals([rows.Row("a", 0.5, (0.2, 0.7)), rows.Row("b", 0.9, (0.8, 1))], "Errors", "share"),
            "Errors. share. a 0.5, b 0.9.",
        ),
        (
            matrix.confusion_matrix(np.array([[3, 1], [0, 2]]), ["cat", "dog"]),
            "Confusion matrix of 2 classes, accuracy 83.33 %, 5 of 6 images right. "
            "Most frequent mistakes: cat taken for dog (1).",
        ),
    ],
    ids=["curves", "bars", "rows", "matrix"],
)
def test_a_figure_is_said_in_words_by_its_values(panel, said):
    found = drawn(panel)
    assert found.readings[0].told == said
    assert f'role="img" aria-label="{said}"' in found.svgs[0][0]


def test_places_with_names_are_told_by_them_and_where_a_curve_turns():
    def fill(axes):
        axes.plot([0, 1, 2], [1, 5, 2], "-", label="x")
        axes.set_xticks([0, 1, 2], ["relu", "tanh", "gelu"])

    assert with_axes(fill).readings[0].told == "x: from 1 at relu to 2 at gelu, highest 5 at tanh."


def test_words_of_names_from_data_are_text():
    def fill(axes):
        axes.plot([0, 1], [0, 1], label='"><script>alert(1)</script>\u202e')

    svg = with_axes(fill).svgs[0][0]
    assert "<script" not in svg and "\u202e" not in svg
