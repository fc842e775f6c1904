from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from cnnbench.report.write import write_report
from cnnbench.runs.folder import RunDir
from tests.builders.runs import digits, pairs, write_interrupted_run, write_run

HOSTILE = [
    "<script>alert(1)</script>",
    "$x$",
    "[bold]",
    "x" * 200,
    "line\nbreak\u202e",
    "\"'&amp;",
    "日本語",
    r"$\frac{1}{",
    "_^{}",
    "\x1b[31mred",
]
HOSTILE_FILE = '<img src="https://example.org/x.png" onerror="alert(2)"> ' + "f" * 300 + ".png"


@pytest.fixture
def run(tmp_path) -> RunDir:
    """A finished run on the ten digits, nothing drawn yet."""
    return write_run(tmp_path, digits())


@pytest.fixture(scope="session")
def drawn(tmp_path_factory) -> Callable[[str], RunDir]:
    """Give finished and drawn runs by name, each drawn once, to be looked at only."""

    @cache
    def give(name: str) -> RunDir:
        run = WRITERS[name](tmp_path_factory.mktemp(name))
        write_report(run)
        return run

    return give


WRITERS: dict[str, Callable[[Path], RunDir]] = {
    "two": lambda root: write_run(root, digits(2)),
    "ten": lambda root: write_run(root, digits()),
    "hundred": lambda root: write_run(root, pairs()),
    "hostile": lambda root: write_run(root, digits().named(HOSTILE, HOSTILE_FILE), smoke=True),
    "interrupted": lambda root: write_interrupted_run(root, digits()),
}
