"""`cnnbench init` writes a configuration that is right and learns."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cnnbench.cli.main import main
from cnnbench.config.load import load_config


def init(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(sys, "argv", ["cnnbench", "init", *arguments])
    with pytest.raises(SystemExit) as exited:
        main()
    return exited.value.code


def test_the_written_file_is_right_and_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert init(monkeypatch=monkeypatch) == 0
    config = load_config("experiment.yaml")
    assert config.data.source == "digits"
    assert sum("#" in line for line in Path("experiment.yaml").read_text().splitlines()) > 10


def test_a_file_that_is_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("precious")
    assert init(str(path), monkeypatch=monkeypatch) == 2
    assert path.read_text() == "precious"
    assert capsys.readouterr().err == f"error: {path}: there is a file already; --force overwrites it\n"
    assert init(str(path), "--force", monkeypatch=monkeypatch) == 0
    assert load_config(path).name == "my-experiment"


@pytest.mark.parametrize(
    ("name", "reason"),
    [(".", "a folder; expected the name of a .yaml file"), ("mine.txt", "expected a name that ends")],
)
def test_names_that_cannot_be_written(
    name: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert init(name, monkeypatch=monkeypatch) == 2
    assert capsys.readouterr().err.startswith(f"error: {name}: {reason}")
    assert list(tmp_path.iterdir()) == []


def test_a_new_folder_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert init(str(tmp_path / "new" / "mine.yaml"), monkeypatch=monkeypatch) == 0
    assert load_config(tmp_path / "new" / "mine.yaml").model.layers
