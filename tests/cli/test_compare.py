from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import cnnbench as package
from cnnbench.runs.folder import RunDir
from tests.builders.compared import finished, read_rows, repeats, sweep
from tests.builders.runs import digits, write_interrupted_run
from tests.report.command import cnnbench
from tests.tools import tiny

HEAVY = ("tensorflow", "keras", "torch", "jax", "sklearn", "matplotlib", "optuna", "PIL")


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunDir, RunDir]:
    """Two real trainings on the digits, one of them for one batch's worth of learning."""
    output = tmp_path_factory.mktemp("trained")
    good = package.run(tiny(name="good", train__epochs=4), output=output)
    poor = package.run(tiny(name="poor", train__epochs=1), output=output, train__optimizer__learning_rate=1e-5)
    return RunDir(good.path), RunDir(poor.path)


def test_two_trainings_from_end_to_end(trained, tmp_path):
    good, poor = trained
    files = {name: tmp_path / f"comparison.{name}" for name in ("csv", "md", "html")}
    options = [word for name, file in files.items() for word in (f"--{name}", file)]
    code, out, err = cnnbench("compare", poor.path, good.path, *options)
    assert (code, err) == (0, "")
    images = json.loads(good.metrics.read_text())["images"]
    assert out.startswith(f"{images} test images of digits in 10 classes\nrank  name")
    assert f"good is better than poor on these {images} images" in out
    beside = [tmp_path / f"comparison-{what}.csv" for what in ("pairs", "disagreements")]
    assert out.splitlines()[-5:] == [str(path) for path in (files["csv"], *beside, files["md"], files["html"])]
    first, second = read_rows(files["csv"])
    accuracies = [json.loads(run.metrics.read_text())["accuracy"] for run in (good, poor)]
    assert [float(row["accuracy"]) for row in (first, second)] == accuracies
    answers = [{row["index"]: row["predicted"] for row in read_rows(run.predictions)} for run in (good, poor)]
    differ = [index for index in answers[0] if answers[0][index] != answers[1][index]]
    assert [row["index"] for row in read_rows(beside[1])] == differ
    assert files["html"].read_text().count("<img") > 10 and "good is better than poor" in files["md"].read_text()


def test_the_document_is_all_there_is_on_standard_output(trained, tmp_path):
    page = tmp_path / "page.html"
    code, out, err = cnnbench("compare", *(run.path for run in trained), "--json", "--html", page)
    assert (code, err) == (0, f"{page}\n")
    (block,) = json.loads(out)["blocks"]
    assert [group["name"] for group in block["groups"]] == ["good", "poor"]
    assert block["differences"][0]["test"] == "McNemar's exact test"


def test_quiet_leaves_the_files_alone(trained, tmp_path):
    page = tmp_path / "page.md"
    assert cnnbench("compare", *(run.path for run in trained), "--quiet", "--md", page) == (0, "", "")
    assert page.exists()


def test_everything_at_once(tmp_path):
    repeats(tmp_path, {0: range(10), 1: range(12)}, name="first")
    trial = {"point": "p", "state": "done", "values": {"train.epochs": 3}, "wrong": {0: range(20), 1: range(25)}}
    sweep(tmp_path, [trial])
    write_interrupted_run(tmp_path, digits(), name="stopped")
    code, out, err = cnnbench("compare", f"{tmp_path}/*", "--pairs", "--baseline", "epochs=3", "--by", "macro.f1")
    assert (code, err) == (0, "")
    assert "paired t-test" in out and "interrupted: Ctrl-C" in out and "Ranked by macro.f1" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{a}", "nowhere"], "nowhere: no such folder"),
        (["{a}"], "one run alone; comparing takes two"),
        (["{a}", "{b}", "--by", "acuracy"], "--by acuracy: no run has this metric; did you mean accuracy?"),
        (["{a}", "{b}", "--baseline", "c"], "--baseline c: neither a name nor a folder of what is compared"),
        (["{a}", "{b}", "{other}"], "tested on different images: "),
        (["{a}", "{b}", "{smoke}"], "a smoke run, whose numbers say nothing; --smoke compares it all the same"),
        (["{a}", "{b}", "--csv", "{a}"], "cannot be written"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_mistakes_are_one_line_with_code_2(tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    runs = {"a": finished(tmp_path, [1], name="a"), "b": finished(tmp_path, [2], name="b")}
    runs["other"] = finished(tmp_path, [2], name="other", images="1" * 64)
    runs["smoke"] = finished(tmp_path, [2], name="smoke", smoke=True)
    paths = {name: str(run.path) for name, run in runs.items()}
    code, out, err = cnnbench("compare", *(argument.format(**paths) for argument in arguments))
    assert (code, out) == (2, "")
    assert err.startswith("error: ") and err.count("\n") == 1 and said in err


def test_a_fresh_process_stays_light(trained, tmp_path):
    code = (
        "import sys; from cnnbench.cli.main import main\n"
        "try: main()\n"
        f"finally: print('heavy:', *set(sys.modules) & set({HEAVY}), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "compare", *(str(run.path) for run in trained)]
    table = Path(tmp_path / "table.csv")
    done = subprocess.run([*command, "--csv", str(table)], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "heavy:\n")
    assert "good is better than poor" in done.stdout and table.exists()
