"""A run that begins with weights from elsewhere: what is loaded, what is told, and what would skew it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import cnnbench
from cnnbench.errors import CnnbenchError, ConfigError, DataError
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.tools import assert_same_variables, only_run, tiny, write_config
from tests.tools import cnnbench as command

FEW: dict[str, Any] = {"train__epochs": 1, "augment": [], "data__subset": {"train": 60}, "data__test": 0.05}
CLASSES = {"shape": [8, 8, 1], "classes": 4, "train": 40, "test": 8}


def few(**changes: Any) -> dict[str, Any]:
    return tiny(**FEW | changes)


def to_others(weights: Path | str, **changes: Any) -> dict[str, Any]:
    """Return an experiment on images of four other classes that begins with weights."""
    data = {"source": "synthetic", "synthetic": CLASSES}
    return few(**{"name": "others", "data": data, "model__weights": str(weights)} | changes)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    return RunDir(cnnbench.run(few(), output=tmp_path_factory.mktemp("first")).path)


def kernel(folder: RunDir, layer: str) -> np.ndarray[Any, Any]:
    return np.asarray(Run(folder.path).load_model().get_layer(layer).weights[0])


def test_a_run_on_other_classes_begins_with_its_base(run: RunDir, tmp_path: Path) -> None:
    frozen = {"train__optimizer": {"name": "SGD", "learning_rate": 1e-9}}
    result = cnnbench.run(to_others(run.path, **frozen), output=tmp_path)
    began = RunDir(result.path)
    np.testing.assert_allclose(kernel(began, "conv2d_1"), kernel(run, "conv2d_1"), atol=1e-6)
    assert kernel(began, "logits").shape != kernel(run, "logits").shape
    told = Run(began.path).weights
    scaling = Run(run.path).load_model().get_layer("normalization").get_config()
    assert told["file"] == str(run.model) and told["from"] == "cnnbench"
    assert (told["arrays"], told["head"], told["agrees"]) == (6, "replaced", True)
    assert told["normalization"]["scale"] == pytest.approx(list(np.ravel(scaling["scale"])))
    written = yaml.safe_load(began.config.read_text())
    assert written["data"]["normalize"] == "pretrained" and written["model"]["weights"] == str(run.path)
    page = began.report.read_text()
    assert "model.keras of cnnbench: 6 arrays, head replaced" in page
    assert told["sha256"] in page and "its run&#39;s; this run&#39;s is the same" in page


@pytest.mark.slow
def test_its_configuration_runs_again_with_the_same_numbers(run: RunDir, tmp_path: Path) -> None:
    first = RunDir(cnnbench.run(to_others(run.path), output=tmp_path / "a").path)
    again = RunDir(cnnbench.run(first.config, output=tmp_path / "b").path)
    assert_same_variables(first.last_checkpoint, again.last_checkpoint)


def test_a_relative_path_belongs_to_the_file(run: RunDir, tmp_path: Path) -> None:
    shutil.copy(run.model, tmp_path / "old.keras")
    config = write_config(tmp_path, to_others("old.keras"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = command("train", config, cwd=elsewhere)
    assert done.returncode == 0, done.stderr
    assert "weights   old.keras of cnnbench: 6 arrays, head replaced" in done.stdout
    assert Run(only_run(elsewhere / "outputs")).weights["file"] == str(tmp_path / "old.keras")


@pytest.mark.slow
def test_going_on_needs_no_weights_any_more(run: RunDir, tmp_path: Path) -> None:
    shutil.copy(run.model, tmp_path / "old.keras")
    two = cnnbench.run(to_others(tmp_path / "old.keras", train__epochs=2), output=tmp_path / "two")
    one = cnnbench.run(to_others(tmp_path / "old.keras"), output=tmp_path / "one")
    told = Run(one.path).weights
    (tmp_path / "old.keras").unlink()
    done = command("train", "--resume", one.path, "train.epochs=2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert_same_variables(RunDir(one.path).last_checkpoint, RunDir(two.path).last_checkpoint)
    assert Run(one.path).weights == told
    scale = Run(one.path).load_model().get_layer("normalization").get_config()["scale"]
    assert list(np.ravel(scale)) == pytest.approx(told["normalization"]["scale"])


@pytest.mark.slow
def test_the_same_classes_keep_their_head(run: RunDir, tmp_path: Path) -> None:
    result = cnnbench.run(few(model__weights=str(run.path)), output=tmp_path)
    assert Run(result.path).weights["head"] == "kept"
    result = cnnbench.run(few(model__weights=str(run.path), model__head="replace"), output=tmp_path)
    assert Run(result.path).weights["head"] == "replaced"


@pytest.mark.slow
def test_folds_begin_with_the_same_weights_and_share_one_pass(
    run: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    config = write_config(tmp_path, to_others(run.path, model__freeze="base"))
    done = command("train", config, "--folds", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folds = [RunDir(path.parent) for path in tmp_path.glob("outputs/**/weights.json")]
    assert len(folds) == 2
    assert Run(folds[0].path).weights == Run(folds[1].path).weights
    for fold in folds:
        np.testing.assert_array_equal(kernel(fold, "conv2d_1"), kernel(run, "conv2d_1"))
    logits = [kernel(fold, "logits") for fold in folds]
    assert not np.array_equal(*logits)
    assert len(list((tmp_path / "cache" / "cnnbench" / "features").glob("*.npy"))) == 2  # of all images, of the test's


SKEW = "data.normalize: makes 0 to 1 of pixels, model.keras was trained on -"


def test_other_preprocessing_is_a_mistake_unless_said(run: RunDir, tmp_path: Path) -> None:
    changes = {"data": {"source": "synthetic", "synthetic": CLASSES, "normalize": "unit"}}
    with pytest.raises(ConfigError, match=SKEW):
        cnnbench.run(to_others(run.path, **changes), output=tmp_path / "refused")
    assert not (tmp_path / "refused").exists()
    result = cnnbench.run(to_others(run.path, **changes, model__allow_skew=True), output=tmp_path)
    told = Run(result.path).weights
    assert told["agrees"] is False and told["normalization"]["scale"] == [pytest.approx(1 / 255)]
    assert "preprocessing differs from their training" in RunDir(result.path).report.read_text()


def test_what_a_foreign_file_was_trained_with_has_to_be_said(run: RunDir, tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", *Run(run.path).load_model().get_weights())
    with pytest.raises(ConfigError, match=r"data.normalize: nothing says what w\.npz was trained with; say it"):
        cnnbench.run(few(model__weights=str(tmp_path / "w.npz")), output=tmp_path)
    data = {"source": "digits", "subset": {"train": 60}, "test": 0.05, "normalize": "unit"}
    result = cnnbench.run(few(model__weights=str(tmp_path / "w.npz"), data=data), output=tmp_path)
    assert Run(result.path).weights["agrees"] is None


WRONG: list[tuple[dict[str, Any], type[CnnbenchError], str]] = [
    ({"weights": "nowhere.keras"}, DataError, "model.weights: .*nowhere.keras: no such file"),
    ({"weights": "."}, DataError, "a folder without model.keras; expected a run folder or a weight file"),
    ({"head": "keep"}, DataError, "model.head: keep: the network's head logits needs 72x4"),
    ({"layers": ["Flatten", "classifier"]}, DataError, "does not fit the network: "),
    ({"layers": [{"Conv2D": {"filters": 9, "kernel_size": 3}}, "Flatten", "classifier"]}, DataError, "needs 3x3x1x9"),
]


@pytest.mark.parametrize(("model", "kind", "told"), WRONG, ids=[told[:40] for *_, told in WRONG])
def test_what_does_not_fit_is_told_before_there_is_a_run(
    model: dict[str, Any], kind: type[CnnbenchError], told: str, run: RunDir, tmp_path: Path
) -> None:
    changed = {f"model__{key}": value for key, value in model.items()}
    with pytest.raises(kind, match=told) as error:
        cnnbench.run(to_others(run.path, **changed), output=tmp_path)
    assert "\n" not in str(error.value) and not list(tmp_path.iterdir())


def test_the_folder_of_a_name_is_told_with_its_newest_run(run: RunDir, tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        cnnbench.run(to_others(run.path.parent), output=tmp_path)
    assert str(error.value).endswith(f"a folder without model.keras; expected a run, as {run.path}")


def test_other_channels(run: RunDir, tmp_path: Path) -> None:
    data = {"source": "synthetic", "synthetic": CLASSES | {"shape": [8, 8, 3]}}
    with pytest.raises(ConfigError, match=r"takes images of 1 channel\(s\), found 3; data.color: luminance makes them"):
        cnnbench.run(to_others(run.path, data=data), output=tmp_path)


def test_a_smoke_run_needs_no_weights(tmp_path: Path) -> None:
    config = write_config(tmp_path, to_others("nowhere.keras"))
    done = command("train", config, "--smoke", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not RunDir(Path(json.loads(done.stdout)["path"])).weights.exists()
