from __future__ import annotations

import re

import pytest

from cnnbench.compare.comparison import Comparison, Options, compare, places
from cnnbench.compare.difference import difference
from cnnbench.errors import ConfigError
from tests.builders.compared import finished, repeats
from tests.builders.runs import digits, write_interrupted_run


def compared(*paths: object, **options: object) -> Comparison:
    return compare([str(path) for path in paths], Options(**options))  # type: ignore[arg-type]  # by name


@pytest.fixture
def three(tmp_path):
    """Wrong on 10, 20 and 60 images."""
    for name, wrong in (("b", range(20)), ("a", range(10)), ("c", range(60))):
        finished(tmp_path, wrong, name=name)
    return tmp_path


def test_the_best_is_first_and_the_baseline(three):
    (block,) = compared(three).blocks
    assert [group.name for group in block.groups] == ["a", "b", "c"]
    assert block.baseline.name == "a"
    assert [(d.a.name, d.b.name) for d in block.differences] == [("b", "a"), ("c", "a")]
    assert block.images == "497 test images of digits in 10 classes"


def test_a_baseline_chosen_for_being_best_is_corrected_over_all_pairs(three):
    (block,) = compared(three).blocks
    (fixed,) = compared(three, baseline="a").blocks
    assert {d.tests for d in block.differences} == {3}
    assert {d.tests for d in fixed.differences} == {2}
    raw = difference(block.groups[1], block.groups[0]).p
    assert raw is not None
    assert (block.differences[0].p, block.differences[0].adjusted) == (raw, pytest.approx(raw))  # the largest of three
    assert block.differences[1].adjusted == pytest.approx(3 * (block.differences[1].p or 0))
    assert fixed.differences[1].adjusted == pytest.approx(2 * (fixed.differences[1].p or 0))


def test_all_pairs(three):
    (block,) = compared(three, pairs=True, baseline="b").blocks
    assert [(d.a.name, d.b.name) for d in block.differences] == [("a", "b"), ("a", "c"), ("b", "c")]
    first, _, last = block.groups
    to_first, to_last = block.to_baseline(first), block.to_baseline(last)
    assert block.to_baseline(block.baseline) is None
    assert to_first is not None and to_first.a is first and to_first.difference > 0
    assert to_last is not None and to_last.a is last and to_last.difference < 0


def test_the_baseline_by_path(three, tmp_path):
    (run,) = (tmp_path / "b").iterdir()
    assert compared(three, baseline=str(run)).blocks[0].baseline.name == "b"


def test_the_baseline_by_the_folder_of_one_of_its_runs(seeds):
    (block,) = compared(*seeds, baseline=str(seeds[1] / "seed-2")).blocks
    assert block.baseline.name == "second"


def test_costs_are_ranked_upwards(three):
    groups = compared(three, by="log_loss").blocks[0].groups
    assert [group.name for group in groups] == ["a", "b", "c"]
    groups = compared(three, by="parameters.total").blocks[0].groups
    assert places(groups, "parameters.total") == [1, 1, 1]


def test_runs_without_the_measure_are_ranked_last(tmp_path):
    finished(tmp_path, range(20), name="ten")
    finished(tmp_path, range(2), name="two", classes=2, images="cd" * 32)
    found = compared(tmp_path, by="top_k.5", different_data=True)
    assert [places(block.groups, "top_k.5") for block in found.blocks] == [[1], [1]]


def test_different_test_images_are_refused_or_kept_apart(tmp_path):
    for name, images in (("a", "1" * 64), ("b", "1" * 64), ("x", "2" * 64)):
        finished(tmp_path, range(len(name)), name=name, images=images)
    with pytest.raises(ConfigError) as e:
        compared(tmp_path)
    (said,) = e.value.problems
    assert "a, b (497 test images of digits in 10 classes) and x (497" in said and "--different-data" in said
    first, second = compared(tmp_path, different_data=True, baseline="b").blocks
    assert ([group.name for group in first.groups], [group.name for group in second.groups]) == (["a", "b"], ["x"])
    assert (first.baseline.name, second.baseline.name) == ("b", "x")
    assert (len(first.differences), second.differences) == (1, ())


def test_the_same_pixels_with_other_classes_are_different_data(tmp_path):
    finished(tmp_path, [0], name="ten")
    finished(tmp_path, [0], name="two", classes=2)
    with pytest.raises(ConfigError, match="tested on different images"):
        compared(tmp_path)


def test_repeats_on_different_images_are_no_repeats(tmp_path):
    parent = repeats(tmp_path, {0: [1], 1: [2]})
    metrics = parent / "seed-1" / "metrics.json"
    metrics.write_text(metrics.read_text().replace("ab" * 32, "cd" * 32))
    finished(tmp_path, [1], name="other")
    with pytest.raises(ConfigError, match="different images, so they are no repeats"):
        compared(tmp_path, different_data=True)


def test_a_single_run_among_repeats_leaves_those_to_be_tested(seeds, better):
    (block,) = compared(better.path, *seeds, pairs=True).blocks
    assert [group.name for group in block.groups] == ["better", "first", "second"]
    assert [d.test for d in block.differences] == [None, None, "paired t-test"]
    assert block.differences[-1].tests == 1


@pytest.mark.parametrize(
    ("finishes", "said"),
    [
        (0, ["nothing to compare: no finished run", "stopped/.*: left out \\(interrupted: Ctrl-C\\)"]),
        (1, ["one run alone; comparing takes two", "stopped/.*: left out"]),
        (2, ["2 runs of one configuration alone; comparing takes two", "stopped/.*: left out"]),
    ],
)
def test_one_alone_is_no_comparison(tmp_path, finishes, said):
    write_interrupted_run(tmp_path, digits(), name="stopped")
    for seed in range(finishes):
        finished(tmp_path, [seed], seed=seed)
    with pytest.raises(ConfigError) as e:
        compared(tmp_path)
    assert len(e.value.problems) == len(said)
    assert all(re.search(pattern, line) for pattern, line in zip(said, e.value.problems, strict=True))


def test_an_unknown_baseline_is_refused(three):
    with pytest.raises(ConfigError, match=r"--baseline d: neither a name nor a folder .*; there are a, b, c"):
        compared(three, baseline="d")
