"""A trained network as a `.keras` archive."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

YEARS = range(1980, 2108)  # that a ZIP archive can name


def save_model(model: Any, path: Path) -> None:
    """Write the network alone: what its optimizer has learnt is in the checkpoint."""
    import keras

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
