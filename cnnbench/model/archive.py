"""A trained network as a `.keras` archive."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cnnbench.catalogue.values import found
from cnnbench.errors import DataError, first_line
from cnnbench.files.npz import BROKEN
from cnnbench.files.swollen import refuse_swollen_archive
from cnnbench.machine.runtime import import_tensorflow
from cnnbench.model.admitted import refuse_unknown
from cnnbench.model.weights.readers import hdf5

WEIGHTS, DESCRIPTION = "model.weights.h5", "config.json"
MEMBERS = {"metadata.json", DESCRIPTION, WEIGHTS}  # of an archive that this package wrote
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
    """Load a network that stands alone, without a run folder that says what it is made of; raises DataError.

    It is opened in Keras' safe mode, and only where it is made of nothing but what this package makes: safe mode is a
    list of what is forbidden, and has had holes.
    """
    import keras

    import cnnbench.model.layers  # noqa: F401 - registers the layers that Keras does not have

    if not path.exists():
        raise DataError(f"{path}: no such file; the run has no trained model (yet)")
    import_tensorflow()
    try:
        own_description(path)
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except DataError:
        raise
    except (*BROKEN, AttributeError) as e:  # Keras takes what is in the archive for what it should be
        raise DataError(f"{path}: not a model that can be loaded ({first_line(e)})") from None


def description(path: Path) -> Any:
    """Return what a `.keras` archive says of its network, and see that it is whole; raises one of BROKEN, DataError."""
    if not path.is_file() or not zipfile.is_zipfile(path):
        raise ValueError("no .keras archive")
    with zipfile.ZipFile(path) as archive:
        refuse_swollen_archive(path, archive)
        if (damaged := archive.testzip()) is not None:
            raise ValueError(f"{damaged} in it is damaged")
        return json.loads(archive.read(DESCRIPTION))


def own_description(path: Path) -> Any:
    """Return what `description` does of a network as this package saves it.

    Raises DataError for any other, and where its arrays lie outside of the archive.
    """
    described = description(path)
    refuse_unknown(path, described)
    with zipfile.ZipFile(path) as archive:
        for name in sorted(set(archive.namelist()) - MEMBERS):
            raise DataError(f"{path}: holds {found(name)} besides a network; it is not opened")
        with archive.open(WEIGHTS) as content, hdf5.opened(path, content):
            return described
