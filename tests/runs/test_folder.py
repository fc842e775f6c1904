"""Files appear whole or not at all; folders are never shared; runs are found."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cnnbench.errors import ConfigError, DataError, OutputError
from cnnbench.files.csv_text import text_of
from cnnbench.files.whole import whole_file, write_csv, write_json, write_text
from cnnbench.runs.folder import RunDir, create
from cnnbench.runs.named import open_run
from cnnbench.runs.run import Run
from tests.tools import runs_below


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError), whole_file(path) as part:
        part.write_text("half of the new")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_one_line_and_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.txt"
    write_text(path, "old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"file\.txt: cannot be written \(No space left on device\)"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_is_none_is_one_line(tmp_path: Path) -> None:
    write_text(tmp_path / "file", "")
    with pytest.raises(OutputError, match=r"file/new\.txt: cannot be written \(.*file is not a folder\)"):
        write_text(tmp_path / "file" / "new.txt", "")
    with pytest.raises(OutputError, match=r"cannot be written \(it is a folder\)"):
        write_text(tmp_path, "")
    with pytest.raises(OutputError, match=r"file/name: cannot be written"):
        create(tmp_path / "file", "name", "name: name\n")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_readers_never_see_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    write_json(path, {"n": 0})

    def write() -> None:
        for n in range(200):
            write_json(path, {"n": n, "ballast": "x" * 10_000})

    with ThreadPoolExecutor() as pool:
        done = pool.submit(write)
        seen = []
        while not done.done():
            seen.append(json.loads(path.read_text())["n"])
    assert seen == sorted(seen)


def test_json_has_no_nan(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"a": float("nan"), "b": [float("inf"), 1.5], "c": (-float("inf"),)})
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": None, "b": [None, 1.5], "c": [None]}


def test_csv_cells_survive(tmp_path: Path) -> None:
    write_csv(tmp_path / "x.csv", ["a", "b"], [['comma, quote"', "line\nbreak"]])
    assert (tmp_path / "x.csv").read_text() == 'a,b\n"comma, quote""","line\nbreak"\n'


def test_csv_cells_survive_every_sign(tmp_path: Path) -> None:
    signs = [chr(c) for c in (*range(1, 256), 0x2028, 0x2029, 0x202E, 0xFEFF)]
    rows = [["", ""], *([sign, f"{sign}x{sign}"] for sign in [*signs, "\r\n"])]
    write_csv(tmp_path / "x.csv", ["p_cat\r", "\r"], rows)
    text = (tmp_path / "x.csv").read_bytes().decode()
    read = [[text_of(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    assert read == [["p_cat\r", "\r"], *rows]
    assert text.startswith('"p_cat\r","\'\r"\n')


def test_many_runs_at_once_get_a_folder_each(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: create(tmp_path, "same", "name: same\n"), range(40)))
    assert len({run.path for run in runs}) == 40
    assert all(re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{8}", run.path.name) for run in runs)
    assert all(run.config.read_text() == "name: same\n" for run in runs)
    assert len(list((tmp_path / "same").iterdir())) == 40


def test_runs_are_found_oldest_first(tmp_path: Path) -> None:
    for name in ("b/20260102-000000-aa", "a/20260101-000000-bb", ".hidden/20260103-000000-cc"):
        write_text(tmp_path / name / "config.yaml", "name: x\n")
    assert [run.path.name for run in runs_below(tmp_path)] == ["20260101-000000-bb", "20260102-000000-aa"]
    assert open_run(tmp_path).path.name == "20260102-000000-aa"
    assert open_run(tmp_path / "a" / "20260101-000000-bb").path.name == "20260101-000000-bb"


@pytest.mark.parametrize("name", [".", "nowhere"])
def test_no_run_is_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not a run folder and no run folder below it"):
        open_run(tmp_path / name)


def test_history_leaves_empty_cells_out(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    assert Run(run.path).history == []
    write_text(run.history, "epoch,loss,val_loss\n1,0.5,\n2,0.25,0.75\n")
    assert Run(run.path).history == [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25, "val_loss": 0.75}]


@pytest.mark.parametrize("text", ["epoch,loss\n1,x\n", "epoch,loss\n1,2,3\n", "epoch,loss\n1\n"])
def test_a_broken_history_names_the_file(text: str, tmp_path: Path) -> None:
    write_text(RunDir(tmp_path).history, text)
    with pytest.raises(DataError, match=r"history\.csv: not a table of numbers"):
        _ = Run(tmp_path).history


def test_a_broken_status_names_the_file(tmp_path: Path) -> None:
    write_text(RunDir(tmp_path).status, "{")
    with pytest.raises(DataError, match=r"status\.json: cannot be read as JSON"):
        _ = Run(tmp_path).status
