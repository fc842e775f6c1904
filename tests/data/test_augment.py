"""Augmentation is a function of (seed, epoch, step), for every layer by name, eagerly and inside the pipeline."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from cnnbench.catalogue.signatures import AUGMENTATIONS
from cnnbench.data.augment import Augmenter
from cnnbench.data.augment_layers import OWN_LAYERS, Cutout, RandomCropWithPadding
from cnnbench.data.feed import for_training
from cnnbench.data.pipeline import TrainingBatches
from cnnbench.data.stores import ArrayStore
from cnnbench.data.types import Split
from cnnbench.errors import ConfigError

ARGUMENTS: dict[str, dict[str, Any]] = {
    "RandomBrightness": {"factor": 0.2},
    "RandomContrast": {"factor": 0.2},
    "RandomCrop": {"height": 16, "width": 16},
    "CenterCrop": {"height": 16, "width": 16},
    "Resizing": {"height": 16, "width": 16},
    "RandomRotation": {"factor": 0.1},
    "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2},
    "RandomZoom": {"height_factor": 0.2},
    "RandomShear": {"x_factor": 0.3},
    "RandomHue": {"factor": 0.3},
    "RandomSaturation": {"factor": [0.0, 0.99]},
    "RandomColorDegeneration": {"factor": 0.5},
    "RandomColorJitter": {"brightness_factor": 0.3},
    "RandomPosterization": {"factor": 4},
    "RandomSharpness": {"factor": 0.5},
    "RandomCropWithPadding": {"padding": 3},
    "Cutout": {"size": 6},
}
WITHOUT_CHANCE = {
    *("AutoContrast", "CenterCrop", "Equalization", "Resizing", "ContrastLimitedAdaptiveHistogramEqualization"),
    *("Solarization", "RandomCrop"),  # at these arguments they leave nothing to chance
}


def batch() -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    images = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3)).astype(np.uint8)
    return images, np.eye(6, dtype=np.float32)


@pytest.mark.parametrize("name", sorted(AUGMENTATIONS))
def test_same_epoch_and_step_same_images(name: str) -> None:
    images, labels = batch()
    augmenter = Augmenter([{name: ARGUMENTS.get(name, {})}], seed=1)
    first = augmenter(images, labels, epoch=3, step=2)
    augmenter(images, labels, epoch=0, step=0)  # whatever runs in between changes nothing
    again = augmenter(images, labels, epoch=3, step=2)
    fresh = Augmenter([{name: ARGUMENTS.get(name, {})}], seed=1)(images, labels, epoch=3, step=2)
    for other in (again, fresh):
        np.testing.assert_array_equal(first[0], other[0])
        np.testing.assert_array_equal(first[1], other[1])
    assert first[0].shape == images.shape
    assert first[0].min() >= 0 and first[0].max() <= 255
    if name not in WITHOUT_CHANCE:
        varied = [augmenter(images, labels, epoch, step)[0] for epoch, step in ((4, 2), (3, 3), (5, 7), (6, 1))]
        assert any(not np.array_equal(first[0], other) for other in varied)


# Of RandomElasticTransform Keras draws another field where it is traced, whoever traces it.
@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(AUGMENTATIONS) - {"RandomElasticTransform"}))
def test_inside_the_pipeline_the_images_are_the_same(name: str) -> None:
    """There a layer is traced, and no condition of its Python code is made one of tensors."""
    images, _ = batch()
    split = Split(ArrayStore(images), np.arange(6), np.arange(6))
    traced, eager = (Augmenter([{name: ARGUMENTS.get(name, {})}], 1) for _ in range(2))
    batches = TrainingBatches(split, 6, 3, 1, traced)
    stream = islice(iter(for_training(batches, 2)), 3)
    for step, (raw, got) in enumerate(zip(batches.raw(2), stream, strict=False)):
        expected = eager(raw[0], raw[1], 2 + step // 2, step % 2)
        np.testing.assert_allclose(np.asarray(got[0]), expected[0], atol=1e-3)
        np.testing.assert_allclose(np.asarray(got[1]), expected[1], atol=1e-6)


def test_alternating_flips_show_both_sides_in_two_epochs_and_begin_with_half_of_them() -> None:
    images = np.random.default_rng(3).integers(0, 256, (400, 8, 8, 3)).astype(np.uint8)
    labels, mirrored = np.eye(400, dtype=np.float32), images[:, :, ::-1]

    def turns(seed: int, epoch: int, step: int = 0, chosen: slice = slice(None)) -> NDArray[np.bool_]:
        flipped, _ = Augmenter(["AlternatingFlip"], seed)(images[chosen], labels[chosen], epoch, step)
        is_mirrored = (flipped == mirrored[chosen]).all(axis=(1, 2, 3))
        assert (is_mirrored | (flipped == images[chosen]).all(axis=(1, 2, 3))).all()
        return np.asarray(is_mirrored)

    first = turns(0, 0)
    assert 160 < first.sum() < 240
    assert (turns(0, 1) == ~first).all() and (turns(0, 2) == first).all()
    assert (turns(0, 2, step=5, chosen=slice(10, 30)) == first[10:30]).all()  # whatever the batch
    assert 120 < (turns(1, 0) == first).sum() < 280  # another seed, other halves


@pytest.mark.parametrize("mode", ["horizontal", "vertical", "horizontal_and_vertical"])
def test_flips_are_those_of_keras(mode: str) -> None:
    images, _ = batch()
    ours, theirs = (make(mode, seed=5) for make in (OWN_LAYERS["RandomFlip"], keras.layers.RandomFlip))
    for _ in range(3):
        flipped = np.asarray(ours(images, training=True))
        np.testing.assert_array_equal(flipped, theirs(images, training=True))
        assert not np.array_equal(flipped, images)
    np.testing.assert_array_equal(ours(images, training=False), images)


def test_every_crop_is_a_window_of_the_reflected_image() -> None:
    images, labels = batch()
    shifted, _ = Augmenter([{"RandomCropWithPadding": {"padding": 4}}], 0)(images, labels, 0, 0)
    for image, moved in zip(images, shifted, strict=True):
        padded = np.pad(image, ((4, 4), (4, 4), (0, 0)), mode="reflect")
        windows = [padded[y : y + 16, x : x + 16] for y in range(9) for x in range(9)]
        assert any(np.array_equal(moved, window) for window in windows)


def test_constant_rim_is_black() -> None:
    white = np.full((64, 8, 8, 1), 255, np.float32)
    moved = np.asarray(RandomCropWithPadding(2, mode="constant")(white))
    assert set(np.unique(moved)) == {0.0, 255.0}
    assert moved[:, 2:-2, 2:-2].min() == 255.0


def test_cutout_blanks_one_square_each() -> None:
    blank = np.asarray(Cutout(4)(np.ones((200, 16, 16, 1), np.float32))) == 0
    areas = blank.sum(axis=(1, 2, 3))
    assert areas.max() == 16
    assert areas.min() >= 4  # a quarter is left when the centre is in a corner
    assert len(np.unique(areas)) > 2


def test_mixup_mixes_labels_with_images() -> None:
    images = np.stack([np.full((4, 4, 1), value, np.float32) for value in (0, 100, 200, 250)])
    mixed, labels = Augmenter([{"MixUp": {"alpha": 0.8}}], 0)(images, np.eye(4, dtype=np.float32), 1, 0)
    np.testing.assert_allclose(mixed[:, 0, 0, 0], labels @ np.array([0, 100, 200, 250]), rtol=1e-4)
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-5)
    assert labels.max() < 1.0 or len(np.unique(labels)) > 2


@pytest.mark.parametrize("padding", [1, 4, 8, 30])
@pytest.mark.parametrize("mode", ["reflect", "constant"])
def test_a_rim_may_be_wider_than_the_image(padding: int, mode: str) -> None:
    image = np.arange(1, 7, dtype=np.float32).reshape(1, 2, 3, 1)
    layer = RandomCropWithPadding(padding, mode=mode)
    padded = np.pad(image[0, :, :, 0], padding, mode="reflect" if mode == "reflect" else "constant")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2, 3)).reshape(-1, 6)
    for shifted in np.asarray(layer(np.repeat(image, 50, axis=0))).reshape(-1, 6):
        assert (windows == shifted).all(axis=1).any()


def augment(specs: list[Any], shape: tuple[int, int, int]) -> None:
    Augmenter(specs, 0)(np.full((2, *shape), 127, np.uint8), np.eye(2, dtype=np.float32), 0, 0)


@pytest.mark.parametrize(
    ("spec", "shape", "said"),
    [
        (
            {"RandomCrop": {"height": 4, "width": 4}},
            (8, 6, 3),
            r"RandomCrop: makes images of 8x6x3 4x4x3; the network is",
        ),
        ({"RandomHue": {"factor": 0.2}}, (8, 8, 1), r"RandomHue: cannot be applied to images of 8x8x1 \("),
        ("ContrastLimitedAdaptiveHistogramEqualization", (2, 3, 1), r"cannot be applied to images of 2x3x1 \("),
        ("RandomPerspective", (1, 1, 3), r"RandomPerspective: cannot be applied to images of 1x1x3 \("),
    ],
)
def test_what_images_do_not_suit_is_named(spec: Any, shape: tuple[int, int, int], said: str) -> None:
    with pytest.raises(ConfigError, match=r"^augment\[1\]\.") as raised:
        augment(["RandomFlip", spec], shape)
    assert re.search(said, str(raised.value)) and len(str(raised.value).splitlines()) == 1
    augment(["RandomFlip", "MixUp", {"Cutout": {"size": 3}}, {"RandomCropWithPadding": {"padding": 9}}], shape)
