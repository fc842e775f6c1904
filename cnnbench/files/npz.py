"""NumPy archives that a run wrote, read back without trusting them: nothing in them is executed."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from cnnbench.errors import DataError, first_line
from cnnbench.files.swollen import refuse_swollen_archive

# What NumPy and zipfile raise for bytes that are no archive, or one that has been cut, changed or encrypted.
BROKEN = (
    *(OSError, EOFError, LookupError, ValueError, TypeError, OverflowError, RuntimeError, MemoryError),
    *(zipfile.BadZipFile, zlib.error, struct.error),
)


def read_arrays(
    path: Path, names: Sequence[str] | None = None, *, file: BinaryIO | None = None, what: str = "archive of arrays"
) -> dict[str, NDArray[Any]]:
    """Return the arrays of these names, or all, of the archive at `path`, whose content may come from `file`.

    Raises DataError, that says what the archive should have been, for a file that does not hold them whole.
    """
    if path.exists() and not path.is_file():
        raise DataError(f"{path}: not a readable {what} (it is not a file)")
    try:
        with np.load(path if file is None else file, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise ValueError("it holds one array")
            if file is None and archive.zip is not None:
                refuse_swollen_archive(path, archive.zip)
            arrays = {name: archive[name] for name in (archive.files if names is None else names)}
    except DataError:
        raise
    except BROKEN as e:
        raise DataError(f"{path}: not a readable {what} ({first_line(e)})") from None
    for name, value in arrays.items():
        if not isinstance(value, np.ndarray):
            raise DataError(f"{path}: not a readable {what} ({name} is no array)")
    return arrays
