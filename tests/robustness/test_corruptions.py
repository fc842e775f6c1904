"""Each corruption does what its value says, and more of it the stronger it is."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_sample_image

from cnnbench.report.robustness import PANELS, TITLES
from cnnbench.robustness.corrupt import drawing
from cnnbench.robustness.corruptions import CORRUPTIONS, STRENGTHS, Corruption

KINDS = {kind.name: kind for kind in CORRUPTIONS}


@pytest.fixture(scope="module")
def photo() -> NDArray[np.uint8]:
    """A photograph of 32 x 32 pixels, (1, 32, 32, 3)."""
    image = Image.fromarray(load_sample_image("china.jpg")).resize((32, 32), Image.Resampling.BILINEAR)
    return np.asarray(image)[None]


def made(kind: str, images: NDArray[np.uint8], strength: int = 5) -> NDArray[np.float64]:
    found = KINDS[kind].corrupted(images, strength, drawing(kind, range(len(images))))
    assert found.dtype == np.uint8 and found.shape == images.shape
    return found.astype(np.float64)


def flat(value: int, images: int = 20, side: int = 32) -> NDArray[np.uint8]:
    return np.full((images, side, side, 3), value, np.uint8)


def square(side: int = 32, images: int = 8) -> NDArray[np.uint8]:
    """A white square, as wide as a quarter of the image, in its middle."""
    found = np.zeros((images, side, side, 1), np.uint8)
    found[:, 3 * side // 8 : 5 * side // 8, 3 * side // 8 : 5 * side // 8] = 255
    return found


def centres(images: NDArray[np.float64]) -> NDArray[np.float64]:
    """The centre of light of each image (n, H, W, 1), from the image's own, (n, 2)."""
    middle, places = (images.shape[1] - 1) / 2, np.arange(images.shape[1])
    light = images[..., 0]
    rows, columns = light.sum(axis=2) @ places, light.sum(axis=1) @ places
    return np.stack([rows, columns], axis=1) / light.sum(axis=(1, 2))[:, None] - middle


@pytest.mark.parametrize("kind", CORRUPTIONS, ids=lambda kind: kind.name)
def test_stronger_means_further_from_the_image(kind: Corruption, photo: NDArray[np.uint8]) -> None:
    apart = [np.abs(made(kind.name, photo, strength) - photo).mean() for strength in STRENGTHS]
    assert apart[0] > 0 and apart == sorted(apart)
    grey = photo[..., :1]
    assert kind.corrupted(grey, 3, drawing(kind.name, [0])).shape == (1, 32, 32, 1)


def test_the_page_has_a_title_and_a_panel_for_each() -> None:
    assert {kind.name: kind.title for kind in CORRUPTIONS} == TITLES
    assert sorted(name for names in PANELS.values() for name in names) == sorted(KINDS)


def test_noise_is_as_strong_as_its_value_says() -> None:
    noisy = made("gaussian_noise", flat(128), 3) / 255
    assert noisy.std() == pytest.approx(0.08, rel=0.02)
    counted = made("shot_noise", flat(100), 5) / 255
    assert counted.mean() == pytest.approx(100 / 255, rel=0.01)
    assert counted.var() == pytest.approx(100 / 255 / 50, rel=0.03), "a count's variance is its mean"
    dotted = made("impulse_noise", flat(128), 5)
    assert (dotted == 0).mean() == pytest.approx(0.035, rel=0.1) and (dotted == 255).mean() == pytest.approx(
        0.035, rel=0.1
    )


def test_light() -> None:
    two = flat(100, 1)
    two[0, :16] = 200
    assert np.unique(made("contrast", two, 5)).tolist() == [142, 158], "0.15 of 50 around 150"
    assert np.unique(made("brightness", flat(0, 1), 3)).tolist() == [38], "black becomes grey"
    colored = np.array([[[[200, 100, 50]]]], np.uint8)
    assert made("brightness", colored, 2).ravel().tolist() == [226, 113, 56], "in proportion: 225.5 / 200"


def test_detail(photo: NDArray[np.uint8]) -> None:
    assert (made("blur", flat(77, 1)) == 77).all()
    assert made("blur", square()).sum() == pytest.approx(square().astype(float).sum(), rel=0.01)
    stream = io.BytesIO()
    Image.fromarray(photo[0]).save(stream, "JPEG", quality=40)
    np.testing.assert_array_equal(made("jpeg", photo)[0], np.asarray(Image.open(stream)))
    assert len(np.unique(made("pixelation", np.arange(1024, dtype=np.uint8).reshape(1, 32, 32, 1))[0, 0, :, 0])) == 20


@pytest.mark.parametrize("side", [32, 64])
def test_lengths_grow_with_the_image(side: int) -> None:
    moved = centres(made("shift", square(side), 3))
    np.testing.assert_allclose(np.hypot(*moved.T), 3 * side / 32, atol=0.02)
    assert len(np.unique(moved.round(3), axis=0)) == 8, "each image has a direction of its own"
    line = flat(0, 1, side)
    line[:, :, side // 2] = 255
    assert made("blur", line).max() / 255 == pytest.approx(32 / side / (2 * np.pi) ** 0.5, abs=0.003)


def test_place_and_size() -> None:
    sizes = made("scale", square(64), 5).sum(axis=(1, 2, 3)) / square(64).astype(float).sum(axis=(1, 2, 3))
    assert sorted({round(float(size), 1) for size in sizes}) == [0.4, 2.2], "1.5 squared, and one over that"
    assert np.abs(centres(made("scale", square(64)))).max() < 0.02
    off = np.zeros((8, 64, 64, 1), np.uint8)
    off[:, 30:34, 46:50] = 255
    rows, columns = centres(made("rotation", off, 5)).T
    np.testing.assert_allclose(np.abs(np.rad2deg(np.arctan2(rows, columns))), 30, atol=1)
    assert (rows > 0).any() and (rows < 0).any()


def test_what_is_drawn_depends_on_the_image_alone(photo: NDArray[np.uint8]) -> None:
    from cnnbench.robustness.corrupt import corrupted

    images: Any = np.concatenate([photo, photo[:, ::-1], photo[:, :, ::-1]])
    together = [one.images for one in corrupted(images)]
    assert len(together) == 55
    for a, b in zip(together, corrupted(images[[2, 0]]), strict=True):
        np.testing.assert_array_equal(a[[2, 0]], b.images)
