"""Every wrong sweep file is told in exactly one line per mistake, with file, line and key, and exit code 2."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cnnbench.cli.main import main
from cnnbench.errors import ConfigError
from cnnbench.sweep.define.file import load_sweep
from tests.sweep.malformed import WRONG
from tests.sweep.malformed.case import sweep
from tests.tools import cnnbench
from tests.wrong import Wrong


def test_none_is_there_twice() -> None:
    assert len({(str(w.files), w.overrides) for w in WRONG}) == len(WRONG)


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_load_sweep_tells_every_mistake(wrong: Wrong, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_sweep(wrong.write(tmp_path), wrong.overrides)
    assert raised.value.exit_code == 2
    wrong.assert_told(raised.value.problems, tmp_path)


@pytest.mark.parametrize("wrong", WRONG[::12], ids=str)
def test_the_command_exits_with_2_and_prints_a_line_per_mistake(
    wrong: Wrong, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["cnnbench", "sweep", str(wrong.write(tmp_path)), *wrong.overrides])
    with pytest.raises(SystemExit) as exited:
        main()
    out, err = capsys.readouterr()
    assert exited.value.code == 2
    assert out == ""
    wrong.assert_printed(err, tmp_path)
    assert not (tmp_path / "outputs").exists()


def test_validate_checks_sweeps(tmp_path: Path) -> None:
    wrong = WRONG[-1]
    result = cnnbench("validate", "tpe-digits", wrong.write(tmp_path), cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == "tpe-digits: ok\n"
    assert "Traceback" not in result.stderr
    wrong.assert_printed(result.stderr, tmp_path)


def test_where_optional_parts_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch and Ray are extras: what needs them is refused before anything runs."""
    lines = "search: gp\nexecution: ray\nbudget: {trials: 2}\nspace: {train.epochs: [3, 4]}"
    path = sweep(lines).write(tmp_path)
    monkeypatch.setattr("cnnbench.sweep.define.rules.find_spec", lambda name: object())
    assert load_sweep(path).execution.engine == "ray"
    monkeypatch.setattr("cnnbench.sweep.define.rules.find_spec", lambda name: None)
    with pytest.raises(ConfigError) as raised:
        load_sweep(path)
    assert raised.value.problems == (
        f"{path}:2: search.method: gp needs PyTorch, which is not installed; pip install 'cnnbench[gp]' brings it",
        f"{path}:3: execution.engine: Ray is not installed; pip install 'cnnbench[ray]' brings it",
    )
