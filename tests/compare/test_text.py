from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnbench.compare.comparison import Comparison, Options, compare
from cnnbench.compare.document import as_document
from cnnbench.compare.tables import ranked
from cnnbench.compare.text import as_markdown, as_text
from cnnbench.compare.write import write_files
from cnnbench.evaluation.metrics import wilson_interval
from cnnbench.text import p_value, points
from tests.builders.compared import IMAGES, finished, read_rows, repeats
from tests.report.conftest import HOSTILE


@pytest.fixture(scope="module")
def pair(better, worse) -> Comparison:
    return compare([str(worse.path), str(better.path)], Options())


@pytest.fixture(scope="module")
def repeated(seeds) -> Comparison:
    return compare([str(path) for path in seeds], Options())


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.00819, "+0.82"), (-0.00819, "−0.82"), (0.00001, "0.00"), (-0.00001, "0.00"), (0, "0.00"), (None, "–")],
)
def test_points_are_rounded_and_signed(share, said):
    assert points(share) == said


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (1.0, "1"),
        (1 - 1e-12, "1"),
        (0.999, "0.999"),
        (0.04994, "0.0499"),
        (0.05, "0.0500"),
        (0.000123456, "0.000123"),
        (1e-9, "< 0.0001"),
        (None, "–"),
    ],
)
def test_p_values_have_three_significant_digits(p, said):
    assert p_value(p) == said


def test_text_of_two_runs(pair):
    lines = as_text(pair).splitlines()
    assert lines[0] == "497 test images of digits in 10 classes"
    assert lines[1].split()[:4] == ["rank", "name", "runs", "accuracy"]
    first, second = lines[2].split(), lines[3].split()
    low, high = wilson_interval(IMAGES - 10, IMAGES)
    assert first[:5] == ["1", "better", "1", "97.99", "%"]
    assert (float(first[5]), float(first[7]), first[8]) == (
        pytest.approx(100 * low, abs=0.01),
        pytest.approx(100 * high, abs=0.01),
        "(Wilson)",
    )
    assert first[-6:] == ["650", "640", "3.1", "s", "2,500", "8"]
    assert second[:5] == ["2", "worse", "1", "93.96", "%"]
    told = next(line for line in lines if line.startswith("worse"))
    assert told.split()[2] == "−4.02" and told.split()[-4:] == ["462", "5", "25", "5"]
    assert any(line.startswith("better is better than worse on these 497 images: +4.02 points") for line in lines)
    assert sum("says nothing about the methods" in line for line in lines) == 1
    assert not any("Holm" in line for line in lines)


def test_text_of_repeats(repeated):
    text = as_text(repeated)
    assert "97.52 %" in text and "(t)" in text
    assert "paired t-test (3 runs each, paired by seed)" in text
    assert "first is better than second over 3 runs each, paired by seed" in text
    assert "McNemar" not in text


def test_runs_taken_as_repeats_are_said(tmp_path, better):
    for seed in (0, 1):
        finished(tmp_path, [seed], seed=seed, name="found")
    text = as_text(compare([str(tmp_path), str(better.path)], Options()))
    assert "found: 2 runs that differ in the seed (0, 1) alone, taken as repeats." in text


def test_what_was_left_out_and_marked_is_said(tmp_path):
    finished(tmp_path, [1], name="quick", smoke=True)
    finished(tmp_path, [1], name="real", images="1" * 64)
    finished(tmp_path, [2], name="other", images="1" * 64)
    assert "smoke run (--smoke takes it in)" in as_text(compare([str(tmp_path)], Options()))
    text = as_text(compare([str(tmp_path)], Options(smoke=True, different_data=True)))
    assert text.startswith("Smoke runs are among these") and "quick (smoke)" in text
    assert "These groups were tested on different images" in text
    assert text.count("497 test images of digits") >= 2


def test_another_metric_has_a_column(better, worse):
    found = compare([str(better.path), str(worse.path)], Options(by="calibration_error"))
    text = as_text(found)
    assert "calibration_error" in text.splitlines()[1]
    assert "Ranked by calibration_error; differences and tests are of accuracy." in text


def test_markdown_has_the_same_tables(pair):
    text = as_markdown(pair)
    lines = text.splitlines()
    assert "## 497 test images of digits in 10 classes" in lines
    row = next(line for line in lines if line.startswith("| 1 | better |"))
    header = lines[lines.index(row) - 2]
    assert header.count("|") == row.count("|") == 13
    assert "- better is better than worse on these 497 images: +4.02 points" in text
    assert text.endswith("\n") and "\n\n\n" not in text


def test_names_cannot_break_the_output(tmp_path):
    for number, name in enumerate(("a|b *c* <i>", "x\ny\x1b[31m")):
        run = finished(tmp_path, range(number * 9), name=f"n{number}")
        run.config.write_text(json.dumps({"name": name, "data": {}, "model": {"name": name}}))
    found = compare([str(tmp_path)], Options())
    assert "\x1b" not in as_text(found) and "\ny" not in as_text(found)
    assert r"| a\|b \*c\* \<i\> |" in as_markdown(found)


def test_hostile_class_names_are_shown(tmp_path):
    from dataclasses import replace

    from tests.builders.compared import spoilt
    from tests.builders.runs import write_run

    for name, wrong in (("a", [1]), ("b", [2, 3])):
        run = write_run(tmp_path, replace(spoilt(wrong), class_names=HOSTILE), name=name)
        metrics = json.loads(run.metrics.read_text())
        metrics["data"]["test_images"] = {"sha256": "1", "of": "pixels and labels"}
        run.metrics.write_text(json.dumps(metrics))
    text = as_text(compare([str(tmp_path)], Options()))
    assert "日本語" in text and "\x1b" not in text and "line�break�" in text


def test_csv_files(tmp_path, pair, better):
    files = write_files(pair, csv=tmp_path / "out" / "table.csv")
    assert [path.name for path in files] == ["table.csv", "table-pairs.csv", "table-disagreements.csv"]
    first, second = read_rows(files[0])
    assert (first["rank"], first["name"], first["path"]) == ("1", "better", str(better.path))
    assert float(first["accuracy"]) == (IMAGES - 10) / IMAGES
    assert (first["difference"], first["interval"], first["runs"]) == ("", "Wilson", "1")
    assert float(second["difference"]) == pytest.approx(-20 / IMAGES)
    (told,) = read_rows(files[1])
    assert (told["a"], told["b"], told["verdict"]) == ("worse", "better", "b better")
    assert (told["only_a"], told["only_b"], told["test"]) == ("5", "25", "McNemar's exact test")
    rows = read_rows(files[2])
    assert [row["row"] for row in rows] == [str(i) for i in [*range(5), *range(10, 35)]]
    assert (rows[0]["better"] != rows[0]["true"], rows[0]["worse"]) == (True, rows[0]["true"])


def test_the_document(pair, repeated):
    found = json.loads(json.dumps(as_document(pair)))
    (block,) = found["blocks"]
    assert [group["name"] for group in block["groups"]] == ["better", "worse"]
    assert block["groups"][0]["measures"]["accuracy"]["mean"] == (IMAGES - 10) / IMAGES
    (told,) = block["differences"]
    assert told["agreement"] == {"both": 462, "only_a": 5, "only_b": 25, "neither": 5}
    assert (told["verdict"], told["tests"], told["p"]) == ("b better", 1, told["p_holm"])
    assert len(block["disagreements"]) == 30
    first = block["disagreements"][0]
    assert (first["row"], first["predicted"][1]) == (0, first["true"]) and first["predicted"][0] != first["true"]
    assert len(block["per_class_f1"]) == 10
    (block,) = as_document(repeated)["blocks"]
    assert block["groups"][0]["measures"]["accuracy"]["runs"] == 3
    assert block["differences"][0]["runs"] == "3 runs each, paired by seed"


def test_per_class_differences_are_differences_of_means(repeated):
    (block,) = as_document(repeated)["blocks"]
    for line in block["per_class_f1"]:
        first, second = (
            [run.measures[f"per_class.{line['class']}.f1"] for run in group.runs] for group in repeated.groups
        )
        assert line["baseline"] == pytest.approx(sum(first) / 3)
        assert line["differences"]["second"] == pytest.approx(sum(second) / 3 - sum(first) / 3)


def test_a_few_groups_are_told_per_class_in_the_terminal(tmp_path: Path):
    for number in range(8):
        finished(tmp_path, range(number), name=f"n{number}")
    assert "F1 per class" not in as_text(compare([str(tmp_path)], Options()))
    few = [str(tmp_path / f"n{number}") for number in range(3)]
    assert "F1 per class of the baseline" in as_text(compare(few, Options()))


def test_no_number_of_degenerate_repeats_is_nan(tmp_path):
    paths = [repeats(tmp_path, {0: range(n), 1: range(n)}, name=f"n{n}") for n in (1, 5)]
    found = compare([str(path) for path in paths], Options())
    assert "nan" not in as_text(found).lower() and "NaN" not in json.dumps(as_document(found))
    assert "no spread to measure it against" in as_text(found)
    assert [row[4] for row in ranked(found.blocks, "accuracy").texts()] == ["95 % interval", "–", "–"]
    assert [group["accuracy_interval"] for group in as_document(found)["blocks"][0]["groups"]] == [None, None]


def test_repeats_that_agree_claim_no_certainty(tmp_path):
    paths = [repeats(tmp_path, {0: [number], 1: [number]}, name=f"n{number}") for number in (1, 5)]
    found = compare([str(path) for path in paths], Options())
    text, (told,) = as_text(found), as_document(found)["blocks"][0]["differences"]
    assert "cannot tell" in text and "0.00 points, no interval, as nothing varies" in text
    assert (told["interval"], told["p"]) == (None, 1.0)
