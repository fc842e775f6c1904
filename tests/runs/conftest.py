from __future__ import annotations

from pathlib import Path

import pytest

from cnnbench.runs.folder import RunDir
from tests.builders.runs import digits, write_run


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    """A finished run on the ten digits, nothing drawn yet."""
    return write_run(tmp_path, digits())
