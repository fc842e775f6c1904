"""`cnnbench validate` as a user sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cnnbench.cli.main import main
from cnnbench.config.load import architecture_names, experiment_names

GOOD = "name: demo\nmodel: {layers: [Flatten, classifier]}\n"


def run(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[object, str, str]:
    monkeypatch.setattr(sys, "argv", ["cnnbench", "validate", *arguments])
    with pytest.raises(SystemExit) as exited:
        main()
    out, err = capsys.readouterr()
    return exited.value.code, out, err


def test_everything_shipped_is_right(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    names = [*experiment_names(), *architecture_names()]
    code, out, err = run(names, monkeypatch, capsys)
    assert (code, err) == (0, "")
    assert out.splitlines() == [f"{name}: ok" for name in names]


def test_several_files_are_all_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.yaml").write_text(GOOD)
    Path("bad.yaml").write_text(GOOD + "seed: x\ntrain: {epochs: 0}\n")
    Path("net.yaml").write_text(
        "input: [8, 8, 1]\nclasses: 3\nlayers:\n- Flatten\n- Dense: {units: 4, bias: 1}\n- classifier\n"
    )
    code, out, err = run(["bad.yaml", "good.yaml", "net.yaml", "gone.yaml"], monkeypatch, capsys)
    assert code == 2
    assert out == "good.yaml: ok\n"
    assert [line.split(": ")[1:3] for line in err.splitlines()] == [
        ["bad.yaml:3", "seed"],
        ["bad.yaml:4", "train.epochs"],
        ["net.yaml:5", "model.layers[1].Dense.bias"],
        ["gone.yaml", "no such file"],
    ]


def test_json_is_one_document_also_for_mistakes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.yaml").write_text(GOOD + "seed: x\n")
    code, out, err = run(["--json", "lenet5", "bad.yaml", "lenet55"], monkeypatch, capsys)
    assert (code, err) == (2, "")
    document = json.loads(out)
    assert document["ok"] is False
    assert [(c["config"], c["kind"], c["ok"], len(c["mistakes"])) for c in document["configs"]] == [
        ("lenet5", "architecture", True, 0),
        ("bad.yaml", "experiment", False, 1),
        ("lenet55", None, False, 1),
    ]


def test_json_of_right_files_exits_with_0(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["lenet5-digits", "--json"], monkeypatch, capsys)
    assert code == 0
    assert json.loads(out)["ok"] is True


def test_quiet_prints_nothing_for_right_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lenet5-digits", "--quiet"], monkeypatch, capsys) == (0, "", "")


def test_an_unknown_name_says_what_is_close(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(["vgg166"], monkeypatch, capsys)
    assert code == 2
    assert err.endswith("did you mean vgg16?\n")


def test_an_architecture_whose_layers_do_not_fit_its_own_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "input: [4, 4, 1]\nclasses: 3\nlayers:\n- Conv2D: {filters: 2, kernel_size: 5}\n- Flatten\n- classifier\n"
    )
    code, _, err = run([str(path)], monkeypatch, capsys)
    assert code == 2
    assert f"{path}:4: model.layers[0].Conv2D: kernel 5x5 is larger than its map 4x4" in err


def test_without_files_the_usage_is_told() -> None:
    result = subprocess.run([sys.executable, "-m", "cnnbench", "validate"], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "CONFIG" in result.stderr
    assert "Traceback" not in result.stderr
