"""`.safetensors`: arrays by name, sorted by it, so that the order of layers has to show in their names."""

from __future__ import annotations

from pathlib import Path

from cnnbench.errors import DataError, first_line
from cnnbench.files.npz import BROKEN
from cnnbench.model.weights.stored import Stored, as_float32, layout_of


def read_safetensors(path: Path) -> Stored:
    """Return the arrays of a file, whose header is checked against its size before anything is read; raises DataError.

    The format holds numbers and their names, nothing that could be executed.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            arrays = {name: as_float32(path, name, file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
    except DataError:
        raise
    except (*BROKEN, SafetensorError) as e:
        raise DataError(f"{path}: not a .safetensors file that can be read ({first_line(e)})") from None
    return Stored(path, arrays, layout_of(path, list(arrays)), ordered=False)
