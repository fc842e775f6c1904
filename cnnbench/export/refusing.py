"""Which layer a format cannot say: each is converted by itself, once the whole network could not be."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cnnbench.errors import ConfigError, first_line
from cnnbench.export.formats import Format
from cnnbench.export.network import Ask, Exportable
from cnnbench.export.quiet import quiet
from cnnbench.seeds import Stream, generator


def written(row: Format, source: Exportable, path: Path) -> Ask:
    """Write a file and return what asks it, tried with one image.

    Raises ConfigError with the layer's name where the format, or what reads it, cannot say what a layer does.
    """
    try:
        return _tried(row, source, path)
    except _failures(row) as e:
        raise _refused(row, source, e) from e


def _tried(row: Format, source: Exportable, path: Path) -> Ask:
    with quiet():
        row.writer.write(source, path)
        ask: Ask = row.writer.opened(path)
        ask(np.zeros((1, *source.input_shape), np.float32))
        return ask


def _failures(row: Format) -> tuple[type[Exception], ...]:
    found: tuple[type[Exception], ...] = row.writer.FAILURES
    return found


def _refused(row: Format, source: Exportable, error: Exception) -> ConfigError:
    layer = None if row.of_estimators else next(_culprits(row, source), None)
    if layer is None:
        return ConfigError(f"--format {row.name}: cannot say this network ({first_line(error)})")
    return ConfigError(f"--format {row.name}: cannot say what the layer {layer.name} does ({type(layer).__name__})")


def _culprits(row: Format, source: Exportable) -> Iterator[Any]:
    """Yield the layers that cannot be converted by themselves."""
    with tempfile.TemporaryDirectory() as folder:
        for at, layer in enumerate(source.model.layers[1:]):
            alone = _alone(layer)
            if alone is None:
                continue
            shape = alone.input_shape[1:]
            images = generator(Stream.TIMING, 0, 0).normal(size=(4, *shape)).astype(np.float32)
            part = replace(source, model=alone, input_shape=shape, calibration=partial(np.asarray, images))
            try:
                _tried(row, part, Path(folder) / f"{at}{row.suffix}")
            except _failures(row):
                yield layer


def _alone(layer: Any) -> Any:
    """Return a network of this layer alone, None for one of several inputs, which merge and no more."""
    import keras

    if isinstance(layer.input, list):
        return None
    given = keras.Input(layer.input.shape[1:], name="pixels")
    return keras.Model(given, layer(given))
