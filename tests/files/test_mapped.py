"""Arrays that are mapped are those that were written, to the bit, or none at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cnnbench.errors import OutputError
from cnnbench.files.mapped import mapped, write_mapped
from tests.builders.images import pixels

DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "one bit of a pixel": lambda whole: whole[:200] + bytes([whole[200] ^ 1]) + whole[201:],
    "one bit of the header": lambda whole: whole[:8] + bytes([whole[8] ^ 64]) + whole[9:],
    "one bit of the checksum": lambda whole: whole[:-1] + bytes([whole[-1] ^ 128]),
    "cut off": lambda whole: whole[:-1],
    "half of it": lambda whole: whole[: len(whole) // 2],
    "longer": lambda whole: whole + b"\0",
    "zeros, as after a power cut": lambda whole: bytes(len(whole)),
    "four zeros": lambda whole: bytes(4),
    "empty": lambda whole: b"",
}


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_it_comes_back_read_only(kind: type, tmp_path: Path) -> None:
    path, images = tmp_path / "new" / "a.npy", pixels(7, 5, 4, 3).astype(kind)
    write_mapped(path, images)
    found = mapped(path)
    assert found is not None and (found.dtype, found.flags.writeable) == (images.dtype, False)
    np.testing.assert_array_equal(found[[6, 0, 6]], images[[6, 0, 6]])
    np.testing.assert_array_equal(np.load(path), images)
    assert [file.name for file in path.parent.iterdir()] == ["a.npy"]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_is_not_there(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    write_mapped(path, pixels(7, 5, 4, 3))
    path.write_bytes(damage(path.read_bytes()))
    assert mapped(path) is None


def test_what_is_no_file_is_not_there(tmp_path: Path) -> None:
    assert mapped(tmp_path) is None and mapped(tmp_path / "a.npy") is None


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        write_mapped(tmp_path / "file" / "a.npy", pixels(1, 2, 2, 1))
