from __future__ import annotations

from dataclasses import replace
from math import comb

import numpy as np
import pytest
import yaml
from scipy import stats

from cnnbench.compare.difference import adjusted, difference, turned
from cnnbench.compare.wording import cautions, sentence
from cnnbench.errors import ConfigError, DataError
from cnnbench.runs.folder import RunDir
from cnnbench.statistics.images import MCNEMAR, Agreement
from cnnbench.statistics.runs import PAIRED, WELCH
from tests.builders.compared import IMAGES, finished
from tests.compare.conftest import group_of, made


def test_two_runs_by_mcnemars_test(better, worse):
    found = difference(group_of(better, name="A"), group_of(worse, name="B"))
    assert found.agreement == Agreement(both=IMAGES - 35, only_a=25, only_b=5, neither=5)
    tail = sum(comb(30, k) for k in range(6)) / 2**30
    assert (found.test, found.p) == (MCNEMAR, pytest.approx(2 * tail))
    assert found.difference == pytest.approx(20 / IMAGES)
    assert found.interval is not None and 0 < found.interval[0] < 20 / IMAGES < found.interval[1]
    assert sentence(found) == (
        "A is better than B on these 497 images: +4.02 points, 95 % interval +2.01 to +6.44 "
        "(McNemar's exact test: p = 0.000325)"
    )


def test_the_sentence_names_the_better_one_first(better, worse):
    a, b = group_of(better, name="A"), group_of(worse, name="B")
    assert sentence(difference(b, a)) == sentence(difference(a, b))
    back = turned(turned(difference(a, b)))
    assert back == difference(a, b)
    assert turned(back).agreement == difference(b, a).agreement


def test_runs_that_cannot_be_told_apart(tmp_path, better):
    other = finished(tmp_path, range(3, 14))  # wrong on 0-2 the one, on 10-13 the other
    found = difference(group_of(better, name="A"), group_of(other, name="B"))
    assert found.p == 1.0 and not found.significant
    assert sentence(found).startswith("these data cannot tell A from B: +0.20 points, 95 % interval −1.05 to +1.52")


def test_the_same_answers(tmp_path, better):
    found = difference(group_of(better, name="A"), group_of(finished(tmp_path, range(10)), name="B"))
    assert (found.p, found.difference) == (1.0, 0)
    assert "cannot tell A from B: 0.00 points, 95 % interval −0.77 to +0.77" in sentence(found)


def test_runs_of_the_same_seeds_by_a_paired_test(tmp_path):
    a = made(tmp_path, "A", {0: range(10), 1: range(12), 2: range(15)})
    b = made(tmp_path, "B", {2: range(26), 0: range(20), 1: range(24)})
    found = difference(a, b)
    d = np.array([10, 12, 11]) / IMAGES
    t = d.mean() / (d.std(ddof=1) / 3**0.5)
    half = stats.t.ppf(0.975, 2) * d.std(ddof=1) / 3**0.5
    assert (found.test, found.p) == (PAIRED, pytest.approx(2 * stats.t.sf(t, 2)))
    assert found.interval == pytest.approx((d.mean() - half, d.mean() + half))
    assert sentence(found).startswith("A is better than B over 3 runs each, paired by seed: +2.21 points")


def test_folds_pair_up_and_are_warned_of(tmp_path):
    groups = []
    for name, wrong in (("A", (10, 12, 15)), ("B", (20, 24, 29))):
        folders = []
        for index, count in enumerate(wrong, start=1):
            run = finished(tmp_path, range(count), name=name)
            config = yaml.safe_load(run.config.read_text())
            config["data"]["fold"] = {"index": index, "of": 3}
            run.config.write_text(yaml.safe_dump(config))
            folders.append(run)
        groups.append(replace(group_of(*folders, name=name), kind="folds"))
    found = difference(*groups)
    assert (found.test, found.runs) == (PAIRED, "3 runs each, paired by fold")
    assert any("p-values are too small" in line for line in cautions(groups, [found]))


def test_the_interval_of_few_runs_stays_below_one(tmp_path):
    low, high = made(tmp_path, "A", {0: [], 1: range(30)}).accuracy_interval
    assert 0 < low < 1 and high == 1


@pytest.mark.parametrize("change", ["seeds", "validation"])
def test_runs_that_do_not_pair_up_by_welchs_test(tmp_path, change):
    a = made(tmp_path, "A", {0: range(10), 1: range(12), 2: range(15)})
    folders = [finished(tmp_path, range(20 + 3 * i), name="B", seed=i) for i in (0, 1, 2)]
    if change == "seeds":
        folders.append(finished(tmp_path, range(29), name="B", seed=3))
    else:
        folders[1].split.write_text(folders[0].split.read_text())
    b = group_of(*folders, name="B")
    found = difference(a, b)
    expected = stats.ttest_ind(a.values("accuracy"), b.values("accuracy"), equal_var=False)
    assert (found.test, found.p) == (WELCH, pytest.approx(expected.pvalue))
    assert found.runs == f"3 runs against {len(folders)} runs"
    assert turned(found).runs == f"{len(folders)} runs against 3 runs"


def test_a_single_run_is_not_tested_against_several(tmp_path, better):
    several = made(tmp_path, "B", {0: range(20), 1: range(24)})
    found = difference(group_of(better, name="A"), several)
    assert (found.test, found.p, found.interval) == (None, None, None)
    assert sentence(found) == (
        "A and B cannot be tested against each other (+2.41 points on average): A is a single run, which does not "
        "show how its runs vary; B has 2 runs"
    )


def test_a_constant_difference_is_not_tested(tmp_path):
    a = made(tmp_path, "A", {0: range(10), 1: range(12)})
    b = made(tmp_path, "B", {0: range(20), 1: range(22)})
    found = difference(a, b)
    assert (found.test, found.p, found.interval) == (PAIRED, None, None)
    assert "the difference is the same in every pair" in sentence(found)
    assert "nan" not in sentence(found)


def test_groups_count_images_by_their_majority(tmp_path):
    a = made(tmp_path, "A", {0: [0, 1], 1: [0], 2: [2]})  # the majority is wrong on 0 alone
    b = made(tmp_path, "B", {0: [3], 1: [3], 2: [3]})
    assert difference(a, b).agreement == Agreement(both=IMAGES - 2, only_a=1, only_b=1, neither=0)


def test_holm_over_what_was_tested(tmp_path, better, worse):
    groups = [group_of(better, name="A"), group_of(worse, name="B"), made(tmp_path, "C", {0: [1], 1: [2]})]
    raw = [difference(groups[0], groups[1]), difference(groups[0], groups[2]), difference(groups[1], groups[0])]
    first, untested, last = adjusted(raw)
    assert first.adjusted == pytest.approx(2 * raw[0].p) == last.adjusted
    assert (untested.adjusted, untested.tests, first.tests) == (None, 1, 2)
    assert "p = 0.000325, 0.000650 after Holm over 2 tests" in sentence(first)


def test_runs_whose_predictions_do_not_fit_are_refused(tmp_path, better):
    short = finished(tmp_path, [1])
    lines = short.predictions.read_text().splitlines(keepends=True)
    short.predictions.write_text("".join(lines[:-1]))
    with pytest.raises(ConfigError, match=r"predictions.csv: does not list the images"):
        difference(group_of(better, name="A"), group_of(RunDir(short.path), name="B"))
    short.predictions.write_text("index,name,true,predicted,p_0\n0,,7,7,1\n")
    with pytest.raises(DataError, match=r"predictions.csv: not a table of predictions \('7'\)"):
        difference(group_of(better, name="A"), group_of(RunDir(short.path), name="B"))
    short.predictions.unlink()
    with pytest.raises(ConfigError, match=r"predictions.csv: cannot be read \(No such file or directory\)"):
        difference(group_of(better, name="A"), group_of(RunDir(short.path), name="B"))


def test_what_the_tests_are_about_is_said_once(tmp_path, better, worse):
    a, b = group_of(better, name="A"), group_of(worse, name="B")
    said = cautions([a, b], [difference(a, b), difference(b, a)])
    assert [line.split(" ")[0] for line in said] == ["McNemar's"]
    c, d = (made(tmp_path, name, {0: [1], 1: range(n)}) for name, n in (("C", 5), ("D", 9)))
    said = cautions([c, d], [difference(c, d)])
    assert [line.split(" ")[0] for line in said] == ["t-tests", "Images"]
