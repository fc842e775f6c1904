"""Tables on terminals of 60, 80, 120 and 200 columns, and away from one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnbench.cli.doctor import as_text
from cnnbench.sweep.tell.tables import ranking
from cnnbench.text import width
from tests.builders.compared import finished, sweep
from tests.builders.listed import make_repeats, make_run, make_sweep
from tests.builders.sweeps import MADE
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


def broken_words(lines: list[str], piped: str) -> list[str]:
    """Return the words on a screen that are none of those written away from it, nor parts of one that end at a sign.

    Numbers alone are left aside: some are times.
    """
    words = piped.split()
    shown = [word for line in lines for word in line.split() if any(map(str.isalpha, word))]
    return [word for word in shown if not any(is_part(word, whole) for whole in words)]


def is_part(word: str, whole: str) -> bool:
    return whole.endswith(word) or (word in whole and word[-1] in "/_,=-")


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("what", ["compare", "runs", "data", "inspect", "plan", "list"])
def test_tables_fit_and_no_word_is_cut(what: str, columns: int, compared: Path, listed: Path, monkeypatch) -> None:
    monkeypatch.chdir(compared if what == "compare" else listed)
    arguments = {
        "compare": ["compare", "."],
        "runs": ["runs", "."],
        "data": ["data", "list"],
        "inspect": ["inspect", "vgg16", "--input", "224x224x3"],
        "plan": ["sweep", "learning-rate-digits", "--plan"],
        "list": ["list", "experiments"],
    }[what]
    lines = on_terminal(columns, *arguments)
    folders = [line for line in lines if what == "runs" and " " not in line]  # stay whole, to be copied
    assert max(width(line) for line in lines if line not in folders) <= columns
    monkeypatch.setenv("COLUMNS", str(columns))
    code, piped, err = cnnbench(*arguments)
    assert (code, err) == (0, "") and broken_words(lines, piped) == []
    assert len([line for line in piped.splitlines() if line]) <= len(lines), "a row is a line"
    assert [line for line in piped.splitlines() if line != line.rstrip() or "\x1b" in line] == []


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_result_of_a_sweep_and_what_doctor_says_fit(columns: int) -> None:
    found = {
        "machine": {"system": "Linux-6.18 with glibc", "devices": ["GPU " * 9, "GPU"]},
        "data": {"mnist": "/d e/" * 20},
    }
    for table in (ranking(MADE["broken_grid"]()).text(columns), as_text(found, columns)):
        assert max(map(width, table.splitlines())) <= columns
    piped = as_text(found, None).splitlines()
    assert len(piped) == 3 and piped[2] == f"data     mnist    {'/d e/' * 20}"
