"""Arrays in an HDF5 file as Keras writes it, read without following what leads out of the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.errors import DataError, first_line
from cnnbench.files.npz import BROKEN
from cnnbench.files.swollen import refuse_swollen
from cnnbench.model.weights.stored import as_float32

VARIABLES = "vars"  # the group with a layer's arrays, in files of Keras 3


@contextmanager
def opened(path: Path, content: IO[bytes] | None = None) -> Iterator[Any]:
    """Yield the file, read from `content` where that is given; raises DataError for what is damaged."""
    import h5py

    try:
        with h5py.File(path if content is None else content, "r") as file:
            refuse_swollen(path, ((data.shape, data.dtype.itemsize) for _, data in datasets(file)))
            yield file
    except DataError:
        raise
    except BROKEN as e:
        raise DataError(f"{path}: no HDF5 file with weights that can be read ({first_line(e)})") from None


def datasets(group: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every array below a group with its path; raises ValueError for one that lies in another file."""
    import h5py

    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise ValueError(f"{at}{name} is a link")
        item = group[name]
        if isinstance(item, h5py.Group):
            yield from datasets(item, f"{at}{name}/")
        elif item.external or item.is_virtual or item.shape is None:
            raise ValueError(f"{at}{name} is not stored in the file")
        else:
            yield f"{at}{name}", item


def variables(path: Path, group: Any) -> dict[str, NDArray[np.float32]]:
    """Return the arrays of a group of variables, by number."""
    return {name: as_float32(path, f"{group.name}/{name}", item[()]) for name, item in datasets(group)}


def layers_of_keras_2(path: Path, file: Any) -> dict[str, NDArray[np.float32]]:
    """Return `layer/number` and array of a file as Keras 2 and `.h5` have it, which lists its layers in order."""
    root = file.get("model_weights", file)
    arrays = {}
    for layer in map(_text, root.attrs["layer_names"]):
        for number, weight in enumerate(map(_text, root[layer].attrs["weight_names"])):
            arrays[f"{layer}/{number}"] = as_float32(path, weight, root[layer][weight][()])
    return arrays


def _text(name: Any) -> str:
    return name.decode("utf-8") if isinstance(name, bytes) else str(name)
