from __future__ import annotations

import pytest

from cnnbench.listing.table import run_table


def described(**changes):
    run = {
        "path": "outputs/a/1",
        "name": "a",
        "state": "done",
        "alive": False,
        "smoke": False,
        "epoch": 8,
        "epochs": 20,
    }
    return {**run, "started": "2026-03-01T10:00:00+00:00", "seconds": 61.0, "accuracy": 0.98996, **changes}


def test_run_table_has_a_line_per_run():
    lines = run_table([described(), described(name="[red]x", accuracy=None, path="outputs/b/2")]).splitlines()
    titles = ["started", "(UTC)", "name", "data", "network", "changed", "state", "epochs", "accuracy", "time", "folder"]
    assert lines[0].split() == titles
    first = ["2026-03-01", "10:00", "a", "done", "8/20", "99.00", "%", "1", "min", "1", "s", "outputs/a/1"]
    assert lines[1].split() == first
    assert lines[2].split() == ["2026-03-01", "10:00", "[red]x", "done", "8/20", "1", "min", "1", "s", "outputs/b/2"]


def test_where_a_folder_has_no_room_beside_the_others_it_stands_above_them():
    runs = [described(changes=["train.epochs=8", "seed=1"], data="digits", network="lenet5"), described(name="x" * 39)]
    wide, narrow = run_table(runs, 200).splitlines(), run_table(runs, 60).splitlines()
    assert len(wide) == 3 and "epochs=8, seed=1" in wide[1] and wide[1].endswith("  outputs/a/1")
    assert narrow[::2] == ["folder", "outputs/a/1", "outputs/a/1"] and max(map(len, narrow)) <= 60
    assert narrow[3].split()[:5] == ["digits", "lenet5", "epochs=8,", "seed=1", "done"]


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"smoke": True}, "done (smoke)"),
        ({"state": "running", "alive": True}, "running"),
        ({"state": "running", "alive": False}, "stopped"),
        ({"state": "failed", "smoke": True}, "failed (smoke)"),
    ],
)
def test_state_tells_smoke_runs_and_dead_ones(changes, shown):
    columns = run_table([described(**changes)]).splitlines()
    at = columns[0].index("state")
    assert columns[1][at:].split("  ")[0] == shown


def test_empty_cells_for_what_a_run_does_not_have():
    line = run_table([described(started=None, epoch=None, epochs=None, seconds=None, accuracy=None)])
    assert line.splitlines()[1].split() == ["a", "done", "outputs/a/1"]
