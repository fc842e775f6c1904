"""What the dropout of a trained network does to the maps of one image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up
import numpy as np
from numpy.typing import NDArray

KINDS = (
    keras.layers.Dropout,
    keras.layers.SpatialDropout2D,
    keras.layers.AlphaDropout,
    keras.layers.GaussianDropout,
)
Maps = NDArray[np.float32]


@dataclass(frozen=True)
class Dropped:
    """What goes into a dropout layer and what comes out of it while training, (H, W, C); a vector is (1, 1, C)."""

    name: str
    kind: str
    rate: float
    before: Maps
    after: Maps

    @property
    def set_to_zero(self) -> float:
        """The share of values that are 0 behind the layer and were not before it."""
        there = self.before != 0
        return float((self.after[there] == 0).mean()) if there.any() else 0.0


def dropped(model: Any, image: NDArray[Any]) -> Iterator[Dropped]:
    """Yield for each dropout layer in order what it does to an image, (H, W, C) of pixel values 0..255.

    Each layer gets what it gets in use, from layers that drop nothing, so that it is seen by itself.
    """
    for layer in model.layers:
        if isinstance(layer, KINDS):
            before = keras.Model(model.input, layer.input).predict_on_batch(image[None].astype(np.float32))
            after = keras.ops.convert_to_numpy(layer(keras.ops.convert_to_tensor(before), training=True))
            yield Dropped(layer.name, type(layer).__name__, float(layer.rate), maps_of(before), maps_of(after))


def maps_of(values: Any) -> Maps:
    """Return what comes out of a layer for the first image of a batch as maps, (H, W, C); a vector is (1, 1, C)."""
    one = np.asarray(values, np.float32)[0]
    maps: Maps = one.reshape((1,) * (3 - one.ndim) + one.shape)
    return maps
