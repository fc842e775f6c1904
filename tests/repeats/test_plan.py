"""The folder of repeats: created whole, read back, and found from below."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnbench.errors import ConfigError
from cnnbench.repeats.plan import parent_at, read_plan
from cnnbench.repeats.results import read_repeats
from cnnbench.runs.named import open_run
from cnnbench.runs.plan import read_plan as read_repeats_plan
from tests.builders.repeated import config, finished, planned
from tests.tools import runs_below


def test_a_plan_is_read_back(tmp_path: Path) -> None:
    folder = planned(tmp_path, "folds", (1, 2, 3, 4))
    assert sorted(p.name for p in folder.path.iterdir()) == ["base.yaml", "repeats.json"]
    plan = read_plan(folder)
    assert (plan.kind, list(plan.values), plan.base, plan.smoke) == ("folds", [1, 2, 3, 4], config(), False)
    record = json.loads(folder.plan.read_text())
    assert record["children"] == ["fold-1", "fold-2", "fold-3", "fold-4"]
    assert (record["name"], record["command"]) == ("tiny", "cnnbench train tiny.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"kind": "moods", "values": [1, 2], "children": ["seed-1", "seed-2"]}',
        '{"kind": "seeds", "values": [1, 2], "children": ["seed-1", "../../seed-2"]}',
        '{"kind": "seeds", "values": ["1", "2"], "children": ["seed-1", "seed-2"]}',
        '{"kind": "seeds", "values": [1], "children": ["seed-1"]}',
    ],
)
def test_a_broken_plan_is_one_line(text: str, tmp_path: Path) -> None:
    folder = planned(tmp_path)
    folder.plan.write_text(text)
    with pytest.raises(ConfigError, match=r"repeats\.json: ") as e:
        read_repeats_plan(folder.plan)
    assert len(str(e.value).splitlines()) == 1


def test_children_are_runs_and_their_folder_is_none(tmp_path: Path) -> None:
    folder = finished(tmp_path)
    assert [run.path.name for run in runs_below(tmp_path)] == ["seed-0", "seed-7", "seed-42"]
    with pytest.raises(ConfigError, match=r"repeats of one run, not a single run; .* such as .*seed-0$"):
        open_run(tmp_path)
    assert open_run(folder.child("seed-42")).path == folder.child("seed-42")


def test_repeats_are_found_from_below_and_from_above(tmp_path: Path) -> None:
    folder = finished(tmp_path)
    assert parent_at(folder.path) == folder
    assert parent_at(tmp_path / "tiny") == folder
    assert parent_at(folder.child("seed-7")) is None


def test_a_newer_single_run_is_not_taken_for_repeats(tmp_path: Path) -> None:
    finished(tmp_path)
    single = tmp_path / "tiny" / "29990101-000000-aaaaaaaa"
    single.mkdir()
    (single / "config.yaml").write_text("name: tiny\n")
    assert open_run(tmp_path).path == single
    assert parent_at(tmp_path) is None


def test_what_has_not_begun_is_counted(tmp_path: Path) -> None:
    assert read_repeats(planned(tmp_path)).count == "0 of 3 runs"
