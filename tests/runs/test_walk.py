from __future__ import annotations

import pytest

from cnnbench.compare.find import find
from cnnbench.errors import ConfigError
from cnnbench.runs.named import stands_for
from cnnbench.runs.walk import walk
from tests.builders.listed import make_repeats, make_run, make_sweep
from tests.tools import listed


def kinds(root, found):
    return [(str(one.path.relative_to(root)), one.kind) for one in found]


def test_repeats_and_a_sweep_are_one_line_each_with_mean_or_best(tmp_path):
    make_run(tmp_path / "plain/20260101-000000-a", accuracy=0.9)
    make_repeats(tmp_path / "mlp/20260102-000000-b", [0.5, 0.75])
    make_sweep(tmp_path / "rates", [0.625, 0.5])
    found = listed(tmp_path)
    assert {(run["name"], run["kind"], run["runs"], run["accuracy"]) for run in found} == {
        ("plain", "run", None, 0.9),
        ("mlp", "repeats", 2, 0.625),
        ("rates", "sweep", 2, 0.625),
    }


def test_their_runs_are_listed_on_request_under_the_experiments_name(tmp_path):
    make_repeats(tmp_path / "mlp/20260102-000000-b", [0.5, 0.75])
    make_sweep(tmp_path / "rates", [0.625])
    found = {(run["name"], run["path"][len(str(tmp_path)) + 1 :]) for run in listed(tmp_path, children=True)}
    assert found == {
        ("mlp", "mlp/20260102-000000-b"),
        ("mlp", "mlp/20260102-000000-b/seed-0"),
        ("mlp", "mlp/20260102-000000-b/seed-1"),
        ("rates", "rates"),
        ("rates", "rates/trials/point0/seed-0"),
        ("rates", "rates/trials/bad/seed-0"),
    }
    (one,) = listed(tmp_path / "mlp/20260102-000000-b/seed-1")
    assert (one["name"], one["accuracy"]) == ("mlp", 0.75)
    assert {run["name"] for run in listed(tmp_path / "rates/trials")} == {"rates"}


def test_before_their_first_run_is_done_they_have_no_accuracy(tmp_path):
    repeats = make_repeats(tmp_path / "mlp/20260102-000000-b", [0.5], state="running")
    (repeats / "summary.json").unlink()
    sweep = make_sweep(tmp_path / "rates", [])
    (sweep / "leaderboard.csv").unlink()
    assert [(run["runs"], run["accuracy"]) for run in listed(tmp_path)] == [(0, None), (0, None)]
    (sweep / "leaderboard.csv").write_text("rank,state\n,\n")
    assert {run["state"] for run in listed(tmp_path)} == {"running", "unreadable"}


def test_hidden_folders_are_passed_by_and_so_are_links_to_what_is_met_anyway(tmp_path):
    run = make_run(tmp_path / "real/20260101-000000-a")
    make_run(tmp_path / ".hidden/20260101-000000-b")
    make_run(tmp_path / "real/.pruning-0-x")
    (tmp_path / "link").symlink_to(run.parent)
    (tmp_path / "real/20260102-000000-c").symlink_to(run)
    (tmp_path / "round").symlink_to(tmp_path)
    assert kinds(tmp_path, walk(tmp_path, children=True)) == [("real/20260101-000000-a", "run")]


def test_a_link_to_a_folder_elsewhere_is_followed_alike_by_whatever_looks_for_runs(tmp_path):
    """`runs`, `compare FOLDER`, and the newest run that `report`, `evaluate` and `--resume` go to."""
    here, there = tmp_path / "outputs", tmp_path / "disk"
    make_run(here / "a/20260101-000000-a")
    make_run(there / "b/20260102-000000-b")
    (there / "b/back").symlink_to(here)
    (there / "b/round").symlink_to(there)
    (here / "linked").symlink_to(there)
    (here / "again").symlink_to(there / "b")
    (here / "a/20260103-000000-c").symlink_to(make_run(tmp_path / "alone/20260103-000000-c"))
    (here / "gone").symlink_to(tmp_path / "nowhere")
    real = {path.resolve() for path in tmp_path.glob("*/*/2026*")}
    assert len(real) == 3
    for found in (
        [one.path for one in walk(here, children=True)],
        [one.path for one in find([str(here)], top=1)[0]],
    ):
        assert {path.resolve() for path in found} == real and len(found) == 3
    assert stands_for(here).path == here / "a/20260103-000000-c"


def test_a_sweep_file_or_a_configuration_beside_other_things_hides_no_runs(tmp_path):
    (tmp_path / "sweep.yaml").write_text("base: x\n")
    (tmp_path / "config.yaml").write_text("name: mine\n")
    make_run(tmp_path / "outputs/x/20260101-000000-a")
    assert ("outputs/x/20260101-000000-a", "run") in kinds(tmp_path, walk(tmp_path, children=False))
    (found,) = walk(tmp_path / "outputs", children=False)
    assert found.within is None


def test_a_folder_that_nobody_may_read_is_passed_by(tmp_path, monkeypatch):
    make_run(tmp_path / "a/20260101-000000-a")
    make_run(tmp_path / "b/20260101-000000-b")
    import os

    scan = os.scandir

    def refuse(path):
        if str(path).endswith("/b"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert kinds(tmp_path, walk(tmp_path, children=False)) == [("a/20260101-000000-a", "run")]
    with pytest.raises(ConfigError, match="none: not a folder"):
        walk(tmp_path / "none", children=False)


def test_runs_are_sorted_by_the_time_that_is_shown(tmp_path):
    """A copied or renamed folder, or one that a sweep named, is as old as its run."""
    make_run(tmp_path / "x/20260105-000000-a", started="2026-01-01T10:00:00+00:00")
    make_run(tmp_path / "copy", started="2026-01-02T10:00:00+00:00")
    make_run(tmp_path / "x/20260103-000000-a", started=None)
    make_run(tmp_path / "x/20260101-000000-a", started="2026-01-04T10:00:00+00:00")
    shown = [run["started"] for run in listed(tmp_path)]
    assert shown == ["2026-01-01T10:00:00+00:00", "2026-01-02T10:00:00+00:00", None, "2026-01-04T10:00:00+00:00"]


def test_what_a_run_changed_is_told_and_of_one_of_many_what_it_has_alone(tmp_path):
    make_run(tmp_path / "x/20260101-000000-a", changes=["train.epochs=3"], data="digits", network="lenet5")
    make_run(tmp_path / "x/20260102-000000-a", changes="damaged")
    make_repeats(tmp_path / "mlp/1", [0.5, 0.75], changes=["train.epochs=5"])
    sweep = make_sweep(tmp_path / "rates", [0.625])
    (sweep / "trials/point0/values.json").write_text('{"train.batch_size": 32, "train.schedule": null}')
    told = {run["path"].removeprefix(f"{tmp_path}/"): run["changes"] for run in listed(tmp_path, children=True)}
    assert told["x/20260101-000000-a"] == ["train.epochs=3"] and told["x/20260102-000000-a"] == []
    assert told["mlp/1"] == ["train.epochs=5"] and told["mlp/1/seed-1"] == ["train.epochs=5", "seed=1"]
    assert told["rates/trials/point0/seed-0"] == ["train.batch_size=32", "train.schedule=None"]
    (found,) = (run for run in listed(tmp_path / "x") if run["changes"])
    assert (found["data"], found["network"]) == ("digits", "lenet5")
