"""The units of each ReLU that gave 0 for all of some training images, counted when an epoch ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras  # noqa: TID253 - defines a Keras callback; reached only once Keras is up
import numpy as np

from cnnbench.config.watching import RELUS, WATCHED
from cnnbench.data.chunks import spread
from cnnbench.data.types import Split
from cnnbench.text import count, percent
from cnnbench.training.monitor import DEAD_UNITS, Row

AT_ONCE = 64
TOLD = 3  # layers in a line


class DeadUnits:
    """The units of each layer of a network that end in a relu, and some images of a split, spread evenly over it.

    A unit of maps is a channel: dead where it is 0 everywhere in all these images, which are not augmented. Layers
    inside a network of keras.applications are not looked at.
    """

    def __init__(self, model: Any, split: Split) -> None:
        layers = [layer for layer in model.layers if can_die(layer)]
        self._names = [layer.name for layer in layers]  # in order, which JAX does not keep
        self._strongest = keras.Model(model.input, {layer.name: _strongest(layer.output) for layer in layers})
        self._split = split
        self._at = spread(len(split), WATCHED)

    def shares(self) -> dict[str, float]:
        """Let the images pass through the network as it is now; return the share of dead units of each layer."""
        alive: dict[str, Any] = {}
        for start in range(0, len(self._at), AT_ONCE):
            images = self._split.images(self._at[start : start + AT_ONCE]).astype(np.float32)
            outputs = self._strongest.predict_on_batch(images)
            for name in self._names:
                alive[name] = (np.asarray(outputs[name]) > 0).any(axis=0) | alive.get(name, False)
        return {name: 1 - float(np.mean(found)) for name, found in alive.items()}


class WatchDeadUnits(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Add to an epoch's logs, for each layer that ends in a relu, the share of its units that are dead."""

    def __init__(self, model: Any, split: Split) -> None:
        super().__init__()
        self._watched = DeadUnits(model, split)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Look at the network as it is now."""
        assert logs is not None
        logs |= {f"{DEAD_UNITS}{name}": share for name, share in self._watched.shares().items()}


def dead_units(model: Any, split: Split) -> dict[str, float]:
    """Return the share of dead units of each layer that ends in a relu, {} of a network without one."""
    return DeadUnits(model, split).shares() if any(map(can_die, model.layers)) else {}


def told(history: Sequence[Row]) -> list[str]:
    """Return a line about the layers with most dead units after the last epoch; nothing where none were watched."""
    last = history[-1] if history else {}
    shares = {name.removeprefix(DEAD_UNITS): share for name, share in last.items() if name.startswith(DEAD_UNITS)}
    worst = sorted((name for name, share in shares.items() if share), key=lambda name: -shares[name])
    if not shares:
        return []
    what = f"{', '.join(f'{percent(shares[name], 1)} of {name}' for name in worst[:TOLD])}" if worst else "none"
    more = f" and some of {count(len(worst) - TOLD)} more layers" if len(worst) > TOLD else ""
    return [f"dead units after epoch {count(last['epoch'])}, 0 for all watched training images: {what}{more}"]


def can_die(layer: Any) -> bool:
    """Return whether a built layer ends in a relu, whose units can be dead."""
    if isinstance(layer, keras.layers.ReLU):
        return not layer.negative_slope
    return getattr(getattr(layer, "activation", None), "__name__", "") in RELUS


def _strongest(output: Any) -> Any:
    """Return the largest value of each unit in each image, (N, units), of an output (N, ..., units)."""
    return keras.ops.max(output, axis=tuple(range(1, len(output.shape) - 1))) if len(output.shape) > 2 else output
