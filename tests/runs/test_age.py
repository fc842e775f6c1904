"""Runs are sorted by when they were created, wherever the time is told."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from cnnbench.files.whole import write_text
from cnnbench.runs.named import open_run
from tests.tools import runs_below


def test_runs_inside_of_others_are_as_old_as_these(tmp_path: Path) -> None:
    inside = [f"a/20260102-000000-aa/seed-{n}" for n in (0, 9, 10)]
    alone = ["a/20260101-000000-bb", "a/20260103-000000-cc"]
    for name in (*alone, *inside):
        write_text(tmp_path / name / "config.yaml", "name: a\n")
    found = [str(run.path.relative_to(tmp_path)) for run in runs_below(tmp_path)]
    assert found == [alone[0], *inside, alone[1]]
    assert open_run(tmp_path / "a").path.name == "20260103-000000-cc"
    assert open_run(tmp_path / "a" / "20260102-000000-aa").path.name == "seed-10"


def test_where_no_name_tells_a_time_the_file_does(tmp_path: Path) -> None:
    for name in ("20260101-000000-aa", "sweep/trials/point/seed-0", "20260103-000000-bb"):
        write_text(tmp_path / name / "config.yaml", "name: a\n")
    second = datetime(2026, 1, 2, tzinfo=UTC).timestamp()
    os.utime(tmp_path / "sweep/trials/point/seed-0/config.yaml", (second, second))
    assert [run.path.name for run in runs_below(tmp_path)] == ["20260101-000000-aa", "seed-0", "20260103-000000-bb"]
