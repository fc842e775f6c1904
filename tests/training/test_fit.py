"""The weights that a training ends with are those of the epoch it names, whatever it went through."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnnbench
from cnnbench.errors import ConfigError, DataError
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from cnnbench.experiment.resume import resumed
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from cnnbench.training.callbacks import OneBehind
from tests.tools import assert_same_variables, comparable_history, runs_below, tiny

EPOCHS = 3
FILES = 3  # of an epoch: the last checkpoint, the best one and the history
STOPPING = {"train__early_stopping": {"monitor": "val_loss", "patience": 9, "restore_best": True}}


class Killed(BaseException):
    """What no handler catches, as a kill."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[int, RunDir]:
    """Uninterrupted runs of two and of three epochs, every one of which is the best so far."""
    output = tmp_path_factory.mktemp("whole")
    runs = {n: cnnbench.run(tiny(train__epochs=n, **STOPPING), output=output / str(n)) for n in (2, EPOCHS)}
    assert all(run.status["kept_epoch"] == n for n, run in runs.items())
    return {n: RunDir(run.path) for n, run in runs.items()}


def kill_before(patch: pytest.MonkeyPatch, number: int) -> None:
    """Let the training be killed before it puts the file of this number in its place."""
    replace, seen = Path.replace, []

    def replace_or_die(part: Path, target: Path) -> Path:
        if target.name in ("last.npz", "best.npz", "history.csv"):
            seen.append(target)
            if len(seen) == number:
                raise Killed
        return replace(part, target)

    patch.setattr(Path, "replace", replace_or_die)


def go_on(run: RunDir, *overrides: str) -> Any:
    config, folder = resumed(run.path, overrides)
    return execute(config, Options(resume=folder))


@pytest.mark.parametrize("written", range(FILES))
def test_no_moment_between_the_files_of_an_epoch_matters(
    written: int, whole: dict[int, RunDir], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(Killed):
        kill_before(patch, (EPOCHS - 1) * FILES + written + 1)
        cnnbench.run(tiny(train__epochs=EPOCHS, **STOPPING), output=tmp_path)
    (run,) = runs_below(tmp_path)
    if written:  # the last epoch is done
        with pytest.raises(ConfigError, match=r"train\.epochs=2, but 3 epochs are done"):
            go_on(run, "train.epochs=2")
    result = go_on(run, "train.epochs=3" if written else "train.epochs=2")
    expected = whole[result.status["kept_epoch"]]
    assert len(result.history) == len(Run(expected.path).history) == (EPOCHS if written else 2)
    assert_same_variables(run.best_checkpoint, expected.best_checkpoint)
    assert run.predictions.read_bytes() == expected.predictions.read_bytes()


def test_a_kill_between_the_first_two_files_of_all_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(Killed):
        kill_before(patch, 2)
        cnnbench.run(tiny(train__epochs=1, **STOPPING), output=tmp_path)
    (run,) = runs_below(tmp_path)
    assert not run.best_checkpoint.exists()
    assert go_on(run).status["kept_epoch"] == 1


def test_the_best_weights_of_another_course_are_refused(whole: dict[int, RunDir], tmp_path: Path) -> None:
    run = RunDir(shutil.copytree(whole[2].path, tmp_path / "run"))
    with np.load(run.last_checkpoint) as last:
        arrays = dict(last)
    rows = json.loads(str(arrays["history"]))
    rows[1]["val_loss"] = rows[0]["val_loss"] + 1  # so that the first epoch is the best
    np.savez(run.last_checkpoint, **(arrays | {"history": np.array(json.dumps(rows))}))
    shutil.copy(whole[EPOCHS].best_checkpoint, run.best_checkpoint)
    with pytest.raises(DataError, match=r"best\.npz: holds epoch 3 of another course, not epoch 1 of this run"):
        go_on(run)


def test_an_epoch_keeps_its_true_positives_where_those_of_the_validation_are_counted_after_it(tmp_path: Path) -> None:
    """A network that stands still, as sure of all it says as can be: its true positives are what it has right."""
    classifier = {"classifier": {"kernel_initializer": {"RandomNormal": {"stddev": 1e4}}}}
    sgd = {"name": "SGD", "learning_rate": 1e-30}
    still = tiny(model={"layers": ["Flatten", classifier]}, train__epochs=1, train__optimizer=sgd)
    (row,) = cnnbench.run(still, output=tmp_path).history
    assert row["true_positives"] == round(160 * row["accuracy"]) > 0
    assert row["val_true_positives"] == round(40 * row["val_accuracy"]) != row["true_positives"]


def test_a_training_that_is_looked_at_a_step_behind_is_the_same(
    whole: dict[int, RunDir], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    class Noted(OneBehind):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            made.append(options)

    monkeypatch.setattr("cnnbench.training.fit.OneBehind", Noted)
    monkeypatch.setattr("cnnbench.training.fit.has_gpu", lambda backend: True)
    behind = cnnbench.run(tiny(train__epochs=EPOCHS, **STOPPING), output=tmp_path)
    assert len(made) == 1
    assert_same_variables(RunDir(behind.path).last_checkpoint, whole[EPOCHS].last_checkpoint)
    assert comparable_history(behind.history) == comparable_history(Run(whole[EPOCHS].path).history)
