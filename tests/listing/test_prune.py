from __future__ import annotations

import json
import os
import platform
from contextlib import ExitStack
from pathlib import Path

import pytest

from cnnbench.errors import ConfigError
from cnnbench.experiment.resume import refuse_while_running
from cnnbench.files.lock import held
from cnnbench.listing import prune
from cnnbench.listing.lines import lines_below
from cnnbench.listing.prune import candidates, remove, remove_leftovers, size_of, sorts
from cnnbench.runs.folder import RunDir
from tests.builders.listed import make_repeats, make_run, make_sweep

HERE = {"host": platform.node(), "pid": os.getppid()}  # its number is that of a process which is alive
RUNNING = f"running (process {os.getpid()} on {platform.node()} since "


def found(root: Path, *wanted: str):
    return candidates(lines_below(root, children=True), wanted)


def reasons(root: Path, *wanted: str) -> dict[str, str | None]:
    return {str(one.path.relative_to(root)): one.kept for one in found(root, *wanted)}


def set_status(path: Path, **changes) -> None:
    status = json.loads((path / "status.json").read_text())
    (path / "status.json").write_text(json.dumps({**status, **changes}))


def test_only_the_asked_sorts_are_candidates(tmp_path):
    make_run(tmp_path / "a/1", accuracy=0.9)
    for state in ("failed", "interrupted", "pruned"):
        make_run(tmp_path / f"a/{state}", state=state)
    make_run(tmp_path / "a/smoke", accuracy=0.9, smoke=True)
    make_run(tmp_path / "a/stopped", state="running", **HERE)
    assert reasons(tmp_path, "failed", "smoke") == {"a/failed": None, "a/smoke": None}
    assert reasons(tmp_path, "interrupted", "pruned", "stopped") == dict.fromkeys(
        ("a/interrupted", "a/pruned", "a/stopped")
    )
    assert sorts(["failed,smoke", "smoke", " pruned"]) == ("failed", "smoke", "pruned")
    with pytest.raises(ConfigError, match=r"--prune done: allowed are failed, smoke, interrupted, pruned, stopped"):
        sorts(["failed,done"])


def test_what_may_run_stays(tmp_path):
    here = make_run(tmp_path / "a/here", state="running", smoke=True, **HERE)
    begins = make_run(tmp_path / "a/begins", state="failed", smoke=True, **HERE)
    make_run(tmp_path / "a/there", state="running", smoke=True, host="elsewhere", pid=1)
    with held(here, ""), held(begins, ""):
        kept = reasons(tmp_path, "smoke", "stopped")
    assert str(kept["a/here"]).startswith(RUNNING)
    assert str(kept["a/begins"]).startswith(RUNNING)
    assert kept["a/there"] == "running on elsewhere, or stopped there: this machine cannot tell"


def test_parts_of_a_whole_stay_and_the_whole_goes(tmp_path):
    repeats = make_repeats(tmp_path / "mlp/1", [0.5, 0.6], smoke=True)
    set_status(repeats / "seed-0", smoke=True)
    make_sweep(tmp_path / "rates", [0.5])
    kept = reasons(tmp_path, "failed", "smoke")
    assert kept["mlp/1"] is None
    assert kept["mlp/1/seed-0"] == f"part of {repeats}, which stays or goes as a whole"
    assert kept["rates/trials/bad/seed-0"] == f"part of {tmp_path}/rates, which stays or goes as a whole"
    (alone,) = found(tmp_path / "rates/trials/bad/seed-0", "failed")
    assert alone.kept == f"part of {tmp_path}/rates, which stays or goes as a whole", "named from below as well"


def test_a_whole_with_a_running_part_stays(tmp_path):
    sweep = make_sweep(tmp_path / "rates", [0.5], state="failed")
    with held(sweep / "trials/point0/seed-0", ""):
        assert str(reasons(tmp_path, "failed")["rates"]).startswith(RUNNING)


def test_what_is_not_a_run_alone_stays(tmp_path, monkeypatch):
    outer = make_run(tmp_path / "a/outer", state="failed")
    make_run(outer / "kept/inner", accuracy=0.9)
    work = make_run(tmp_path / "a/work", state="failed")
    (work / ".git").mkdir()
    (tmp_path / "failed").mkdir()
    (tmp_path / "failed/status.json").write_text('{"state": "failed"}')
    begun = make_run(tmp_path / "a/begun", state="failed")
    (begun / "status.json").unlink()
    assert reasons(tmp_path, "failed") == {"a/outer": "it holds other runs", "a/work": "the folder that is worked in"}
    monkeypatch.chdir(outer)
    assert reasons(tmp_path, "failed")["a/outer"] == "the folder that is worked in"


def test_removal_takes_the_folder_and_nothing_that_links_lead_to(tmp_path):
    precious = tmp_path / "data"
    precious.mkdir()
    (precious / "images.npz").write_bytes(b"x" * 1000)
    run = make_run(tmp_path / "outputs/a/1", state="failed")
    (run / "plots").mkdir()
    (run / "plots/a.png").write_bytes(b"y" * 500)
    (run / "data").symlink_to(precious)
    other = make_run(tmp_path / "outputs/a/2", accuracy=0.5)
    (one,) = found(tmp_path / "outputs", "failed")
    own = sum(p.lstat().st_size for p in run.rglob("*") if p.is_symlink() or p.is_file())
    assert one.bytes == size_of(run) == own < 1500 + 1000
    assert [removal.problem for removal in remove([one])] == [None]
    assert (precious / "images.npz").read_bytes() == b"x" * 1000
    assert sorted(p.name for p in (tmp_path / "outputs/a").iterdir()) == [other.name]


def test_a_run_that_goes_on_after_the_listing_stays(tmp_path):
    run = make_run(tmp_path / "a/1", state="failed")
    listed = found(tmp_path, "failed")
    with held(run, ""):
        (removal,) = remove(listed)
    assert str(removal.problem).startswith(RUNNING)
    assert (run / "config.yaml").exists()


def test_a_run_that_goes_on_at_the_last_moment_gets_its_folder_back(tmp_path, monkeypatch):
    run = make_run(tmp_path / "a/1", state="failed")
    listed = found(tmp_path, "failed")
    rename, begun = Path.rename, ExitStack()

    def begins_first(self, target):
        if self == run:
            set_status(run, state="running", **HERE)
            begun.enter_context(held(run, ""))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", begins_first)
    with begun:
        (removal,) = remove(listed)
    assert str(removal.problem).startswith(RUNNING)
    assert [p.name for p in run.parent.iterdir()] == ["1"]
    assert json.loads((run / "status.json").read_text())["state"] == "running"


def test_a_run_that_is_removed_while_it_is_about_to_go_on_is_not_begun_anew(tmp_path):
    run = RunDir(make_run(tmp_path / "a/1", state="failed"))
    refuse_while_running(run)
    assert [removal.problem for removal in remove(found(tmp_path, "failed"))] == [None]
    with pytest.raises(ConfigError, match=r"a/1: the run folder is gone$"):
        refuse_while_running(run)


def test_a_folder_that_is_gone_or_fast_is_told(tmp_path, monkeypatch):
    make_run(tmp_path / "a/1", state="failed")
    listed = found(tmp_path, "failed")

    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse)
        assert [removal.problem for removal in remove(listed)] == ["Permission denied"]
    assert [removal.problem for removal in remove(listed)] == [None]
    assert [removal.problem for removal in remove(listed)] == ["it may be about to begin: it has no state"]


def test_what_an_interrupted_removal_left_goes_next_time(tmp_path, monkeypatch):
    make_run(tmp_path / "a/1", state="failed")
    listed = found(tmp_path, "failed")

    def killed(path, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(prune.shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            list(remove(listed))
    (tmp_path / "a/.removed-mine").mkdir()
    assert lines_below(tmp_path, children=True) == []
    assert remove_leftovers(tmp_path) == 1
    assert [p.name for p in (tmp_path / "a").iterdir()] == [".removed-mine"]
