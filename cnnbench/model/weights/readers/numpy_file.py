"""`.npz`: arrays by name, or a list of them as `np.savez(file, *model.get_weights())` writes it."""

from __future__ import annotations

import zipfile
from pathlib import Path

from cnnbench.errors import DataError, first_line
from cnnbench.files.npz import BROKEN, read_arrays
from cnnbench.files.swollen import refuse_swollen_archive
from cnnbench.model.weights.stored import Stored, as_float32, layout_of

UNNAMED = "arr_"


def read_npz(path: Path) -> Stored:
    """Return the arrays of a NumPy archive, in its order; raises DataError."""
    try:
        with zipfile.ZipFile(path) as archive:
            refuse_swollen_archive(path, archive)
    except BROKEN as e:
        raise DataError(f"{path}: not a readable archive of arrays ({first_line(e)})") from None
    arrays = {name: as_float32(path, name, value) for name, value in read_arrays(path).items()}
    if all(name.startswith(UNNAMED) for name in arrays):
        return Stored(path, arrays, "keras", flat=True)
    return Stored(path, arrays, layout_of(path, list(arrays)))
