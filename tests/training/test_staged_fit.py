"""Trainings in several stages: what is frozen stays to the bit, and who stopped in any stage ends as who did not."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import cnnbench
from cnnbench.config.load import load_config
from cnnbench.data.augment import Augmenter
from cnnbench.data.feed import for_training
from cnnbench.data.load import load_dataset
from cnnbench.data.normalize import measure
from cnnbench.data.pipeline import Failure, TrainingBatches
from cnnbench.errors import InterruptedRun
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from cnnbench.experiment.resume import resumed
from cnnbench.learners.keras.learner import network
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from cnnbench.training import checkpoint
from cnnbench.training.callbacks import ReseedEachEpoch
from cnnbench.training.fused import fuse
from cnnbench.training.observer import Progress, Silent
from tests.tools import assert_same_variables, comparable_history, runs_below, tiny, variables, write_config
from tests.tools import cnnbench as command

CONV = {"Conv2D": {"filters": 4, "kernel_size": 3, "activation": "relu"}}
LAYERS = [
    *(CONV, "BatchNormalization", {"Dropout": {"rate": 0.2}}, CONV, "BatchNormalization"),
    *("Flatten", {"Dropout": {"rate": 0.3}}, "classifier"),
]
SECOND = ["conv2d_2", "batch_normalization_2"]
FREED = [
    {"after_epochs": 1, "layers": SECOND},
    {"after_epochs": 2, "layers": ["*"], "learning_rate": 0.002},
]
EPOCHS = 4


def staged(**changes: Any) -> dict[str, Any]:
    return tiny(**{"model__layers": LAYERS, "model__freeze": "base", "train__epochs": EPOCHS, **changes})


class Killed(BaseException):
    """What no handler catches, as a kill."""


def killed_after(epochs: int, config: dict[str, Any], output: Path) -> RunDir:
    """Return a run that was killed before its next epoch could be kept."""
    replace, kept = Path.replace, []

    def replace_or_die(part: Path, target: Path) -> Path:
        if target.name == "last.npz":
            kept.append(target)
            if len(kept) > epochs:
                raise Killed
        return replace(part, target)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Path, "replace", replace_or_die)
        cnnbench.run(config, output=output)
    (run,) = runs_below(output)
    return run


def assert_goes_on_as(whole: Path, run: RunDir) -> None:
    config, folder = resumed(run.path, ())
    execute(config, Options(resume=folder))
    assert_same_variables(run.last_checkpoint, RunDir(whole).last_checkpoint)
    assert_same_variables(run.best_checkpoint, RunDir(whole).best_checkpoint)
    assert comparable_history(Run(run.path).history) == comparable_history(Run(whole).history)
    assert run.predictions.read_bytes() == RunDir(whole).predictions.read_bytes()


def kept(run: Any) -> dict[str, Any]:
    """Return the network's variables at the end of the last epoch."""
    found = variables(RunDir(run.path).last_checkpoint)
    return {name: value for name, value in found.items() if name.startswith("model/")}


def pruned(**changes: Any) -> dict[str, Any]:
    dsd = {"sparsity": 0.4, "dense_epochs": 1, "sparse_epochs": 2, "final_learning_rate": 1e-3}
    return tiny(model__layers=LAYERS, train__epochs=EPOCHS, train__dense_sparse_dense=dsd, **changes)


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A dense-sparse-dense run, and the network's variables at the end of each epoch."""
    replace, epochs = Path.replace, []

    def replace_and_look(part: Path, target: Path) -> Path:
        placed = replace(part, target)
        if target.name == "last.npz":
            epochs.append(variables(target))
        return placed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", replace_and_look)
        run = cnnbench.run(pruned(), output=tmp_path_factory.mktemp("sparse"))
    return run, epochs


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return cnnbench.run(staged(train__unfreeze=FREED), output=tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize(
    "epochs", [pytest.param(1, marks=pytest.mark.slow), 2, pytest.param(3, marks=pytest.mark.slow)]
)
def test_a_run_killed_in_any_stage_ends_as_the_uninterrupted_one(epochs: int, whole: Any, tmp_path: Path) -> None:
    assert_goes_on_as(whole.path, killed_after(epochs, staged(train__unfreeze=FREED), tmp_path))


class AskedToStop(Silent):
    """Asks for the end of the training after the first step of its second epoch."""

    def on_step(self, progress: Progress) -> None:
        if (progress.epoch, progress.step) == (2, 1):
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.slow
def test_a_run_stopped_in_the_first_steps_of_a_stage_has_the_weights_of_the_one_before(
    whole: Any, tmp_path: Path
) -> None:
    with pytest.raises(InterruptedRun):
        execute(load_config(staged(train__unfreeze=FREED)), Options(output=tmp_path, observer=AskedToStop()))
    (run,) = runs_below(tmp_path)
    assert Run(run.path).status["kept_epoch"] == 1
    ended, model = variables(run.last_checkpoint), Run(run.path).load_model()
    for (name, value), variable in zip(ended.items(), model.weights, strict=False):  # the optimizer's come after
        np.testing.assert_array_equal(value, variable, err_msg=name)
    assert_goes_on_as(whole.path, run)


def test_what_is_frozen_stays_to_the_bit(tmp_path: Path) -> None:
    first, last = (cnnbench.run(staged(train__epochs=n), output=tmp_path / str(n)) for n in (1, 3))
    before, after = kept(first), kept(last)
    base = list(before)[:12]  # two kernels, two biases and what two batch normalisations hold
    for name in base:
        np.testing.assert_array_equal(before[name], after[name], err_msg=name)
    means = [name for name in base if name.endswith("moving_mean")]
    assert len(means) == 2 and not any(before[name].any() for name in means)
    assert any(not np.array_equal(before[name], after[name]) for name in list(before)[12:])


@pytest.mark.slow
def test_stages_end_as_trainings_by_hand_one_after_the_other(whole: Any, tmp_path: Path) -> None:
    """The last stage by hand: everything learns, with a new optimizer, from where the stage before ended."""
    before = cnnbench.run(staged(train__unfreeze=FREED[0], train__epochs=2), output=tmp_path)
    config = load_config(staged())
    dataset = load_dataset(config)
    model, _ = network(config, dataset, measure(config.data.normalize, dataset.train))
    path = RunDir(before.path).last_checkpoint
    checkpoint.restore(model, checkpoint.load(path), path, optimizer=False)
    model.compile(keras.optimizers.Adam(0.002), "categorical_crossentropy", jit_compile=False)
    fuse(model)  # sums in another order than Keras' own operations
    batches = TrainingBatches(dataset.train, 10, 32, config.seed, Augmenter(config.augment, config.seed), None)
    model.fit(
        for_training(batches, 2, Failure()),
        initial_epoch=2,
        epochs=EPOCHS,
        steps_per_epoch=batches.steps_per_epoch,
        shuffle=False,
        verbose=0,
        callbacks=[ReseedEachEpoch(config.seed)],
    )
    for (name, expected), variable in zip(kept(whole).items(), model.weights, strict=True):
        if "seed_generator" not in name:
            np.testing.assert_array_equal(variable, expected, err_msg=name)


def test_the_saved_network_is_not_frozen(tmp_path: Path) -> None:
    run = cnnbench.run(staged(train__epochs=1), output=tmp_path)
    model = Run(run.path).load_model()
    assert all(layer.trainable for layer in model.layers)
    assert [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)] == [0.2, 0.3]
    parameters = Run(run.path).layers["parameters"]
    assert parameters["trainable"] == 64 * 10 + 10 < parameters["total"]


@pytest.mark.slow
def test_patience_counts_in_the_last_stage_alone(tmp_path: Path) -> None:
    """With a rate that changes nothing, patience would have run out after the second epoch."""
    still = {"name": "SGD", "learning_rate": 1e-30}
    changes = {"train__optimizer": still, "train__early_stopping": {"patience": 1, "monitor": "val_loss"}}
    steps = [{"after_epochs": 3, "layers": SECOND}]
    run = cnnbench.run(staged(**changes, train__unfreeze=steps, train__epochs=9), output=tmp_path)
    assert len(run.history) == 5
    assert run.status["reason"] == "val_loss did not improve for 1 epochs" and run.status["kept_epoch"] == 1


def test_a_run_tells_what_learns_when(whole: Any) -> None:
    """Parameters by hand: 10x16 + 10 of the head, 9x4x4 + 4 and 2x4 of the second convolution, 9x4 + 4 and 2x4."""
    found = Run(whole.path).stages
    keys = ("first_epoch", "last_epoch", "frozen_layers", "trainable_parameters", "learning_rate", "frozen")
    assert [tuple(stage[key] for key in keys) for stage in found] == [
        (1, 1, 4, 650, 0.01, ["conv2d_1 to batch_normalization_2"]),
        (2, 2, 2, 650 + 156, 0.01, ["conv2d_1 to batch_normalization_1"]),
        (3, 4, 0, 650 + 156 + 48, 0.002, []),
    ]
    page = RunDir(whole.path).report.read_text(encoding="utf-8")
    assert "Stages of the training" in page and "conv2d_1 to batch_normalization_2" in page
    assert "Batch normalisation of frozen layers stays in inference mode" in page
    assert Run(whole.path).layers["parameters"]["trainable"] == 650


def test_train_says_at_its_start_what_is_frozen(tmp_path: Path) -> None:
    config = write_config(tmp_path, staged(train__epochs=2, train__unfreeze=FREED[0]))
    told = command("train", config, "--output", tmp_path, cwd=tmp_path).stdout
    still = "batch normalisation of frozen layers stays in inference mode"
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert f"frozen 4 layers, 650 parameters trainable; {still}" in lines
    assert f"from epoch 2 frozen: 2 layers, 806 parameters trainable; {still}" in lines


def zeros(found: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Return how many weights of each variable of the network are zero, and how many there are."""
    weights = {name: value for name, value in found.items() if name.startswith("model/")}
    return {name: (int((value == 0).sum()), value.size) for name, value in weights.items()}


def test_pruned_weights_are_zero_in_the_sparse_epochs_and_in_no_other(sparse: Any) -> None:
    run, epochs = sparse
    kernels = [name for name in zeros(epochs[0]) if name.endswith("/kernel")]
    assert len(epochs) == EPOCHS and len(kernels) == 3
    for epoch, found in enumerate(epochs, start=1):
        expected = {name: round(0.4 * epochs[0][name].size) if epoch in (2, 3) else 0 for name in kernels}
        assert {name: count for name, (count, _) in zeros(found).items() if name in kernels} == expected, epoch
    told = [stage.get("sparsity", {}) for stage in Run(run.path).stages]
    shares = [round(0.4 * epochs[0][name].size) / epochs[0][name].size for name in kernels]
    assert told == [{}, dict(zip(("conv2d_1", "conv2d_2", "logits"), shares, strict=True)), {}]
    assert "Sparsity" in RunDir(run.path).report.read_text(encoding="utf-8")
    biases = [name for name in epochs[0] if name.endswith(("/bias", "/gamma"))]
    assert all(epochs[2][name].all() for name in biases)


def test_the_smallest_weights_are_pruned_and_begin_again_from_zero(sparse: Any) -> None:
    _, (dense, first, second, last) = sparse
    for name in (name for name in dense if name.startswith("model/") and name.endswith("/kernel")):
        gone = first[name] == 0
        assert np.abs(dense[name][gone]).max() <= np.abs(dense[name][~gone]).min()
        np.testing.assert_array_equal(gone, second[name] == 0)
        assert np.abs(last[name][gone]).mean() < np.abs(last[name][~gone]).mean()


@pytest.mark.parametrize(
    "epochs", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
def test_a_run_killed_in_any_phase_ends_as_the_uninterrupted_one(epochs: int, sparse: Any, tmp_path: Path) -> None:
    assert_goes_on_as(sparse[0].path, killed_after(epochs, pruned(), tmp_path))


EVERYTHING = {
    "train__ema": 0.5,
    "train__precision": "mixed_float16",
    "train__learning_rate_factors": {"conv2d_*": 0.1},
    "train__optimizer": {"name": "AdamW", "learning_rate": 0.01},
    "train__schedule": {"name": "ReduceLROnPlateau", "patience": 1, "monitor": "loss", "min_delta": 9.0},
    "train__early_stopping": {"patience": 9, "restore_best": False},
}


EVERYTHING_IN_STAGES = {
    "freed": staged(train__unfreeze=FREED, **EVERYTHING),
    "pruned": pruned(**EVERYTHING),
}


@pytest.fixture(scope="module", params=EVERYTHING_IN_STAGES)
def everything(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A configuration, and the folder of its run without interruption."""
    config = EVERYTHING_IN_STAGES[request.param]
    return config, cnnbench.run(config, output=tmp_path_factory.mktemp("everything")).path


@pytest.mark.slow
@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_averages_precision_and_factors_go_on_in_any_stage(epochs: int, everything: Any, tmp_path: Path) -> None:
    config, whole = everything
    assert_goes_on_as(whole, killed_after(epochs, config, tmp_path))
