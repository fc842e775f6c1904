"""`cnnbench train` as a user meets it: output, options, exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cnnbench.machine.cpu import processor
from cnnbench.runs.run import Run
from tests.tools import cnnbench, only_run, process, start, tiny, write_config


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path, tiny(train__epochs=2))


def test_plain_lines_away_from_a_terminal(config: Path, tmp_path: Path) -> None:
    done = cnnbench("train", config, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    data, network, computed, *epochs = done.stdout.splitlines()[:5]
    assert data == "data      digits: 160 training, 40 validation, 180 test images; 10 classes"
    assert re.fullmatch(r"network   tiny-net, [\d,]+ parameters", network)
    assert computed.startswith(f"computed  by tensorflow on {processor()}, float32")
    assert all(line.startswith("epoch ") for line in epochs)
    number = r"[\d.e+-]+"
    shown = rf"epoch 2/2  loss {number}  accuracy {number} %  val_loss {number}  val_accuracy {number} %  lr {number}  "
    assert re.match(shown + rf"{number} images/s  {number} s$", epochs[1])
    run = only_run(tmp_path / "outputs")
    assert f"{run.relative_to(tmp_path)}/report.html" in done.stdout
    assert "worst class" in done.stdout
    assert "\x1b" not in done.stdout


def test_json_is_the_only_thing_on_standard_output(config: Path, tmp_path: Path) -> None:
    done = cnnbench("train", config, "--json", "--name", "renamed", "--output", "elsewhere", cwd=tmp_path)
    assert done.returncode == 0
    result = json.loads(done.stdout)
    assert Path(result["path"]).parent == Path("elsewhere/renamed")
    assert result["metrics"] == json.loads((tmp_path / result["path"] / "metrics.json").read_text())
    assert "epoch 1/2" in done.stderr


def test_quiet_leaves_the_result(config: Path, tmp_path: Path) -> None:
    done = cnnbench("train", config, "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "epoch 1" not in done.stdout
    assert "test accuracy" in done.stdout


@pytest.mark.parametrize(("least", "code"), [("0.01", 0), ("1.0", 5)])
def test_fail_under(least: str, code: int, config: Path, tmp_path: Path) -> None:
    done = cnnbench("train", config, "--fail-under", f"accuracy={least}", "--quiet", cwd=tmp_path)
    assert done.returncode == code
    assert ("--fail-under accuracy=1.0: accuracy is 0." in done.stderr) == (code == 5)
    assert Run(only_run(tmp_path / "outputs")).status["state"] == "done"


def test_smoke_says_so(config: Path, tmp_path: Path) -> None:
    done = cnnbench("train", config, "--smoke", "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["status"]["smoke"] is True
    assert json.loads(done.stdout)["metrics"]["data"]["source"] == "synthetic"


@pytest.mark.slow
def test_two_runs_in_the_same_second_get_two_folders(config: Path, tmp_path: Path) -> None:
    both = [start("train", config, cwd=tmp_path) for _ in range(2)]
    assert [process.communicate()[1] and process.returncode for process in both] in (["", ""], [0, 0])
    assert len(list(tmp_path.glob("outputs/tiny/*/report.html"))) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["lenet5-digit"], 2, "did you mean lenet5-digits?"),
        (["nowhere.yaml"], 2, "nowhere.yaml"),
        ([], 2, "needs a configuration"),
        (["lenet5-digits", "train.epoch=3"], 2, "did you mean epochs?"),
        (["lenet5-digits", "train.epochs=many"], 2, "train.epochs"),
        (["lenet5-digits", "--fail-under", "acuracy=0.9"], 2, "did you mean accuracy?"),
        (["lenet5-digits", "--fail-under", "accuracy=2"], 2, "no number from 0 to 1"),
        (["lenet5-digits", "--fail-under", "accuracy"], 2, "expected metric=value"),
        (["lenet5-digits", "--backend", "tensorflaw"], 2, "did you mean tensorflow?"),
        (["--resume", "nowhere"], 2, "nowhere"),
        (["lenet5-digits", "--name", "a/b"], 2, "name"),
        (["mnist-that-is-not-there.yaml"], 2, "mnist-that-is-not-there"),
        (["lenet5-mnist", "--offline"], 3, "$CNNBENCH_DATA"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], code: int, expected: str, tmp_path: Path) -> None:
    empty = tmp_path / "home"
    empty.mkdir()
    done = cnnbench("train", *arguments, cwd=tmp_path, HOME=str(empty), KERAS_HOME=str(empty), CNNBENCH_DATA=str(empty))
    assert done.returncode == code
    assert expected in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    assert not (tmp_path / "outputs").exists()


def test_an_unknown_option_is_a_usage_error(tmp_path: Path) -> None:
    done = cnnbench("train", "lenet5-digits", "--epochs", "3", cwd=tmp_path)
    assert done.returncode == 2
    assert "No such option: --epochs" in done.stderr


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    done = process("train", "--debug", "nowhere.yaml", cwd=tmp_path)
    assert done.returncode != 0
    assert "Traceback" in done.stderr and "ConfigError" in done.stderr
