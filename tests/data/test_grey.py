from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnbench.config.schema import Data
from cnnbench.data.check import check
from cnnbench.data.decode import decode, largest_grey
from cnnbench.data.grey import evident_bits
from cnnbench.data.load import load_data
from cnnbench.data.types import Dataset
from cnnbench.errors import DataError
from tests.builders.images import write_image


def camera(root: Path, top: int) -> Path:
    """Two classes of 16-bit grey files of both kinds whose values end at `top`, and a colour file."""
    for k, name in enumerate(("cat", "dog")):
        for i in range(5):
            values = np.random.default_rng([k, i]).integers(0, top + 1, (12, 12)).astype(np.uint16)
            values[0, :2] = 0, top
            (root / name).mkdir(parents=True, exist_ok=True)
            Image.fromarray(values).save(root / name / f"{i}.{'png' if i % 2 else 'tif'}")
        write_image(root / name / "colour.png")
    return root


def load(root: Path, **changed: Any) -> Dataset:
    return load_data(Data(source="image_folder", path=str(root), validation=0, color="luminance", **changed))


@pytest.mark.parametrize(
    ("largest", "bits"),
    [
        *(
            (0, 8),
            (255, 8),
            (256, 16),
            (511, 16),
            (512, 10),
            (1023, 10),
            (1024, 16),
            (2047, 16),
            (2048, 12),
            (4095, 12),
        ),
        *((4096, 16), (8191, 16), (8192, 14), (16383, 14), (16384, 16), (65535, 16)),
    ],
)
def test_a_depth_is_evident_where_its_upper_half_is_reached(largest: int, bits: int) -> None:
    assert evident_bits(largest) == bits


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_the_depth_of_a_set_is_measured_used_and_told(tmp_path: Path, bits: int) -> None:
    found = load(camera(tmp_path, (1 << bits) - 1))
    images = found.train.images(np.arange(len(found.train)))
    assert found.grey_bits == bits and (images.min(), images.max()) == (0, 255)
    assert any(note.startswith(f"16-bit grey files: scaled as {bits} bits") for note in found.notes)


def test_a_depth_that_is_said_is_not_measured(tmp_path: Path) -> None:
    camera(tmp_path, 1023)
    found = load(tmp_path, grey_bits=12)
    grey = [i for i, name in enumerate(found.train.names) if "colour" not in name]
    assert found.grey_bits == 12 and found.train.images(np.array(grey)).max() == 64
    with pytest.raises(DataError, match=r"grey values 0\.\.1023; allowed are 0\.\.511, 9 bits"):
        load(tmp_path, grey_bits=9)


def test_nothing_is_measured_of_files_with_8_bits(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        for i in range(5):
            write_image(tmp_path / name / f"{i}.png", seed=i, mode="L")
    found = load(tmp_path)
    assert found.grey_bits is None and not any("16-bit" in note for note in found.notes)
    assert largest_grey(tmp_path / "cat" / "0.png") is None and largest_grey(tmp_path / "no.png") is None


def test_scaling_rounds_to_the_nearest_level(tmp_path: Path) -> None:
    values = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    Image.fromarray(values).save(tmp_path / "x.png")
    assert (np.asarray(decode(tmp_path / "x.png", 12)) == np.rint(values / 4095 * 255)).all()


def test_check_shows_levels_and_warns_of_few(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        for i in range(5):
            (tmp_path / name).mkdir(exist_ok=True)
            values = np.random.default_rng(i).integers(0, 4096, (40, 40), np.uint16)
            Image.fromarray(values).save(tmp_path / name / f"{i}.png")
    data = Data(source="image_folder", path=str(tmp_path))
    found = check(data)
    assert found.splits["train"].levels == 256 and not any("reach only" in warning for warning in found.warnings)
    found = check(data.model_copy(update={"grey_bits": 16}))
    assert found.splits["train"].levels == 17
    assert "train: pixel values reach only 16 of 255, 17 level(s) of grey or colour" in found.warnings
