from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from PIL import Image

from cnnbench.data.prepare import Filter, Fit, Target, prepare, prepare_array
from cnnbench.errors import DataError
from tests.builders.images import pixels


def image_of(*shape: int) -> Image.Image:
    return Image.fromarray(pixels(*shape))


def test_nothing_to_do_keeps_pixels() -> None:
    array = pixels(7, 9, 3)
    assert (prepare(Image.fromarray(array), None, "crop", 3, None) == array).all()
    images = pixels(4, 7, 9, 3)
    assert prepare_array(images, Target((7, 9), "crop", 3, "rgb")) is images


@pytest.mark.parametrize("fit", ["stretch", "crop", "pad", "center"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(8, 8), (5, 12), (40, 31)])
def test_result_has_the_size_and_type_asked_for(fit: Fit, channels: int, size: tuple[int, int]) -> None:
    found = prepare(image_of(20, 30, 3), size, fit, channels, None)
    assert found.shape == (*size, channels) and found.dtype == np.uint8


def test_crop_takes_the_middle() -> None:
    array = np.zeros((10, 30, 3), np.uint8)
    array[:, 10:20] = 200
    assert (prepare(Image.fromarray(array), (10, 10), "crop", 3, None) == 200).all()
    assert (prepare(Image.fromarray(array.transpose(1, 0, 2)), (10, 10), "crop", 3, None) == 200).all()


def test_stretch_uses_the_whole_image() -> None:
    array = np.zeros((10, 30, 3), np.uint8)
    array[:, :15] = 200
    found = prepare(Image.fromarray(array), (10, 10), "stretch", 3, None)
    assert (found[:, :4] == 200).all() and (found[:, 6:] == 0).all()


def test_pad_is_black_around_the_whole_image() -> None:
    found = prepare(Image.fromarray(np.full((10, 30, 3), 200, np.uint8)), (30, 30), "pad", 3, None)
    assert (found[10:20] == 200).all() and (found[:10] == 0).all() and (found[20:] == 0).all()


def test_center_pads_and_crops_without_scaling() -> None:
    array = pixels(28, 28)
    found = prepare(Image.fromarray(array), (32, 32), "center", 1, None)[:, :, 0]
    assert (found[2:30, 2:30] == array).all() and found.sum() == array.sum()
    assert (prepare(Image.fromarray(array), (10, 32), "center", 1, None)[:, 2:30, 0] == array[9:19]).all()


def test_downscaling_averages() -> None:
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    found = prepare(Image.fromarray(board.astype(np.uint8)), (8, 8), "stretch", 1, None)
    assert np.abs(found.astype(int) - 127).max() <= 2  # without antialiasing it would be black or white


def test_grey_is_luminance_or_the_mean() -> None:
    color = Image.fromarray(np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 31]]], np.uint8))
    assert prepare(color, None, "crop", 1, "luminance")[0, :, 0].tolist() == [76, 150, 29, 18]
    assert prepare(color, None, "crop", 1, "mean")[0, :, 0].tolist() == [85, 85, 85, 20]
    assert prepare(color, None, "crop", 1, None)[0, 0, 0] == 76


def test_grey_becomes_three_equal_channels() -> None:
    grey = pixels(5, 6)
    assert (prepare(Image.fromarray(grey), None, "crop", 3, "rgb") == grey[:, :, None]).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_colour_mode_comes_out_alike(mode: str, channels: int) -> None:
    white = Image.new("RGB", (6, 5), "white")
    found = prepare(_in_mode(white, mode), (4, 4), "crop", channels, None)
    assert found.shape == (4, 4, channels) and (found == 255).all()


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    via = {"PA": "P", "RGBa": "RGBA"}.get(mode)
    return (image.convert(via) if via else image).convert(mode)


def test_transparent_pixels_are_white() -> None:
    clear = Image.new("RGBA", (4, 4), (10, 20, 30, 0))
    assert (prepare(clear, None, "crop", 3, None) == 255).all()
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([0, 0, 0, 90, 90, 90])
    palette.info["transparency"] = 0
    assert (prepare(palette, None, "crop", 1, None) == 255).all()


@pytest.mark.parametrize(
    "target",
    [
        Target((16, 16), "crop", 3, None),
        Target((12, 20), "pad", 3, None),
        Target((20, 20), "center", 3, None),
        Target(None, "crop", 1, "mean"),
        Target((9, 9), "center", 1, "luminance"),
    ],
)
def test_arrays_are_prepared_as_single_images_are(target: Target) -> None:
    images = pixels(5, 12, 15, 3)
    each = [prepare(Image.fromarray(i), target.size, target.fit, target.channels, target.color) for i in images]
    assert (prepare_array(images, target) == np.stack(each)).all()


def test_float_images_are_rounded_when_they_change() -> None:
    images = np.full((2, 4, 4, 1), 99.6, np.float32)
    found = prepare_array(images, Target((8, 8), "crop", 1, None))
    assert found.dtype == np.uint8 and (found == 100).all()


def test_needle_is_not_padded_to_gigabytes() -> None:
    with pytest.raises(DataError, match=r"60000x1 pixels would be padded to 60000x60000; use data\.fit"):
        prepare(Image.new("RGB", (60000, 1)), (8, 8), "pad", 3, None)


def test_other_filters_are_those_of_other_libraries() -> None:
    ramp = (np.arange(16, dtype=np.uint8) ** 2)[None].repeat(16, axis=0)
    image = Image.fromarray(ramp)

    def row(resample: Filter) -> list[int]:
        return prepare(image, (4, 4), "stretch", 1, None, resample)[0, :, 0].astype(int).tolist()

    assert row("nearest") == [4, 36, 100, 196]
    middle = [(ramp[0, i] / 2 + ramp[0, i + 1] / 2) for i in (1, 5, 9, 13)]
    assert row("plain bilinear") == pytest.approx(middle, abs=1), "between the two pixels in the middle of four"
    assert row("bilinear") == np.asarray(image.resize((4, 4), Image.Resampling.BILINEAR))[0].tolist()
    assert len({tuple(row(name)) for name in get_args(Filter)}) == 4
