from __future__ import annotations

from dataclasses import replace

import pytest

from cnnbench.sweep.tell import plots, turns
from cnnbench.sweep.tell.axis_tables import axis_tables
from cnnbench.sweep.tell.tables import measures, measures_of_axis, of_axis
from tests.builders import sweeps as made
from tests.builders.sweeps import EPOCHS, RATE


def sentences(results) -> list[str]:
    return [turns.sentence(results, factor) for factor in turns.turns(results)]


def test_each_key_says_what_is_carried_on_and_how_sure_that_is():
    results = made.in_turn()
    epochs, rate = sentences(results)
    assert epochs.startswith("train.epochs, at learning_rate 0.0001: 20 is carried on: its val_accuracy, ")
    assert rate.startswith(f"{RATE}, at epochs 20: 0.01 is best: its val_accuracy, ") and "is the highest" in rate
    first, second = axis_tables(results)
    assert [row.mark for row in first.rows] == ["", "", "carried on"]
    assert [row.trials for row in second.rows] == [1, 1, 1]  # the first value is the trial that was carried on
    assert second.rows[0].means == first.rows[2].means
    assert "carried on" in of_axis(first, ["val_accuracy"]).texts()[3]


def test_without_carrying_on_nothing_is_said_to_be():
    epochs, rate = sentences(made.in_turn(carry=False))
    assert "20 is best" in epochs and rate.startswith(f"{RATE}, at epochs 5: ")


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ({2: "running", 3: "", 4: ""}, ["2 of 3 values done; the best follows then"]),
        ({2: "failed"}, ["5 is carried on", "at epochs 5: 1 of 3 values done"]),
        (dict.fromkeys(range(5), "failed"), ["none of 3 values came to an end; the keys that follow", "at epochs 5: "]),
    ],
)
def test_what_is_missing_or_failed_is_told(states, said):
    found = sentences(made.in_turn(states))
    assert len(found) == len(said) and all(part in line for part, line in zip(said, found, strict=True))


def test_of_equals_the_first_is_taken_and_overlaps_are_told():
    results = made.in_turn()
    low, middle, high = results.trials[:3]
    equal = replace(results, trials=(low, replace(middle, runs=high.runs, objectives=high.objectives), high))
    (epochs, _) = sentences(equal)
    assert "5 is carried on" in epochs
    assert "that of 20 reached the same; of equals the first one listed is taken." in epochs
    near = replace(middle, runs=tuple(replace(r, values={"val_accuracy": 0.9 + 0.01 * r.seed}) for r in middle.runs))
    top = replace(high, runs=tuple(replace(r, values={"val_accuracy": 0.905 + 0.01 * r.seed}) for r in high.runs))
    close = [replace(near, objectives=(0.91,)), replace(top, objectives=(0.915,))]
    assert (
        "Its interval overlaps with that of 5: these intervals do not"
        in sentences(replace(results, trials=(low, *close)))[0]
    )


def test_four_measures_are_tables_and_a_figure_of_every_key():
    results = made.in_turn()
    table = measures_of_axis(axis_tables(results)[0]).texts()
    names = ["accuracy", "precision", "recall", "F1"]
    assert table[0] == ["value", *(f"{split} {name}" for split in ("validation", "test") for name in names)]
    assert len(table) == 4 and all("±" in cell for cell in table[1][1:])
    assert measures(results).texts()[0][1:] == table[0][1:] and len(measures(results).rows) == 5
    found = {figure.name: figure for figure in plots.figures(results)}
    assert [len(found[plots.name_of("measures", path)].panels) for path in (EPOCHS, RATE)] == [2, 2]
    older = made.two_axes()  # which knows the test accuracy alone
    assert not [figure for figure in plots.figures(older) if plots.kind(figure.name) == "measures"]
    assert not measures(older) and not any(map(measures_of_axis, axis_tables(older)))
