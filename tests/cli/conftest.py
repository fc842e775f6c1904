"""Small trained runs that tests of several commands look at and leave as they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import cnnbench
from cnnbench.files.lock import LOCK
from cnnbench.runs.folder import RunDir
from tests.builders.images import write_image
from tests.tools import tiny

HOSTILE = ("[red]", 'a,b "c"', "<i>", "日本語", "two\nlines")


@pytest.fixture(scope="session")
def digits_run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """Two epochs on digits."""
    output = tmp_path_factory.mktemp("digits-run")
    return RunDir(cnnbench.run(tiny(train__epochs=2), output=output).path)


@pytest.fixture(scope="session")
def hostile_run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """One epoch on an image folder whose classes and files have names that mean something elsewhere."""
    folder = tmp_path_factory.mktemp("hostile")
    for k, name in enumerate(HOSTILE):
        for i in range(8):
            write_image(folder / "images" / name / f'[bold]{i},"x".png', seed=100 * k + i, size=(9, 12))
        first = folder / "images" / name / '[bold]0,"x".png'
        first.rename(first.parent / os.fsdecode(b"\xff.png"))  # no UTF-8
    data = {"source": "image_folder", "path": str(folder / "images")}
    config = tiny(name="hostile", data=data, train__epochs=1)
    return RunDir(cnnbench.run(config, output=folder / "outputs").path)


@pytest.fixture(scope="session")
def unfinished_run(tmp_path_factory: pytest.TempPathFactory, digits_run: RunDir) -> RunDir:
    """A run that was stopped before its test images were looked at."""
    folder = tmp_path_factory.mktemp("unfinished") / "run"
    folder.mkdir()
    for file in (digits_run.config, digits_run.history, digits_run.model):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "status.json").write_text('{"state": "interrupted", "pid": 1, "host": "elsewhere"}')
    return RunDir(folder)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with what it holds, but for who worked there last."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != LOCK}
