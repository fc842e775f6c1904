"""Images in every form are prepared as files are, and a bad one does not stop the others."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cnnbench.config.schema import Data
from cnnbench.data.decode import in_memory
from cnnbench.data.normalize import Normalization
from cnnbench.data.prepare import prepare
from cnnbench.data.types import Images, Split
from cnnbench.errors import DataError
from cnnbench.evaluation.predictor import Predictor
from tests.builders.images import pixels, write_image

CLASSES = ("dark", "light")


@dataclass
class Brightness:
    """A model that says how light an image is; it keeps what it was asked."""

    input_shape: tuple[int, int, int] = (6, 8, 3)
    at_once: int = 2
    normalization: Normalization = field(default_factory=lambda: Normalization((1.0,), (0.0,)))
    gives_probabilities: bool = True
    model: Any = None
    asked: list[Images] = field(default_factory=list)

    def predict_images(self, images: Images) -> NDArray[np.float32]:
        self.asked.append(images)
        light = images.reshape(len(images), -1).mean(axis=1) / 255
        return np.stack([1 - light, light], axis=1).astype(np.float32)

    def predict_split(self, split: Split) -> NDArray[np.float32]:
        raise NotImplementedError


def predictor(**changes: Any) -> Predictor:
    return Predictor(Brightness(**changes), Data(source="image_folder", path="x", image_size=(6, 8)), CLASSES)


def saved(image: Image.Image, suffix: str = "png", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, suffix, **options)
    return stream.getvalue()


def test_every_form_of_an_image_gives_the_same(tmp_path: Path) -> None:
    photo = pixels(30, 40, 3)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    expected = prepare(Image.fromarray(photo), (6, 8), "crop", 3, None)
    forms = [
        tmp_path / "photo.png",
        Image.fromarray(photo),
        photo,
        photo.astype(np.float64),
        saved(Image.fromarray(photo)),
    ]
    for form in [*forms, str(tmp_path / "photo.png"), str(tmp_path), tmp_path / "*.png"]:
        asked = predictor()
        found = asked.predict(form)
        assert found.shape == (1, 2)
        np.testing.assert_array_equal(asked.trained.asked[0][0], expected)  # type: ignore[attr-defined]
    together = predictor().predict(forms)
    assert together.shape == (5, 2) and np.ptp(together, axis=0).max() == 0


@pytest.mark.parametrize(
    ("shape", "images"),
    [((6, 8, 3), 1), ((4, 6, 8, 3), 4), ((30, 40), 1), ((5, 30, 40), 5), ((5, 30, 40, 1), 5), ((5, 30, 40, 4), 5)],
)
def test_an_array_is_one_image_or_many(shape: tuple[int, ...], images: int) -> None:
    assert predictor().predict(np.full(shape, 255, np.uint8)).tolist() == [[0, 1]] * images


def test_pixel_values_of_the_models_size_go_in_as_they_are() -> None:
    asked, exact = predictor(), np.full((3, 6, 8, 3), 100.25, np.float32)
    asked.predict(exact)
    asked.predict(list(exact))
    assert all((batch == 100.25).all() for batch in asked.trained.asked)  # type: ignore[attr-defined]
    assert asked.predict([]).shape == (0, 2) and asked.predict(exact[:0]).shape == (0, 2)
    assert asked.predict(exact.tolist()).shape == (3, 2)


def test_what_is_transparent_is_white_and_a_photograph_stands_upright() -> None:
    clear = Image.new("RGBA", (40, 30), (0, 0, 0, 0))
    assert predictor().predict([clear, np.asarray(clear)]).tolist() == [[0, 1]] * 2
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = Image.fromarray(pixels(20, 30, 3))
    stored = saved(lying, "jpeg", exif=exif)
    image = Image.open(io.BytesIO(stored))
    assert in_memory(image).size == (20, 30) and image.size == (30, 20)
    asked = predictor(at_once=1)
    asked.predict([stored, Image.open(io.BytesIO(stored))])
    asked.predict(np.asarray(image))
    from_bytes, from_image, lying_down = asked.trained.asked  # type: ignore[attr-defined]
    np.testing.assert_array_equal(from_bytes, from_image)
    assert (from_bytes != lying_down).any(), "an array says nothing of which way is up"


def test_a_bad_image_is_an_answer_among_the_others(tmp_path: Path) -> None:
    good, bad = write_image(tmp_path / "a.png"), tmp_path / "b.png"
    bad.write_bytes(good.read_bytes()[:90])
    images: list[Any] = [good, bad, b"no image", np.zeros((9, 9, 2)), good, "https://x.org/a.png"]
    found = list(predictor().answers(images))
    assert [one.name for one in found] == [str(good), str(bad), "image 3", "image 4", str(good), "https://x.org/a.png"]
    assert [one.probabilities is None for one in found] == [False, True, True, True, False, True]
    assert [one.problem is None for one in found] == [False ^ (one.probabilities is not None) for one in found]
    assert found[2].problem == "image 3: not an image that can be read (no known image format)"
    with pytest.raises(DataError) as refused:
        predictor().predict(images)
    assert len(refused.value.problems) == 4


def test_images_are_read_a_batch_at_a_time() -> None:
    taken: list[int] = []

    def endless() -> Any:
        while True:
            taken.append(1)
            yield np.zeros((6, 8, 3), np.uint8)

    answers = predictor().answers(endless())
    next(answers)
    assert len(taken) == 4, "one batch of two, and the next one ahead"
    answers.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (np.zeros(3), r"images: expected an image \(H, W, C\), .* found \(3,\) of float64"),
        (np.zeros((2, 3, 32, 32)), "; channels come last"),
        (np.full((2, 6, 8, 3), 256), r"images: expected pixel values 0\.\.255, found 256 to 256"),
        (np.full((6, 8, 3), -1.0), r"image 1: expected pixel values 0\.\.255, found -1 to -1"),
        (np.full((6, 8, 3), np.nan), "found nan to nan"),
        (np.full((2, 6, 8, 3), 0.5), r"found 0\.5 to 0\.5: multiply what is 0\.\.1 by 255"),
        (np.full((9, 9), "a"), r"image 1: expected pixel values 0\.\.255, found <U1"),
        ([object()], "image 1: expected pixel values"),
        (lambda: None, "image 1: expected pixel values"),
    ],
)
def test_what_is_no_image_is_told(images: NDArray[Any] | list[Any] | Callable[[], None], said: str) -> None:
    with pytest.raises(DataError, match=said):
        predictor().predict(images)
