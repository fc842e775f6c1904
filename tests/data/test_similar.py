from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cnnbench.data.similar import alike, joined, looks
from cnnbench.data.types import Images


def photographs(count: int, size: int = 48, seed: int = 0) -> np.ndarray:
    """Smooth random pictures, (count, size, size, 3)."""
    coarse = np.random.default_rng(seed).integers(0, 256, (count, 6, 6, 3), np.uint8)
    return np.stack([np.asarray(Image.fromarray(c).resize((size, size), Image.Resampling.BICUBIC)) for c in coarse])


def as_jpeg(image: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=75)
    return np.asarray(Image.open(file))


def scaled(image: np.ndarray) -> np.ndarray:
    small = Image.fromarray(image).resize((30, 30), Image.Resampling.BILINEAR)
    return np.asarray(small.resize((48, 48), Image.Resampling.BILINEAR))


def brighter(image: np.ndarray) -> np.ndarray:
    return np.clip(image.astype(int) + 12, 0, 255).astype(np.uint8)


def noisy(image: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 4, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def found(one: Images, other: Images) -> list[int]:
    rows: list[int] = alike(looks(one), looks(other)).tolist()
    return rows


@pytest.mark.parametrize("change", [as_jpeg, scaled, brighter, noisy])
def test_a_changed_copy_is_found_among_others(change: object) -> None:
    assert callable(change)
    images = photographs(200)
    copies = np.stack([change(image) for image in images[50:100]])
    assert found(copies, images) == list(range(50, 100))


def test_other_images_are_not_alike() -> None:
    assert set(found(photographs(200, seed=1), photographs(200))) == {-1}


def test_drawings_on_black_are_held_against_each_other_in_detail() -> None:
    rng = np.random.default_rng(0)
    strokes = np.zeros((300, 28, 28, 1), np.uint8)
    for image in strokes:
        for row, column in rng.integers(4, 18, (4, 2)):
            image[row : row + rng.integers(3, 8), column : column + rng.integers(2, 5)] = 255
    assert set(found(strokes[:150], strokes[150:])) == {-1}
    fainter = (strokes[:150] * 0.95).astype(np.uint8)
    assert np.mean(np.array(found(fainter, strokes)) == np.arange(150)) > 0.9


def test_plain_images_are_alike_within_noise() -> None:
    plain = np.full((3, 9, 7, 1), 100.0, np.float32)
    plain[1] += np.random.default_rng(0).normal(0, 1, (9, 7, 1))
    plain[2, ::2] += 60
    assert found(plain[1:], plain[:1]) == [0, -1]


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 500, 3), (8, 8, 1), (17, 5, 3)])
def test_images_of_every_shape_have_looks(shape: tuple[int, int, int]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (4, *shape), np.uint8)
    hashes, thumbnails = joined([looks(images[:1]), looks(images[1:])])
    assert hashes.shape == (4,) and thumbnails.shape == (4, 256)
    assert (thumbnails == looks(images)[1]).all() and found(images[:1], images[:1]) == [0]


def test_a_crowd_of_equal_hashes_takes_no_longer() -> None:
    """Thirty thousand plain images have one hash: pairs of all would be 2 * 10^8 and take minutes and gigabytes."""
    plain = np.repeat(np.arange(30_000) % 250, 16).reshape(-1, 4, 4, 1).astype(np.uint8)
    rows = alike(looks(plain[:15_000]), looks(plain[15_000:]))
    assert rows.shape == (15_000,) and (rows >= 0).all()
