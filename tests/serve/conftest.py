"""A small network in plain NumPy, trained in moments, and its application."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import cnnbench
from cnnbench.runs.folder import RunDir
from cnnbench.serve.app import application
from cnnbench.serve.limits import Limits
from cnnbench.serve.served import Served, open_served
from tests.tools import tiny


def plain_run(folder: Path) -> RunDir:
    """Train an epoch of a network without a framework, in a moment."""
    config = tiny(augment=[], train__epochs=1, train__backend="numpy", data__subset={"train": 100, "test": 20})
    return RunDir(cnnbench.run(config, output=folder).path)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    return plain_run(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="session")
def served(run: RunDir) -> Served:
    return open_served(run.path, None, 8)


@pytest.fixture
def client(served: Served) -> Iterator[TestClient]:
    with TestClient(application(served, Limits(), wait=0.002)) as client:
        yield client
