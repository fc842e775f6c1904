"""Augmentation whose randomness is a function of (seed, epoch, step) and of nothing that ran before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.catalogue.augmentations import FIRST, MIXING
from cnnbench.config.calls import call_of
from cnnbench.errors import ConfigError
from cnnbench.seeds import Stream, generators_of, states, words

DRAWS_PER_STEP = 1 << 12  # room between two steps' counters; no layer draws as often in one batch


class Augmenter:
    """Keras' augmentation layers in order, applied to whole training batches.

    Every random layer holds a counter-based seed state. Writing it from (seed, epoch, step) before each batch makes
    the batch a pure function of these three, which is what lets a resumed run repeat the uninterrupted one.
    """

    def __init__(self, specs: Sequence[Any], seed: int) -> None:
        self._seed = seed
        self._layers = [(name, _layer(name, arguments)) for name, arguments in map(call_of, specs)]
        owned = [(name, g) for name, layer in self._layers for g in generators_of(layer)]
        self._generators = [generator for _, generator in owned]
        self._alternating = [i for i, (name, _) in enumerate(owned) if name in FIRST]

    def __bool__(self) -> bool:
        return bool(self._layers)

    def seeds(self, epoch: int, step: int) -> NDArray[np.int64]:
        """Return the state of every random layer for one batch, shape (generators, 2)."""
        seeds = states(len(self._generators), Stream.AUGMENTATION, self._seed, epoch)
        seeds[:, 1] = step * DRAWS_PER_STEP
        for i in self._alternating:
            seeds[i] = epoch, self._halves
        return seeds

    @property
    def _halves(self) -> int:
        """Which half of the images begins mirrored, as the seed draws it for all epochs."""
        from cnnbench.data.augment_layers import AlternatingFlip

        return int(words(1, Stream.AUGMENTATION, self._seed)[0]) % AlternatingFlip.CHOICES

    def apply(self, images: Any, labels: Any, seeds: Any) -> tuple[Any, Any]:
        """Augment a batch of float32 images (B, H, W, C), 0..255, with one-hot labels (B, classes).

        Raises ConfigError naming the augmentation that images of this shape do not suit: what a layer needs of an
        image, only its code tells.
        """
        from keras import ops

        if not self._layers:
            return images, labels
        for i, generator in enumerate(self._generators):
            generator.state.assign(seeds[i])
        for i, (name, layer) in enumerate(self._layers):
            where, before = f"augment[{i}].{name}", images
            with _failure_told(where, before):
                if name in MIXING:
                    mixed = layer({"images": images, "labels": labels}, training=True)
                    images, labels = mixed["images"], mixed["labels"]
                else:
                    images = layer(images, training=True)
            _refuse_other_size(where, before, images)
        # Some colour layers leave the range of pixel values, RandomSaturation by tens of thousands.
        return ops.clip(images, 0.0, 255.0), labels

    def __call__(
        self, images: NDArray[Any], labels: NDArray[np.float32], epoch: int, step: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Augment NumPy arrays eagerly; same result as `apply` inside the training pipeline."""
        from keras import ops

        out, mixed = self.apply(
            ops.convert_to_tensor(images, dtype="float32"),
            ops.convert_to_tensor(labels),
            self.seeds(epoch, step),
        )
        return ops.convert_to_numpy(out), ops.convert_to_numpy(mixed)


@contextmanager
def _failure_told(where: str, images: Any) -> Iterator[None]:
    try:
        yield
    except Exception as e:  # each backend has its own
        raise ConfigError(f"{where}: cannot be applied to images of {_size(images)} ({_cause(e)})") from e


def _refuse_other_size(where: str, images: Any, augmented: Any) -> None:
    made = tuple(augmented.shape)[1:]
    if made != tuple(images.shape)[1:] and None not in made:  # a graph may not know it
        size = _size(images)
        raise ConfigError(f"{where}: makes images of {size} {_size(augmented)}; the network is fed with {size}")


def _size(images: Any) -> str:
    return "x".join(map(str, tuple(images.shape)[1:]))


def _cause(error: Exception) -> str:
    """Return the line that says most: Keras puts a sentence of its own before it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[1] if len(lines) > 1 and lines[0].startswith("Exception encountered") else (lines or ["?"])[0])[:200]


def _layer(name: str, arguments: dict[str, Any]) -> Any:
    import keras

    from cnnbench.data.augment_layers import OWN_LAYERS

    kind = OWN_LAYERS.get(name) or getattr(keras.layers, name)
    return kind(**arguments, dtype="float32")
