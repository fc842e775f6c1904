"""What comes from outside cannot steer a terminal, and programs get it as it is."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from cnnbench.runs.folder import RunDir
from tests.builders.images import write_folder
from tests.report.command import cnnbench

EVIL = "ev\x1b[31m\u202e\x9b0il"
SHOWN = "ev�[31m��0il"


@pytest.fixture
def folder(digits_run: RunDir, tmp_path: Path) -> Path:
    """A folder of images beside a run, below a name that holds escapes."""
    folder = tmp_path / EVIL
    write_folder(folder / "images", ("cat", EVIL), per_class=4)
    (folder / "run").mkdir()
    for file in digits_run.path.iterdir():
        if file.is_file():
            (folder / "run" / file.name).write_bytes(file.read_bytes())
    return folder


@pytest.mark.parametrize(
    "command",
    ["report {}/run", "runs {}", "data check {}/images", "init {}/x.yaml", "validate {}/run/config.yaml"],
)
def test_names_are_shown_harmless(command: str, folder: Path) -> None:
    code, out, err = cnnbench(*(part.format(folder) for part in command.split()))
    assert (code, err) == (0, "")
    assert SHOWN in out and not set(out) & set(EVIL) - set("evil[31m0")


def test_a_document_holds_escapes_and_reads_back(folder: Path) -> None:
    code, out, _ = cnnbench("runs", folder, "--json")
    assert code == 0 and out.isascii()
    assert json.loads(out)[0]["path"] == f"{folder}/run"


def test_a_program_gets_names_as_they_are_and_a_terminal_harmless(folder: Path) -> None:
    command = [sys.executable, "-m", "cnnbench", "runs", "--quiet", str(folder)]
    assert subprocess.run(command, capture_output=True, text=True).stdout == f"{folder}/run\n"
    shown, terminal = pty.openpty()
    subprocess.run(command, stdout=terminal, check=True)
    os.close(terminal)
    said = os.read(shown, 10_000).decode()
    os.close(shown)
    assert SHOWN in said and EVIL not in said
