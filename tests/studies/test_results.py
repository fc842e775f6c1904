"""What is published beside what is measured: verdicts, claims, tables and page of runs that are there."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml

from cnnbench.runs.parents import RepeatsDir
from cnnbench.studies.file import Scale, Study, load_study
from cnnbench.studies.folder import StudyDir
from cnnbench.studies.lines import beside
from cnnbench.studies.results import Results, read_results
from cnnbench.studies.sections import StudyFile
from cnnbench.studies.text import as_document, as_text
from cnnbench.studies.write import write_results
from tests.builders.repeated import finish, varied
from tests.studies.test_file import documented

RUNS = {"good": [0.871, 0.870, 0.869], "better": [0.881, 0.880, 0.879], "wide": [0.80, 0.95], "one": [0.87]}


def results_of(published: dict[str, Any] | None = None, claim: dict[str, Any] | None = None, **others: Any) -> Results:
    """Return a study of rows that another program measured, the number published for one, and a claim."""
    rows = []
    for key, runs in RUNS.items():
        elsewhere = {"command": "other", "data": "images", "runs": {"accuracy": runs, "seconds": runs}}
        rows.append({"key": key, "title": key, "elsewhere": elsewhere})
    row = others.pop("row", "good")
    if published:
        rows[list(RUNS).index(row)]["published"] = [{"at": "table 1", "decimals": 3, "values": published}]
    claims = [{"key": "claim", "says": "so", "at": "page 1", **claim}] if claim else []
    file = StudyFile.model_validate({"title": "T", "citation": "C", "rows": rows, "claims": claims, **others})
    return read_results(Study("t", file, "full", {}, Path("t.yaml")), StudyDir(Path("nowhere")))


@pytest.mark.parametrize(
    ("row", "value", "verdict"),
    [
        ("good", 0.870, "holds"),
        ("good", 0.875, "holds"),  # another run would lie up to 0.875
        ("good", 0.876, "differs by more than the interval"),
        ("good", {"over": 0.7}, "holds"),
        ("good", {"under": 0.5}, "differs by more than the interval"),
        ("good", {"over": 0.87}, "cannot be told"),
        ("good", {"over": 0.8, "under": 0.9}, "holds"),
        ("wide", 0.870, "cannot be told"),
        ("one", 0.870, "cannot be told"),
    ],
)
def test_a_number_holds_where_one_more_run_would_give_it(row: str, value: Any, verdict: str) -> None:
    (number,) = results_of({"accuracy": value}, row=row).numbers
    assert number.verdict == verdict


def test_rows_of_which_nothing_is_published_stand_beside_the_others() -> None:
    found = beside(results_of({"accuracy": 0.870}))
    assert [(line.key, line.what) for line in found] == [
        (key, what) for key in ("better", "wide", "one") for what in ("Accuracy", "Seconds of training")
    ]
    better, alone = found[0], found[-2]
    assert (better.measured, better.runs, better.interval) == (pytest.approx(0.88), 3, "0.8750 to 0.8850")
    assert (alone.measured, alone.runs, alone.interval, alone.verdict) == (0.87, 1, "–", "–")


def test_no_interval_goes_beyond_what_can_be() -> None:
    curves = {"best.val_accuracy": [0.05, 0.9], "epoch.3.val_loss": [0.1, 2.0], "seconds": [1.0, 9.0]}
    row = {"key": "a", "title": "a", "elsewhere": {"command": "other", "data": "images", "runs": curves}}
    file = StudyFile.model_validate({"title": "T", "citation": "C", "rows": [row]})
    results = read_results(Study("t", file, "full", {}, Path("t.yaml")), StudyDir(Path("nowhere")))
    share, loss, seconds = beside(results)
    assert (share.low, share.high) == (0, 1)
    assert loss.low == seconds.low == 0 and loss.high is not None and loss.high > 10


def test_times_are_of_another_machine() -> None:
    (number,) = results_of({"seconds": 0.870}).numbers
    assert (number.verdict, number.reason) == ("cannot be told", "a time, on another machine")
    assert number.difference == pytest.approx(0)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ({"row": "better", "than": "good", "is": "higher"}, "holds"),
        ({"row": "better", "than": "good", "is": "higher", "by": 0.005}, "holds"),
        ({"row": "better", "than": "good", "is": "higher", "by": 0.02}, "does not hold"),
        ({"row": "better", "than": "good", "is": "higher", "by": 0.01}, "cannot be told"),
        ({"row": "better", "than": "good", "is": "lower"}, "does not hold"),
        ({"row": "better", "than": "good", "is": "same", "by": 0.05}, "holds"),
        ({"row": "better", "than": "good", "is": "same", "by": 0.001}, "does not hold"),
        ({"row": "better", "than": "good", "is": "higher", "times": 7}, "does not hold"),
        ({"row": "better", "than": "good", "is": "higher", "times": 1.001}, "holds"),
        ({"row": "better", "than": "wide", "is": "higher"}, "cannot be told"),
        ({"row": "better", "than": "one", "is": "higher"}, "cannot be told"),
        ({"rows": ["good", "better"], "is": "rising"}, "holds"),
        ({"rows": ["good", "better"], "is": "falling"}, "does not hold"),
        ({"rows": ["good", "better", "wide"], "is": "rising"}, "cannot be told"),
    ],
)
def test_a_claim_is_judged_by_the_interval_of_the_difference(claim: dict[str, Any], verdict: str) -> None:
    (found,) = results_of(claim=claim).claims
    assert found.verdict == verdict


def test_words_are_judged_by_the_claims_that_their_row_names() -> None:
    rows = [
        {"key": key, "title": key, "elsewhere": {"command": "c", "data": "d", "runs": {"accuracy": RUNS[key]}}}
        for key in ("good", "better")
    ]
    words = {
        "key": "w",
        "title": "w",
        "not_run": "a figure",
        "see": ["c"],
        "published": [{"at": "f", "says": "rising"}],
    }
    claim = {"key": "c", "says": "s", "at": "a", "is": "rising", "rows": ["good", "better"]}
    file = StudyFile.model_validate({"title": "T", "citation": "C", "rows": [*rows, words], "claims": [claim]})
    results = read_results(Study("t", file, "full", {}, Path("t.yaml")), StudyDir(Path("nowhere")))
    assert "holds: see c" in as_text(results, None)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "lenet-digits.yaml"
    path.write_text(documented(), encoding="utf-8")
    return path


def finished(path: Path, scale: Scale = "full") -> Results:
    """Write the runs of the documented study by hand, and what they say."""
    loaded = load_study(path, scale)
    folder = StudyDir.of(path.parent, loaded.name, scale)
    for key, config in loaded.configs.items():
        for seed in loaded.seeds(loaded.row(key)):
            place = folder.run(config, seed)
            finish(RepeatsDir(place.parent), place.name, varied(seed + (5 if key == "lenet5" else 0)))
    results = read_results(loaded, folder)
    write_results(results)
    return results


def test_page_and_tables_say_the_same(study: Path) -> None:
    results = finished(study)
    with results.folder.csv.open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [
        (line["key"], line["what"], line["published"], line["verdict"]) for line in lines if line["runs"] == ""
    ] == [
        ("lenet5-size", "Parameters", "44,426", "holds"),
        ("lenet5-size", "Depth", "5", "holds"),
        ("lenet5-size", "Size (10^6 bytes)", "0.18", "holds"),
        ("stable", "flat beyond epoch 8", "in words", "cannot be told"),
        ("rate", "Accuracy: lenet5 against lenet5-fast", "higher by 0.03", "does not hold"),
        ("lenet5-fast", "arithmetic", "", "the source contradicts itself"),
        ("", "arithmetic", "", "the source contradicts itself"),
    ]
    first = lines[0]
    mean = sum(run.measures["accuracy"] for run in results.row("lenet5").runs) / 3
    assert float(first["measured"]) == pytest.approx(mean) and float(first["low"]) < mean < float(first["high"])
    assert float(first["difference"]) == pytest.approx(mean - 0.98) and first["runs"] == "3"
    assert first["command"] == "cnnbench train lenet5-digits train.epochs=10 --seeds 0,1,2"
    assert first["deviations"] == "the source does not name its split" and float(first["seconds"]) > 0
    html, markdown = (path.read_text(encoding="utf-8") for path in (results.folder.page, results.folder.markdown))
    for said in ("recall 0.952 cannot differ from accuracy 0.950", "353 right + 8 wrong make 361, not 360"):
        assert said in html and said in markdown
    assert as_document(results)["lines"][0]["measured"] == pytest.approx(mean)


def test_numbers_of_the_small_scale_are_not_judged(study: Path) -> None:
    results = finished(study, "small")
    assert results.folder.path.name == "lenet-digits-small"
    assert {n.verdict for n in results.numbers if n.runs and n.measured.runs} == {
        "cannot be told",
        "the source contradicts itself",
    }
    assert [claim.reason for claim in results.claims] == ["at the small scale"]
    assert "few of them" in results.folder.page.read_text(encoding="utf-8")


def test_what_has_not_run_says_so(study: Path) -> None:
    results = read_results(load_study(study), StudyDir(study.parent))
    verdicts = [n.verdict for n in results.numbers if n.measured.row.key == "lenet5"]
    assert set(verdicts) == {"not run yet"}
    assert [claim.reason for claim in results.claims] == ["lenet5: not run yet"]


def test_weights_that_are_nowhere_are_a_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("CNNBENCH_DATA", "TORCH_HOME", "XDG_CACHE_HOME", "KERAS_HOME", "HF_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    config = {
        "data": {"source": "cifar10", "image_size": 224},
        "model": {"architecture": "vgg16", "weights": "imagenet", "freeze": "base"},
    }
    published = [{"at": "t", "values": {"accuracy": 0.87, "parameters.trainable": 40970}}]
    row = {"key": "vgg16", "title": "VGG16", "config": config, "published": published}
    path = tmp_path / "s.yaml"
    path.write_text(yaml.safe_dump({"title": "T", "citation": "C", "rows": [row]}), encoding="utf-8")
    results = read_results(load_study(path), StudyDir(tmp_path))
    assert [n.verdict for n in results.numbers] == ["weights not available", "holds"]
