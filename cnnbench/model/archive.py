"""A trained network as a `.keras` archive."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cnnbench.errors import DataError, first_line
from cnnbench.files.npz import BROKEN
from cnnbench.machine.runtime import import_tensorflow

YEARS = range(1980, 2108)  # that a ZIP archive can name


def save_model(model: Any, path: Path) -> None:
    """Write the network alone: what its optimizer has learnt is in the checkpoint."""
    import keras

    import_tensorflow()  # which Keras looks into for what it is to save
    with _datable():
        keras.Model(model.input, model.output, name=model.name).save(path)


@contextmanager
def _datable() -> Iterator[None]:
    """Date archives from the first year there is where the clock is off, as small boards start without the time.

    Keras leaves it to zipfile to date what it writes, and has no argument for that.
    """
    clock = SimpleNamespace(time=time.time, localtime=_nameable)
    before, zipfile.time = zipfile.time, clock  # type: ignore[attr-defined]  # the module it imports
    try:
        yield
    finally:
        zipfile.time = before  # type: ignore[attr-defined]


def _nameable(seconds: float) -> time.struct_time:
    moment = time.localtime(seconds)
    return moment if moment.tm_year in YEARS else time.struct_time((YEARS[0], 1, 1, 0, 0, 0, 1, 1, 0))


def load_model(path: Path) -> Any:
    """Load a saved model in Keras' safe mode, in which nothing from the file is executed; raises DataError."""
    import keras

    import cnnbench.model.layers  # noqa: F401 - registers the layers that Keras does not have

    if not path.exists():
        raise DataError(f"{path}: no such file; the run has no trained model (yet)")
    import_tensorflow()
    try:
        refuse_damaged(path)
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (*BROKEN, AttributeError) as e:  # Keras takes what is in the archive for what it should be
        raise DataError(f"{path}: not a model that can be loaded ({first_line(e)})") from None


def refuse_damaged(path: Path) -> None:
    """Raise ValueError or BadZipFile where a bit of the archive is not as it was written."""
    if not path.is_file() or not zipfile.is_zipfile(path):
        raise ValueError("no .keras archive")
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        raise ValueError(f"{damaged} in it is damaged")
