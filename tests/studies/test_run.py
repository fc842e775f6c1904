"""How the runs of a study are handed to an engine and how it ends; this engine writes finished runs in no time."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml

from cnnbench.errors import ConfigError, DataError, InterruptedRun, OutputError, TrainingError
from cnnbench.files.lock import held
from cnnbench.jobs.types import Job, State
from cnnbench.runs.parents import RepeatsDir
from cnnbench.studies.file import load_study
from cnnbench.studies.results import Results
from cnnbench.studies.run import check_complete, reproduce
from tests.builders.repeated import finish, varied
from tests.repeats.test_run import InstantEngine, Quiet
from tests.tools import tiny


def succeed(engine: InstantEngine, job: Job) -> State:
    finish(RepeatsDir(job.folder.parent), job.folder.name, varied(int(job.folder.name.removeprefix("seed-"))))
    return "done"


def row(key: str, **others: Any) -> dict[str, Any]:
    published = [{"at": "t", "decimals": 2, "values": {"accuracy": 0.9}}]
    return {"key": key, "title": key, "config": tiny(), "seeds": 2, "published": published, **others}


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({"title": "T", "citation": "C", "rows": list(rows)}), encoding="utf-8")
    return path


def go(path: Path, engine: InstantEngine, *only: str) -> Results:
    return reproduce(load_study(path), path.parent / "outputs", engine, Quiet(), only=only)


def test_rows_of_one_configuration_share_their_runs(tmp_path: Path) -> None:
    faster = {"train.optimizer.learning_rate": 0.02}
    path = written(tmp_path, row("a"), row("b", seeds=3), row("c", overrides=faster, seeds=[5]))
    engine = InstantEngine(act=succeed)
    results = go(path, engine)
    check_complete(results)
    assert [line for line in engine.told if line.startswith("start")] == [
        "start a/seed-0",
        "start a/seed-1",
        "start b/seed-2",
        "start c/seed-5",
    ]
    assert [len(found.runs) for found in results.rows] == [2, 3, 1]
    again = InstantEngine()
    go(path, again)
    assert again.told == []


def test_only_some_rows_are_run_and_all_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, row("a"), row("b", overrides={"train.epochs": 4}))
    engine = InstantEngine(act=succeed)
    results = go(path, engine, "b")
    assert {line.partition("/")[0] for line in engine.told} == {"start b", "done b"}
    assert [number.verdict == "not run yet" for number in results.numbers] == [True, False]
    with pytest.raises(ConfigError, match="--only c: mine has no such row"):
        go(path, engine, "c")


def test_what_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    path = written(tmp_path, row("a"), row("b", overrides={"train.epochs": 4}))
    results = go(path, InstantEngine(act=lambda e, job: "failed" if job.key == "a/seed-1" else succeed(e, job)))
    with pytest.raises(TrainingError, match=r"1 row\(s\) without all their runs: a: its reason; again with: cnnbench"):
        check_complete(results)
    assert "its reason" in results.folder.page.read_text(encoding="utf-8")
    engine = InstantEngine(act=succeed)
    check_complete(go(path, engine))
    assert engine.told == ["start a/seed-1", "done a/seed-1"]


def test_data_that_are_not_here_are_no_failed_training(tmp_path: Path) -> None:
    config = tiny(data={"source": "npz", "path": str(tmp_path / "none.npz")})
    path = written(tmp_path, row("a"), row("b", config=config))
    results = go(path, InstantEngine(act=succeed))
    assert [found.state for found in results.rows] == ["done", "data"]
    with pytest.raises(DataError, match=r"b: .*none.npz"):
        check_complete(results)


def test_a_full_disk_ends_it(tmp_path: Path) -> None:
    engine = InstantEngine(act=lambda e, job: "disk")
    with pytest.raises(OutputError, match="a/seed-0: its reason; go on with: cnnbench reproduce"):
        go(written(tmp_path, row("a")), engine)
    assert engine.told == ["start a/seed-0", "disk a/seed-0"]


def test_after_a_signal_no_other_run_begins(tmp_path: Path) -> None:
    def interrupted(engine: InstantEngine, job: Job) -> State:
        os.kill(os.getpid(), signal.SIGTERM)
        return succeed(engine, job)

    engine, path = InstantEngine(act=interrupted), written(tmp_path, row("a"))
    with pytest.raises(InterruptedRun, match=r"interrupted by SIGTERM; go on with: cnnbench reproduce .*mine.yaml"):
        go(path, engine)
    assert engine.told == ["start a/seed-0", "done a/seed-0", "stop"]
    assert (tmp_path / "outputs" / "mine" / "report.html").exists()


def test_one_process_at_a_time_works_on_a_study(tmp_path: Path) -> None:
    folder = tmp_path / "outputs" / "mine"
    folder.mkdir(parents=True)
    with held(folder, "x"), pytest.raises(ConfigError, match="another process works on this study"):
        go(written(tmp_path, row("a")), InstantEngine())
