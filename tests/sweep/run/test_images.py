"""A sweep goes on with the images it began with; no training is needed to see that."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cnnbench.config.dump import dump_yaml
from cnnbench.config.schema import Subset
from cnnbench.data.load import load_dataset
from cnnbench.data.record import split_record
from cnnbench.errors import DataError
from cnnbench.files.whole import write_json
from cnnbench.runs.folder import RunDir, create_at
from cnnbench.runs.parents import SweepDir
from cnnbench.runs.split import Siblings, sibling
from cnnbench.sweep.define.file import load_sweep
from cnnbench.sweep.define.sweep import Sweep
from cnnbench.sweep.execute import SweepOptions, run_sweep
from cnnbench.sweep.run.images import check_images
from cnnbench.sweep.run.ledger import Ledger, Point
from cnnbench.sweep.run.place import Place
from cnnbench.sweep.run.study import open_study
from cnnbench.sweep.run.trials import SeedRun
from tests.builders.images import write_folder, write_image
from tests.builders.searching import write_sweep
from tests.tools import tiny


def sweep_over(images: Path, folder: Path) -> Sweep:
    base = tiny(data={"source": "image_folder", "path": str(images)})
    return load_sweep(write_sweep(folder, base=base, space={"train.epochs": [1, 2]}))


def do_one(sweep: Sweep, folder: SweepDir) -> Point:
    """Write down the first trial of a sweep as done."""
    ledger = Ledger(open_study(folder, sweep, None), sweep, Place(folder, shared=False), smoke=False, retry=False)
    point = ledger.next()
    assert point is not None
    run = create_at(folder.run(point.identity, 0), dump_yaml(point.config))
    write_json(run.split, split_record(load_dataset(point.config)))
    values = {"val_accuracy": 0.5}
    ended = SeedRun(0, "done", "all epochs done", values, 1, 1.0, str(run.path), tested={"accuracy": 0.5})
    ledger.note(point, {0: ended})
    ledger.finish(point, "done", "", [0.5])
    return point


def test_trials_on_images_that_have_changed_are_not_taken_for_done(tmp_path: Path) -> None:
    images = write_folder(tmp_path / "images")
    sweep = sweep_over(images, tmp_path)
    folder = SweepDir(tmp_path / "outputs" / sweep.name)
    folder.path.mkdir(parents=True)
    do_one(sweep, folder)
    write_image(images / "cat" / "more.png")
    check_images(open_study(folder, sweep, None), sweep, offline=True)

    write_image(images / "cat" / "003.png", seed=77)
    with pytest.raises(DataError, match=r"1 difference\n.*cat/003\.png: changed"):
        run_sweep(sweep, SweepOptions(output=tmp_path / "outputs"))
    assert not folder.sweep.exists() and not folder.status.exists()


def test_trials_that_ask_for_the_same_images_are_told_from_others(tmp_path: Path) -> None:
    images = write_folder(tmp_path / "images")
    sweep = sweep_over(images, tmp_path)
    folder = SweepDir(tmp_path / "outputs" / sweep.name)
    folder.path.mkdir(parents=True)
    point = do_one(sweep, folder)
    run, data = folder.run(point.identity, 0), point.config.data
    runs = [tmp_path, RunDir(run).path]  # the first is none
    for same in ({}, {"validation": 0.4}, {"image_size": 9, "fit": "pad"}, {"normalize": "unit"}):
        assert sibling(runs, data.model_copy(update=same)) == run
    for other in ({"split_seed": 1}, {"subset": Subset(train=8)}, {"path": str(tmp_path)}, {"test": 0.4}):
        assert sibling(runs, data.model_copy(update=other)) is None


def test_folders_that_come_later_are_found_and_each_is_read_once(tmp_path: Path) -> None:
    images = write_folder(tmp_path / "images")
    sweep = sweep_over(images, tmp_path)
    folder = SweepDir(tmp_path / "outputs" / sweep.name)
    folder.path.mkdir(parents=True)
    there: list[Path] = [tmp_path]
    siblings = Siblings(lambda: there)
    point = do_one(sweep, folder)
    run, data = folder.run(point.identity, 0), point.config.data
    other = data.model_copy(update={"split_seed": 1})
    assert siblings.of(data) is None
    there.append(run)
    assert siblings.of(data) == run
    assert siblings.of(other) is None

    RunDir(run).config.write_text("damaged", encoding="utf-8")
    later = tmp_path / "later"
    shutil.copytree(run, later)
    RunDir(later).config.write_text(dump_yaml(point.config.model_copy(update={"data": other})), encoding="utf-8")
    there.append(later)
    assert siblings.of(other) == later
    assert siblings.of(data) == run
