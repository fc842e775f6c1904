"""Tables on terminals of 60, 80, 120 and 200 columns, and away from one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnbench.report.text import width
from tests.compare.makers import finished, sweep
from tests.listing.makers import make_repeats, make_run, make_sweep
from tests.report.command import cnnbench
from tests.terminal import WIDTHS, on_terminal

NAME = "thesis-cnn-growing-dropout-cifar10"


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compared")
    finished(folder, range(10), name=NAME)
    finished(folder, range(5, 35), name="lenet5")
    values = {"train.optimizer.learning_rate": 0.001, "train.epochs": 12}
    sweep(folder, [{"point": "p1", "state": "done", "values": values, "wrong": {0: [1, 2], 1: [3]}}])
    return folder


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("listed")
    changes = ["train.optimizer.learning_rate=0.003", "train.epochs=12", "seed=7"]
    make_run(folder / NAME / "20260101-000000-aaaaaaaa", accuracy=0.98996, changes=changes)
    make_run(folder / "lenet5" / "20260102-000000-aaaaaaaa", state="interrupted", smoke=True)
    make_repeats(folder / "mlp" / "20260102-000000-bbbbbbbb", [0.5, 0.75])
    make_sweep(folder / "rates", [0.625])
    return folder


def whole_words(lines: list[str], piped: str) -> bool:
    """Return whether every word on a screen is one that is written away from it too, or a part of one; numbers aside, some of which are times."""
    words = piped.split()
    shown = [word for line in lines for word in line.split() if any(map(str.isalpha, word))]
    return all(any(word in whole for whole in words) and "…" not in word for word in shown)


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("what", ["compare", "runs", "data", "inspect", "plan"])
def test_tables_fit_and_no_word_is_cut(what: str, columns: int, compared: Path, listed: Path, monkeypatch) -> None:
    monkeypatch.chdir(compared if what == "compare" else listed)
    arguments = {
        "compare": ["compare", "."],
        "runs": ["runs", "."],
        "data": ["data", "list"],
        "inspect": ["inspect", "vgg16", "--input", "224x224x3"],
        "plan": ["sweep", "learning-rate-digits", "--plan"],
    }[what]
    lines = on_terminal(columns, *arguments)
    assert max(map(width, lines)) <= columns
    monkeypatch.setenv("COLUMNS", str(columns))
    code, piped, err = cnnbench(*arguments)
    assert (code, err) == (0, "") and whole_words(lines, piped)
    assert len(piped.splitlines()) <= len(lines), "a row is a line"
    assert [line for line in piped.splitlines() if line != line.rstrip() or "\x1b" in line] == []
