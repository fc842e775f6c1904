from __future__ import annotations

import numpy as np
import pytest

from cnnbench.data import split
from cnnbench.errors import DataError

NAMES = ("a", "b", "c")
LABELS = np.repeat([0, 1, 2], [60, 30, 10])


def counts(positions: np.ndarray) -> list[int]:
    return np.bincount(LABELS[positions], minlength=3).tolist()


def test_held_out_share_is_stratified_and_complete() -> None:
    out, rest = split.hold_out(LABELS, 0.2, 0, "data.validation", NAMES)
    assert counts(out) == [12, 6, 2]
    assert sorted([*out, *rest]) == list(range(100))
    assert (np.diff(out) > 0).all() and (np.diff(rest) > 0).all()


def test_same_seed_same_draw_other_seed_or_purpose_another() -> None:
    def drawn(seed: int, key: str) -> list[int]:
        return split.hold_out(LABELS, 0.2, seed, key, NAMES)[0].tolist()

    assert drawn(3, "data.validation") == drawn(3, "data.validation")
    assert drawn(3, "data.validation") != drawn(4, "data.validation")
    assert drawn(3, "data.validation") != drawn(3, "data.test")


def test_draw_never_changes_between_versions() -> None:
    out, _ = split.hold_out(np.arange(20) % 2, 0.2, 0, "data.validation", ("a", "b"))
    assert out.tolist() == [1, 3, 4, 8]


@pytest.mark.parametrize("count", [3, 7, 50, 99, 100])
def test_subset_has_exactly_as_many_and_every_class(count: int) -> None:
    positions = split.subset(LABELS, count, 0, "data.subset.train", NAMES)
    assert len(positions) == len(set(positions.tolist())) == count
    assert min(counts(positions)) >= 1


def test_subset_is_proportional_to_within_one_image() -> None:
    taken = counts(split.subset(LABELS, 25, 0, "data.subset.train", NAMES))
    assert np.abs(np.array(taken) - np.array([15, 7.5, 2.5])).max() < 1


def test_subset_as_a_fraction_and_none() -> None:
    assert len(split.subset(LABELS, 0.5, 0, "data.subset.train", NAMES)) == 50
    assert split.subset(LABELS, None, 0, "data.subset.train", NAMES).tolist() == list(range(100))


def test_smaller_subset_lies_inside_larger_one() -> None:
    small, large = (split.subset(LABELS, n, 0, "data.subset.train", NAMES) for n in (10, 40))
    assert set(small.tolist()) <= set(large.tolist())


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (lambda: split.subset(LABELS, 101, 0, "data.subset.train", NAMES), "101 images asked for, but there are 100"),
        (lambda: split.subset(LABELS, 2, 0, "data.subset.test", NAMES), "2 images cannot hold each of 3 classes"),
        (lambda: split.hold_out(np.array([0, 0, 1]), 0.5, 0, "data.validation", NAMES), "class 'b' has 1 image"),
        (lambda: split.hold_out(LABELS, 0.01, 0, "data.validation", NAMES), "1 images cannot hold each of 3 classes"),
        (lambda: split.fold(np.array([0, 0, 1, 1, 1]), 1, 3, 0, NAMES), r"class 'a' has 2 .* too few for 3 folds"),
        (lambda: split.hold_out(LABELS, 0.99, 0, "data.test", NAMES), "leaves 1 images for 3 classes"),
    ],
)
def test_too_few_images_are_refused(draw: object, expected: str) -> None:
    with pytest.raises(DataError, match=expected) as e:
        draw()  # type: ignore[operator]  # a lambda of the table above
    assert len(e.value.problems) == 1


@pytest.mark.parametrize("of", [2, 3, 7, 10])
def test_folds_hold_every_position_once_and_are_stratified(of: int) -> None:
    drawn = [split.fold(LABELS, index, of, 3, NAMES) for index in range(1, of + 1)]
    assert sorted(np.concatenate([held_out for held_out, _ in drawn]).tolist()) == list(range(len(LABELS)))
    for held_out, rest in drawn:
        assert sorted([*held_out.tolist(), *rest.tolist()]) == list(range(len(LABELS)))
    sizes = np.array([np.bincount(LABELS[held_out], minlength=3) for held_out, _ in drawn])
    assert np.ptp(sizes, axis=0).max() <= 1 and np.ptp(sizes.sum(axis=1)) <= 1 and sizes.min() >= 1
    assert all((held_out == np.sort(held_out)).all() for held_out, _ in drawn)


def test_folds_follow_their_seed_alone() -> None:
    once, again, other = (split.fold(LABELS, 1, 5, seed, NAMES)[0].tolist() for seed in (0, 0, 1))
    assert once == again != other
