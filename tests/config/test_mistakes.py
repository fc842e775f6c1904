"""Every wrong configuration is told in exactly one line per mistake, with file, line and key, and exit code 2."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from cnnbench.cli.main import main
from cnnbench.config.load import load_config
from cnnbench.errors import ConfigError
from tests.config.malformed import WRONG
from tests.config.malformed.case import FILE, Wrong


def write(wrong: Wrong, folder: Path) -> Path:
    for name, content in wrong.files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder / FILE


def expected_starts(wrong: Wrong, folder: Path) -> list[str]:
    """Return the start of each line with the paths as they are printed."""
    others = tuple(name for name in wrong.files if name != FILE)
    return [
        f"{folder / FILE}:{start}" if re.match(r"\d+: ", start) else
        f"{folder / start}" if start.startswith((*others, FILE)) else start
        for start in wrong.expected
    ]  # fmt: skip


def assert_told(lines: Sequence[str], wrong: Wrong, folder: Path) -> None:
    starts = expected_starts(wrong, folder)
    assert len(lines) == len(starts), lines
    assert all("\n" not in line for line in lines)
    for line, start in zip(lines, starts, strict=True):
        pattern = ".*".join(map(re.escape, start.split(" ... ")))
        assert re.match(pattern, line), f"{line!r} does not start with {start!r}"


def test_there_are_more_than_two_hundred() -> None:
    assert len(WRONG) > 200
    assert len({(str(w.files), w.overrides) for w in WRONG}) == len(WRONG)


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_load_config_tells_every_mistake(wrong: Wrong, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_config(write(wrong, tmp_path), wrong.overrides)
    assert raised.value.exit_code == 2
    assert_told(raised.value.problems, wrong, tmp_path)


@pytest.mark.parametrize("wrong", [w for w in WRONG if not w.overrides], ids=str)
def test_validate_exits_with_2_and_prints_a_line_per_mistake(
    wrong: Wrong, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["cnnbench", "validate", str(write(wrong, tmp_path))])
    with pytest.raises(SystemExit) as exited:
        main()
    out, err = capsys.readouterr()
    assert exited.value.code == 2
    assert out == ""
    assert_told([line.removeprefix("error: ") for line in err.splitlines()], wrong, tmp_path)


@pytest.mark.parametrize("wrong", WRONG[:: len(WRONG) // 6], ids=str)
def test_the_process_prints_no_traceback(wrong: Wrong, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cnnbench", "train", str(write(wrong, tmp_path)), *wrong.overrides]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert_told([line.removeprefix("error: ") for line in result.stderr.splitlines()], wrong, tmp_path)
