"""What a sweep writes on its leaderboard is what everybody reads there."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnbench.errors import DataError
from cnnbench.files.whole import write_text
from cnnbench.runs.leaderboard import Leaderboard, Standing, read_leaderboard, write_leaderboard

BOARD = Leaderboard(
    objectives=["val_accuracy", "macs"],
    axes=["train.epochs", "-odd"],
    standings=[
        Standing(
            rank=1,
            trial=4,
            point="p4",
            state="done",
            runs=2,
            values={"train.epochs": "3", "-odd": "=1+1"},
            means={"val_accuracy": (0.9, 0.1, 0.8, 1.0), "macs": (640.0, None, None, None)},
            tested={"accuracy": 0.875, "cohen_kappa": 0.5},
            epochs=2.5,
            seconds=1 / 3,
        ),
        Standing(None, 2, "p2", "failed", 0, {"train.epochs": "4", "-odd": "x"}, reason="-inf, it said"),
    ],
)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_leaderboard(tmp_path / "leaderboard.csv", BOARD)
    assert read_leaderboard(tmp_path / "leaderboard.csv") == BOARD
    assert BOARD.best is BOARD.standings[0]
    assert read_leaderboard(tmp_path / "nowhere.csv") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "not a leaderboard (columns rank, trial, point, state)"),
        ("", "not a leaderboard (columns rank, trial, point, state)"),
        ("rank,trial,point,state\n,1,p,done\n", "not a leaderboard (invalid literal for int() with base 10: '')"),
        ("rank,trial,point,state,seconds\n1,1,p,done,long\n", "not a leaderboard (could not convert string to float: "),
        ("rank,trial,point,state\n1,1\n", "not a leaderboard (zip() argument 2 is shorter than argument 1)"),
        ("\xff", "cannot be read ("),
    ],
)
def test_damage_is_one_line_that_names_the_file(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "leaderboard.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError) as e:
        read_leaderboard(path)
    assert str(e.value).startswith(f"{path}: {said}")


def test_what_older_versions_did_not_write_is_not_asked_for(tmp_path: Path) -> None:
    write_text(tmp_path / "leaderboard.csv", "rank,trial,point,state\n1,7,p7,done\n,8,p8,pruned\n")
    found = read_leaderboard(tmp_path / "leaderboard.csv")
    assert found is not None and [one.point for one in found.standings] == ["p7", "p8"]
    assert found.best == Standing(1, 7, "p7", "done")
