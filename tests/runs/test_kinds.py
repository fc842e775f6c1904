"""One answer to what a folder is, also for a sweep of which only its file is there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cnnbench.files.whole import write_text
from cnnbench.runs.kinds import kind_of, parent_of
from cnnbench.runs.named import stands_for
from cnnbench.runs.walk import walk
from tests.builders.compared import finished, repeats, sweep
from tests.report.command import cnnbench

TRIALS = [{"point": "p1", "state": "done", "values": {"train.epochs": 3}, "wrong": {0: [1], 1: [2]}}]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, repeats, a sweep and a sweep that has not begun."""
    folder = tmp_path_factory.mktemp("outputs")
    finished(folder / ".made", [1], path=folder / "net" / "20260101-000000-aaaaaaaa")
    repeats(folder, {0: [1], 1: [2]}, name="again")
    sweep(folder, TRIALS)
    write_text(folder / "planned" / "sweep.yaml", "base: lenet5-mnist\nspace: {train.epochs: [1, 2]}\n")
    return folder


def test_a_folder_is_what_it_holds(root: Path) -> None:
    kinds = {str(path.relative_to(root)): kind for path in root.rglob("*") if (kind := kind_of(path))}
    shown = {name: kind for name, kind in kinds.items() if not name.startswith(".")}
    assert shown == {
        "net/20260101-000000-aaaaaaaa": "run",
        "again/20260301-120000-repeats": "repeats",
        "again/20260301-120000-repeats/seed-0": "run",
        "again/20260301-120000-repeats/seed-1": "run",
        "rates": "sweep",
        "rates/trials/p1/seed-0": "run",
        "rates/trials/p1/seed-1": "run",
        "planned": "sweep",
    }
    assert kind_of(root / "nowhere") is None
    assert parent_of(root / "rates/trials/p1/seed-0") == root / "rates"
    assert parent_of(root / "again/20260301-120000-repeats/seed-1") == root / "again/20260301-120000-repeats"
    assert parent_of(root / "net/20260101-000000-aaaaaaaa") is None


def test_a_sweep_that_has_not_begun_is_listed_and_told(root: Path) -> None:
    code, out, _ = cnnbench("runs", root)
    assert code == 0 and any(line.split()[-1] == str(root / "planned") for line in out.splitlines())
    said = f"{root}/planned: a sweep that has not begun, or whose trials are gone; "
    said += f"`cnnbench sweep {root}/planned/sweep.yaml` runs it"
    for command in ("report", "compare", "evaluate"):
        assert cnnbench(command, root / "planned") == (2, "", f"error: {said}\n")
    code, out, _ = cnnbench("compare", root)
    assert code == 0 and f"{root}/planned" in out and "a sweep that has not begun" in out


def test_a_sweep_file_above_runs_is_no_sweep(root: Path, tmp_path: Path) -> None:
    outputs = shutil.copytree(root, tmp_path / "outputs")
    write_text(tmp_path / "sweep.yaml", "base: lenet5-mnist\n")
    expected = {found.path for found in walk(outputs, children=False)}
    assert {found.path for found in walk(tmp_path, children=False)} == expected
    assert stands_for(tmp_path).path in expected
    assert cnnbench("compare", tmp_path)[0] == 0
