"""A SavedModel: TensorFlow's folder, for TensorFlow Serving and everything that reads one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cnnbench.export.network import Ask, Exportable

FAILURES: tuple[type[Exception], ...] = (ValueError, TypeError, NotImplementedError)


def write(source: Exportable, path: Path) -> None:
    """Write the folder; its signature `serving_default` takes `pixels`."""
    source.model.export(path, format="tf_saved_model", verbose=False, input_signature=source.signature)


def opened(path: Path) -> Ask:
    """Return what asks the network in the folder, in TensorFlow."""
    import tensorflow as tf

    loaded = tf.saved_model.load(path)  # `ask` keeps it: a signature alone would let its variables go
    return lambda images: np.asarray(loaded.serve(images), np.float32)
