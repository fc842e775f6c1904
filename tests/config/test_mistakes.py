"""Every wrong configuration is told in exactly one line per mistake, with file, line and key, and exit code 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cnnbench.cli.main import main
from cnnbench.config.load import load_config
from cnnbench.errors import ConfigError
from tests.config.malformed import WRONG
from tests.wrong import Wrong


def test_every_mistake_is_made_once() -> None:
    assert len({(str(w.files), w.overrides) for w in WRONG}) == len(WRONG)


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_load_config_tells_every_mistake(wrong: Wrong, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_config(wrong.write(tmp_path), wrong.overrides)
    assert raised.value.exit_code == 2
    wrong.assert_told(raised.value.problems, tmp_path)


@pytest.mark.parametrize("wrong", [w for w in WRONG if not w.overrides], ids=str)
def test_validate_exits_with_2_and_prints_a_line_per_mistake(
    wrong: Wrong, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["cnnbench", "validate", str(wrong.write(tmp_path))])
    with pytest.raises(SystemExit) as exited:
        main()
    out, err = capsys.readouterr()
    assert exited.value.code == 2
    assert out == ""
    wrong.assert_printed(err, tmp_path)


@pytest.mark.parametrize("wrong", WRONG[:: len(WRONG) // 6], ids=str)
def test_the_process_prints_no_traceback(wrong: Wrong, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cnnbench", "train", str(wrong.write(tmp_path)), *wrong.overrides]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    wrong.assert_printed(result.stderr, tmp_path)
