from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Places:
    """The three places named data sets are looked for in, all empty."""

    path: Path
    data: Path
    keras: Path


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setenv("CNNBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    found = Places(tmp_path / "path", tmp_path / "data", tmp_path / "keras" / "datasets")
    for place in (found.path, found.data, found.keras):
        place.mkdir(parents=True)
    return found
