"""Which reader reads a weight file, by its suffix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from cnnbench.errors import DataError
from cnnbench.model.weights.readers.keras_file import read_archive, read_hdf5
from cnnbench.model.weights.readers.numpy_file import read_npz
from cnnbench.model.weights.readers.safetensors_file import read_safetensors
from cnnbench.model.weights.readers.torch_file import read_torch
from cnnbench.model.weights.stored import Stored

READERS: Mapping[str, Callable[[Path], Stored]] = {
    ".keras": read_archive,
    ".h5": read_hdf5,
    ".npz": read_npz,
    ".safetensors": read_safetensors,
    **dict.fromkeys((".pth", ".pt", ".bin"), read_torch),
}


def read(path: Path) -> Stored:
    """Return what a weight file holds; raises DataError, one line, where it cannot be read whole."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"{path}: no weight file by its name; expected {', '.join(READERS)}")
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    stored = reader(path)
    if not stored.arrays:
        raise DataError(f"{path}: holds no weights")
    return stored
