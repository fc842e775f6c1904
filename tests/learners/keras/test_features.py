"""Features that are computed once: what is trained on them is what would have been trained on the images."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import yaml

from cnnbench.config.load import load_config
from cnnbench.config.network.fixed import fixed_part
from cnnbench.config.network.spec import expand
from cnnbench.errors import InterruptedRun
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from cnnbench.experiment.result import Result
from cnnbench.learners.keras import features
from cnnbench.learners.keras.features import divided
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.builders.networks import network
from tests.tools import assert_same_variables, cnnbench, tiny

LAYERS: list[Any] = [
    {"Conv2D": {"filters": 4, "kernel_size": 3, "activation": "relu"}},
    "BatchNormalization",
    "GlobalAveragePooling2D",
    {"Dropout": {"rate": 0.2}},
    "classifier",
]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield tmp_path / "cache" / "cnnbench" / "features"
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)  # half a gigabyte, of one of them


def trained(folder: Path, **changes: Any) -> Result:
    model = {"name": "tiny", "layers": LAYERS, "freeze": "base"}
    config = tiny(**{"model": model, "train__epochs": 3, "augment": [], **changes})
    return execute(load_config(config), Options(output=folder / "outputs", smoke=False, offline=True))


def noted(result: Result) -> list[str]:
    return [note for note in result.status["notes"] if note.startswith("features of ")]


def test_the_result_is_that_of_the_direct_way(tmp_path: Path) -> None:
    direct, cached = (trained(tmp_path, train__cache_features=how) for how in (False, True))
    assert not noted(direct) and len(noted(cached)) == 1
    assert [row["epoch"] for row in cached.history] == [1, 2, 3]
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        np.testing.assert_allclose(
            [row[name] for row in cached.history], [row[name] for row in direct.history], rtol=2e-5
        )
    np.testing.assert_allclose(cached.predictions.probabilities, direct.predictions.probabilities, atol=1e-6)
    validated = [Run(result.path).on("validation").predictions for result in (cached, direct)]
    np.testing.assert_allclose(*(found.probabilities for found in validated if found), atol=1e-6)
    for one, other in zip(cached.load_model().weights, direct.load_model().weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_other_rates_and_seeds_of_the_order_share_one_pass(tmp_path: Path, cache: Path) -> None:
    first = trained(tmp_path)
    files = {path: path.stat().st_ino for path in cache.glob("*.npy")}
    second = trained(tmp_path, train__optimizer__learning_rate=0.1)
    assert all("computed once in" in note for note in noted(first))
    assert all("from an earlier run" in note for note in noted(second))
    assert {path: path.stat().st_ino for path in cache.glob("*.npy")} == files and len(files) == 2


def test_a_pass_that_was_interrupted_goes_on_where_it_was(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "PIXELS", 16 * 8 * 8)
    through, batches = features.Features._through, iter(range(4))

    def interrupted(self: Any, images: Any, batch: int) -> Any:
        if next(batches, None) is None:
            raise KeyboardInterrupt
        return through(self, images, batch)

    with monkeypatch.context() as patched, pytest.raises(InterruptedRun):
        patched.setattr(features.Features, "_through", interrupted)
        trained(tmp_path)
    assert not list(cache.glob("*.npy"))
    (told,) = noted(trained(tmp_path))
    assert " but for 64 of an interrupted run, " in told
    kept = {path.name: np.load(path) for path in cache.glob("*.npy")}
    shutil.rmtree(cache)
    trained(tmp_path)
    assert len(kept) == 2
    for name, value in kept.items():
        np.testing.assert_array_equal(np.load(cache / name), value)


@pytest.mark.slow
def test_a_run_that_goes_on_ends_as_the_uninterrupted_one(tmp_path: Path) -> None:
    whole, begun = trained(tmp_path), trained(tmp_path, train__epochs=1)
    done = cnnbench("train", "--resume", str(begun.path), "train.epochs=3", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert_same_variables(RunDir(whole.path).last_checkpoint, RunDir(begun.path).last_checkpoint)
    assert RunDir(whole.path).predictions.read_bytes() == RunDir(begun.path).predictions.read_bytes()


@pytest.mark.slow
def test_folds_share_what_was_computed_of_all_their_images(tmp_path: Path, cache: Path) -> None:
    for index in (1, 2):
        trained(tmp_path, data__fold={"index": index, "of": 2}, data__normalize="unit")
    assert len(list(cache.glob("*.npy"))) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [{"seed": 1}, {"data__normalize": "unit"}, {"data__subset": {"train": 150, "test": 180}}],
    ids=["base", "preprocessing", "images"],
)
def test_other_bases_preprocessing_and_images_have_features_of_their_own(
    tmp_path: Path, cache: Path, changes: dict[str, Any]
) -> None:
    trained(tmp_path)
    before = set(cache.glob("*.npy"))
    assert all("computed once in" in note for note in noted(trained(tmp_path, **changes))[:1])
    assert set(cache.glob("*.npy")) > before


@pytest.mark.slow
def test_augmented_versions_take_turns(tmp_path: Path, cache: Path) -> None:
    augment = [{"RandomTranslation": {"height_factor": 0.3, "width_factor": 0.3}}]
    result = trained(tmp_path, augment=augment, train__augment_draws=3)
    sizes = sorted(len(np.load(path, mmap_mode="r")) for path in cache.glob("*.npy"))
    assert sizes == [40, 180, 3 * 160]
    versions = np.load(next(path for path in cache.glob("*.npy") if len(np.load(path, mmap_mode="r")) == 480))
    one, other, third = versions.reshape(3, 160, -1)
    assert not np.allclose(one, other) and not np.allclose(other, third)
    assert len(result.history) == 3


@pytest.mark.slow
def test_what_is_kept_stays_within_its_bounds(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "MOST_BYTES", 1)
    trained(tmp_path)
    assert len(list(cache.glob("*.npy"))) == 1


MEASURED = """
import sys, threading
from pathlib import Path
import yaml
from cnnbench.config.load import load_config
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options

def memory_of_its_own():  # not of pages of files, which the kernel drops at will
    return int(next(row.split()[1] for row in open("/proc/self/status") if row.startswith("RssAnon"))) * 1024

peak, ended = [0], threading.Event()
def watch():
    while not ended.wait(0.02):
        peak[0] = max(peak[0], memory_of_its_own())

threading.Thread(target=watch).start()
for config in yaml.safe_load(sys.stdin):
    execute(load_config(config), Options(output=Path("outputs"), report=False))
    print(peak[0])
ended.set()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow_with_the_features(tmp_path: Path, cache: Path) -> None:
    layers = [{"Conv2D": {"filters": 128, "kernel_size": 1}}, "Flatten", "classifier"]
    data = {"source": "synthetic", "synthetic": {"shape": [16, 16, 1], "classes": 3, "train": 4000, "test": 30}}
    many = tiny(model={"layers": layers, "freeze": "base"}, data=data, augment=[], train__epochs=1)
    few = {**many, "data": {**data, "subset": {"train": 400}}}
    process = subprocess.run(
        [sys.executable, "-c", MEASURED],
        input=yaml.safe_dump([few, many]),
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert process.returncode == 0, process.stderr
    small, large = map(int, process.stdout.split()[-2:])
    assert max(path.stat().st_size for path in cache.glob("*.npy")) > 500e6
    assert large - small < 100e6


def test_the_saved_model_takes_images(tmp_path: Path) -> None:
    model = trained(tmp_path).load_model()
    assert isinstance(model, keras.Model) and model.input_shape == (None, 8, 8, 1)


def test_both_parts_together_are_the_network_and_share_its_layers() -> None:
    layers = [*LAYERS[:2], {"Conv2D": {"filters": 2, "kernel_size": 1}}, *LAYERS[2:]]
    whole = network(layers)
    base, head = divided(whole, fixed_part(expand(layers), ["conv2d_1", "batch_normalization_1"]))
    images = np.random.default_rng(0).uniform(0, 255, (4, 8, 8, 3)).astype(np.float32)
    np.testing.assert_allclose(head(base(images)), whole(images), rtol=1e-6)
    assert head.layers[-2] is whole.layers[-2]
    assert len(base.weights) + len(head.weights) == len(whole.weights)
