"""`.keras`: Keras 3's own file, which any of its backends opens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cnnbench.export.network import Ask, Exportable
from cnnbench.learners.keras.trained import TrainedNetwork
from cnnbench.model.archive import load_model, save_model

FAILURES: tuple[type[Exception], ...] = (ValueError, TypeError, NotImplementedError)


def write(source: Exportable, path: Path) -> None:
    """Write the network."""
    save_model(source.model, path)


def opened(path: Path) -> Ask:
    """Return what asks the network in the file, opened in Keras' safe mode."""
    return asked(load_model(path))


def asked(model: Any) -> Ask:
    """Return what asks a network in Keras, in the operations that a run's own is asked in."""
    network = TrainedNetwork(model)
    return lambda images: np.asarray(network.answer(images), np.float32)


def notes(source: Exportable) -> list[str]:
    """Return what a user of the file has to have beside Keras."""
    from cnnbench.model.layers import CUSTOM, GroupedConv2D

    ours = tuple(kind for kind in (*CUSTOM.values(), GroupedConv2D) if isinstance(kind, type))
    found = sorted({type(layer).__name__ for layer in source.model.layers if isinstance(layer, ours)})
    return [f"opens where cnnbench is installed and cnnbench.model.layers imported: it has {', '.join(found)}"] * bool(
        found
    )
