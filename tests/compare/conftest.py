from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from cnnbench.compare.runs import Group, Run, read_run
from cnnbench.runs.folder import RunDir
from tests.builders.compared import finished, repeats


@pytest.fixture(scope="session")
def better(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """Wrong on ten images."""
    return finished(tmp_path_factory.mktemp("better"), range(10), name="better")


@pytest.fixture(scope="session")
def worse(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """Wrong on thirty images, five of them the better one's."""
    return finished(tmp_path_factory.mktemp("worse"), range(5, 35), name="worse")


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two repeats parents with the same three seeds; the first is better by 10, 12 and 11 images."""
    root = tmp_path_factory.mktemp("seeds")
    first = repeats(root, {0: range(10), 1: range(12), 2: range(15)}, name="first")
    second = repeats(root, {0: range(20), 1: range(24), 2: range(26)}, name="second")
    return first, second


def run_of(folder: RunDir) -> Run:
    """Read a run that can be compared."""
    run = read_run(folder.path)
    assert isinstance(run, Run)
    return run


def group_of(*folders: RunDir, name: str) -> Group:
    """Make a group of runs."""
    runs = tuple(run_of(folder) for folder in folders)
    return Group(name, folders[0].path, runs, "run" if len(runs) == 1 else "seeds", len(runs))


def made(root: Path, name: str, wrong: dict[int, Iterable[int]]) -> Group:
    """Make a group of runs by seed and the rows each is wrong on."""
    return group_of(*(finished(root, rows, name=name, seed=seed) for seed, rows in wrong.items()), name=name)
