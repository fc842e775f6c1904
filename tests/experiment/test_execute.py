"""The whole way from a configuration to a run folder, from Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import cnnbench
from cnnbench.data.record import parse_rows
from cnnbench.data.types import Split
from cnnbench.errors import ConfigError, DataError, TrainingError
from cnnbench.experiment import execute
from cnnbench.experiment.result import Result
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.builders.images import write_folder
from tests.tools import assert_same_variables, comparable_history, runs_below, tiny


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return cnnbench.run(tiny(train__epochs=8), output=tmp_path_factory.mktemp("outputs"))


@pytest.mark.drawn
def test_the_folder_holds_everything(result: Result) -> None:
    run = RunDir(result.path)
    files = [
        *(run.config, run.environment, run.status, run.history, run.metrics, run.predictions, run.confusion_matrix),
        *(run.classification_report, run.split, run.layers, run.model, run.last_checkpoint, run.best_checkpoint),
        *(run.samples, run.augmentation, run.report, run.plots / "learning_curves.png"),
        *(run.plots / "confusion_matrix.png", run.plots / "confusion_matrix.pdf"),
    ]
    assert [f.name for f in files if not f.exists()] == []
    assert not [p.name for p in result.path.rglob("*.part*")]


def test_class_weights_of_own_data_are_checked_before_training(tmp_path: Path) -> None:
    data = {"source": "image_folder", "path": str(write_folder(tmp_path / "photos"))}
    config = tiny(data=data, train__class_weight={"Cat": 3.0})
    with pytest.raises(ConfigError, match=r"^train\.class_weight\.Cat: .* did you mean cat\?$"):
        cnnbench.run(config, output=tmp_path / "outputs")
    assert not (tmp_path / "outputs").exists()


def test_result_and_files_agree(result: Result) -> None:
    assert result.accuracy > 0.5
    assert result.accuracy == json.loads((result.path / "metrics.json").read_text())["accuracy"]
    assert result.status["state"] == "done"
    assert result.status["epoch"] == len(result.history) == 8


def test_the_written_configuration_runs_again_to_the_same_numbers(result: Result, tmp_path: Path) -> None:
    again = cnnbench.run(result.path / "config.yaml", output=tmp_path)
    assert_same_variables(RunDir(result.path).last_checkpoint, RunDir(again.path).last_checkpoint)
    assert comparable_history(list(map(dict, result.history))) == comparable_history(list(map(dict, again.history)))
    assert (result.path / "predictions.csv").read_bytes() == (again.path / "predictions.csv").read_bytes()


def test_the_validation_images_are_measured_once_with_the_kept_weights(result: Result) -> None:
    run, tested = Run(result.path).on("validation"), Run(result.path).metrics
    found, last = run.metrics, result.history[-1]
    assert found is not None and tested is not None and run.predictions is not None
    assert found["accuracy"] == pytest.approx(last["val_accuracy"], abs=1e-6)
    assert found["log_loss"] == pytest.approx(last["val_loss"], rel=1e-4)
    assert found.keys() == tested.keys() and (found["split"], found["weights"]) == ("validation", tested["weights"])
    assert found["times"].keys() == {"validation_seconds", "epochs_seconds"}
    told = Run(result.path).split["validation"]
    assert found["data"]["validation_images"]["sha256"] == told["content"]["sha256"]
    assert [int(i) for i in run.predictions.indices] == parse_rows(told["rows"]).tolist()
    assert run.predictions.right.mean() == found["accuracy"]


def test_another_seed_gives_other_numbers(result: Result, tmp_path: Path) -> None:
    other = cnnbench.run(tiny(train__epochs=8), output=tmp_path, seed=1)
    assert other.history[0]["loss"] != result.history[0]["loss"]


def test_overrides_from_python(tmp_path: Path) -> None:
    result = cnnbench.run(tiny(data__test=None), output=tmp_path, train__epochs=1, train__optimizer__learning_rate=0.5)
    written = yaml.safe_load((result.path / "config.yaml").read_text())
    assert written["train"]["epochs"] == 1
    assert written["data"]["test"] == 0.2  # of which the data decided that it acts: digits have no test split
    assert written["train"]["optimizer"]["learning_rate"] == 0.5
    assert len(result.history) == 1


def test_the_loaded_model_predicts_as_written(result: Result) -> None:
    dataset = execute.load_dataset(result.config)
    images = dataset.test.images(np.arange(len(dataset.test))).astype(np.float32)
    probabilities = np.asarray(result.load_model()(images))
    rows = (result.path / "predictions.csv").read_text().splitlines()[1:]
    written = np.array([row.split(",")[4:] for row in rows], np.float32)
    np.testing.assert_allclose(probabilities, written, atol=1e-5)


def test_it_predicts_arrays_and_files(result: Result, tmp_path: Path) -> None:
    from PIL import Image

    dataset = execute.load_dataset(result.config)
    images = dataset.test.images(np.arange(3))
    found = cnnbench.open(result.path)
    assert found.predictions is not None
    np.testing.assert_allclose(found.predict(images), found.predictions.probabilities[:3], atol=1e-6)
    for i, image in enumerate(images):
        Image.fromarray(image[:, :, 0].astype(np.uint8)).save(tmp_path / f"{i}.png")
    from_files = found.predict([tmp_path / "2.png", str(tmp_path / "0.png")])
    assert np.array_equal(from_files, found.predict(np.round(images[[2, 0]]).astype(np.uint8)))
    assert found.predict(tmp_path).shape == (3, 10)
    with pytest.raises(DataError, match=r"images: expected an image \(H, W, C\), .*, found \(3, 8, 8, 1, 1\) of "):
        found.predict(images[..., None])
    with pytest.raises(DataError, match=r"images: expected pixel values 0\.\.255, found 0 to "):
        found.predict(images * 300.0)
    with pytest.raises(DataError, match=r"nothing\.png: no such file"):
        found.predict("nothing.png")


class Touched(Exception):
    """Somebody looked at the test images."""


class RaisingStore:
    """A test split that may not be read yet."""

    def __init__(self, shape: tuple[int, int, int], length: int) -> None:
        self.shape, self.length, self.armed = shape, length, True

    def __len__(self) -> int:
        return self.length

    def fetch(self, rows: Any) -> Any:
        if self.armed:
            raise Touched
        return np.zeros((len(rows), *self.shape), np.uint8)


def test_test_images_are_not_read_before_training_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = execute.load_dataset
    stores: list[RaisingStore] = []

    def with_raising_test(config: Any, **options: Any) -> Any:
        from dataclasses import replace

        dataset = real(config, **options)
        stores.append(RaisingStore(dataset.input_shape, len(dataset.test.store)))
        test = Split(stores[0], dataset.test.rows, dataset.test.labels, dataset.test.names)
        return replace(dataset, test=test)

    monkeypatch.setattr(execute, "load_dataset", with_raising_test)
    with pytest.raises(Touched):
        cnnbench.run(tiny(train__early_stopping={"patience": 1}), output=tmp_path)
    (run,) = runs_below(tmp_path)
    assert len(Run(run.path).history) >= 2, "training came to its end before the test images were touched"
    assert run.model.exists()
    assert Run(run.path).status["state"] == "failed"


def test_a_diverging_loss_is_a_training_error_with_its_step(tmp_path: Path) -> None:
    config = tiny(train__optimizer={"name": "SGD", "learning_rate": 1e30})
    config["model"]["layers"].insert(0, {"Dense": {"units": 4}})
    with pytest.raises(TrainingError, match=r"epoch 1, step \d+: the loss is (nan|inf)"):
        cnnbench.run(config, output=tmp_path)
    (run,) = runs_below(tmp_path)
    assert Run(run.path).status["state"] == "failed"
    assert "the loss is" in Run(run.path).status["reason"]


def test_early_stopping_keeps_the_best_weights(tmp_path: Path) -> None:
    config = tiny(train__epochs=40, train__early_stopping={"monitor": "val_loss", "patience": 2})
    result = cnnbench.run(config, output=tmp_path, train__optimizer__learning_rate=0.1)
    losses = [row["val_loss"] for row in result.history]
    assert len(losses) < 40
    assert result.status["best_epoch"] == int(np.argmin(losses)) + 1 == len(losses) - 2
    dataset = execute.load_dataset(result.config)
    validation = dataset.validation
    assert validation is not None
    from cnnbench.learners.keras.trained import TrainedNetwork

    probabilities = TrainedNetwork(result.load_model()).predict_split(validation)
    loss = -np.log(probabilities[np.arange(len(validation)), validation.labels]).mean()
    assert loss == pytest.approx(min(losses), rel=1e-4)


def test_averaged_weights_are_what_is_validated_and_kept(tmp_path: Path) -> None:
    result = cnnbench.run(tiny(train__ema=0.9, train__epochs=4), output=tmp_path)
    validation = execute.load_dataset(result.config).validation
    assert validation is not None
    from cnnbench.learners.keras.trained import TrainedNetwork

    probabilities = TrainedNetwork(result.load_model()).predict_split(validation)
    loss = -np.log(probabilities[np.arange(len(validation)), validation.labels]).mean()
    assert loss == pytest.approx(result.history[-1]["val_loss"], rel=1e-4)


@pytest.mark.slow
def test_a_time_limit_ends_training_and_still_evaluates(tmp_path: Path) -> None:
    result = cnnbench.run(tiny(train__epochs=100_000, train__max_minutes=0.15), output=tmp_path)
    assert result.status["reason"] == "time limit"
    assert 1 <= len(result.history) < 100_000
    assert result.metrics["weights"] == f"epoch {len(result.history)}, the last"


@pytest.mark.parametrize(
    "changes",
    [
        {"train__class_weight": "balanced"},
        {"train__class_weight": {"3": 5.0}},
        {"train__loss": {"name": "categorical_focal_crossentropy", "gamma": 1.0}},
        {"train__schedule": {"name": "ReduceLROnPlateau", "patience": 1, "monitor": "loss", "min_delta": 10.0}},
        {
            "augment": [
                {"MixUp": {"alpha": 0.3}},
                "CutMix",
                {"Cutout": {"size": 2}},
                {"RandomCropWithPadding": {"padding": 1}},
            ]
        },
        {"augment": [], "data__validation": 0.0},
        {"data__image_size": [12, 10], "data__fit": "pad"},
    ],
)
def test_each_option_trains(changes: dict[str, Any], tmp_path: Path) -> None:
    result = cnnbench.run(tiny(**changes), output=tmp_path)
    assert len(result.history) == 3
    assert result.history[-1]["loss"] < result.history[0]["loss"] or "loss" in str(changes)
    if "schedule" in str(changes):
        rates = [row["learning_rate"] for row in result.history]
        assert rates == pytest.approx([0.01, 0.01, 0.001])


def test_bfloat16_is_the_run_s_own(tmp_path: Path) -> None:
    """Networks that are built afterwards in the same process, in a notebook, are in Keras' own precision as before."""
    import keras

    result = cnnbench.run(tiny(train__precision="mixed_bfloat16"), output=tmp_path)
    assert result.history[-1]["loss"] < result.history[0]["loss"]
    assert "bfloat16" in {layer.compute_dtype for layer in result.load_model().layers}
    assert keras.config.dtype_policy().name == "float32"
