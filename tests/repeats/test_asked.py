"""What `--seeds` and `--folds` mean, and what they refuse."""

from __future__ import annotations

import pytest

from cnnbench.config.load import dump_yaml, load_config
from cnnbench.config.schema import Fold
from cnnbench.data.load import load_dataset
from cnnbench.errors import ConfigError
from cnnbench.repeats.asked import asked, seeds_of
from cnnbench.repeats.plan import Plan, with_fold
from tests.builders.repeated import config


@pytest.mark.parametrize(
    ("text", "first", "expected"),
    [("5", 0, [0, 1, 2, 3, 4]), ("2", 40, [40, 41]), ("0,7,42", 3, [0, 7, 42]), (" 9, 1", 0, [9, 1])],
)
def test_seeds(text: str, first: int, expected: list[int]) -> None:
    assert seeds_of(text, first) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", "--seeds 0: expected at least 2 runs"),
        ("1", "--seeds 1: expected at least 2 runs"),
        ("-3", "--seeds -3: expected at least 2 runs"),
        ("1,1", "--seeds 1,1: 1 is there twice"),
        ("x", "--seeds x: expected how many, as in 5, or a list, as in 0,7,42"),
        ("1,", "--seeds 1,: expected how many"),
        ("", "--seeds : expected how many"),
        ("2.5", "--seeds 2.5: expected how many"),
        ("-1,2", "--seeds -1,2: -1 is no seed; allowed are 0 to 2147483647"),
        ("1000000000000", "--seeds 1000000000000: expected at most 1000 runs"),
        ("0,2147483648", "--seeds 0,2147483648: 2147483648 is no seed"),
    ],
)
def test_bad_seeds_are_told(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as e:
        seeds_of(text, 0)
    assert str(e.value).startswith(expected)


def test_seeds_do_not_run_past_the_last_one() -> None:
    with pytest.raises(ConfigError, match="2147483648 is no seed"):
        seeds_of("2", 2**31 - 1)


@pytest.mark.parametrize(
    ("seeds", "folds", "given", "expected"),
    [
        ("5", 5, config(), "--seeds with --folds"),
        (None, 1, config(), "--folds 1: expected at least 2"),
        (None, -5, config(), "--folds -5: expected at least 2"),
        (None, 5, with_fold(config(), Fold(index=1, of=5)), r"--folds 5: .* names one fold already \(data.fold\)"),
    ],
)
def test_bad_combinations_are_told(seeds: str | None, folds: int | None, given: object, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        asked(given, seeds, folds)  # type: ignore[arg-type]  # a configuration of the table above


def test_children_differ_in_seed_alone() -> None:
    kind, values, base = asked(config(seed=3), "2", None)
    children = Plan(kind, values, base).children
    assert list(children) == ["seed-3", "seed-4"]
    assert children["seed-3"] == config(seed=3)
    assert children["seed-4"] == config(seed=4)


def test_the_configuration_of_a_fold_runs_again_by_itself() -> None:
    children = Plan(*asked(config(), None, 3)).children
    assert list(children) == ["fold-1", "fold-2", "fold-3"]
    for index, child in enumerate(children.values(), start=1):
        import yaml

        again = load_config(yaml.safe_load(dump_yaml(child)))
        assert again.data.fold == Fold(index=index, of=3)
        assert dump_yaml(again) == dump_yaml(child)


@pytest.mark.parametrize("folds", [2, 7])
def test_shrunk_folds_hold_every_class(folds: int) -> None:
    kind, values, base = asked(config(), None, folds, smoke=True)
    assert base.data.fold is None and base.data.source == "synthetic"
    for child in Plan(kind, values, base).children.values():
        dataset = load_dataset(child)
        assert dataset.validation is not None
        assert set(dataset.validation.labels.tolist()) == set(dataset.train.labels.tolist()) == set(range(10))
