"""Augmentation layers that Keras does not have, written like Keras' own so that they mix with them."""

from __future__ import annotations

from typing import Any

import keras  # noqa: TID253 - defines Keras layers; reached only once Keras is up
import numpy as np
from keras import ops  # noqa: TID253


def mirrored(images: Any, which: Any) -> Any:
    """Return images (B, H, W, C), those mirrored left to right whose value in `which`, bool (B,), is true.

    One gather over single pixels: to reverse the axis before the last takes TensorFlow three times as long.
    """
    height, width, channels = images.shape[1:]
    columns = ops.arange(width, dtype="int32")[None, :]
    columns = ops.where(ops.reshape(which, (-1, 1)), width - 1 - columns, columns)
    rows = ops.arange(ops.shape(images)[0] * height, dtype="int32") * width
    at = ops.reshape(rows, (-1, height, 1)) + columns[:, None, :]
    return ops.reshape(ops.take(ops.reshape(images, (-1, channels)), at, axis=0), (-1, height, width, channels))


@keras.saving.register_keras_serializable(package="cnnbench")
class RandomFlip(keras.layers.RandomFlip):  # type: ignore[misc]  # Keras ships no types
    """Keras' layer, which draws and gives the same; only how the pixels get there differs."""

    def transform_images(self, images: Any, transformation: Any, training: bool = True) -> Any:
        """Mirror each image for which it was drawn."""
        if self.mode != "horizontal" or transformation is None or self.data_format == "channels_first":
            return super().transform_images(images, transformation, training)
        return mirrored(ops.cast(images, self.compute_dtype), transformation["flips"])


@keras.saving.register_keras_serializable(package="cnnbench")
class RandomCropWithPadding(keras.layers.Layer):  # type: ignore[misc]  # Keras ships no types
    """Shift each image by up to `padding` pixels in both directions, filling the rim.

    Equivalent to padding every side by `padding` and cropping the original size at random, one crop per image
    (He et al., 2015, "Deep Residual Learning for Image Recognition", section 4.2, with zeros).
    Input and output: (B, H, W, C) float. `mode` fills the rim with mirrored pixels ("reflect") or zeros ("constant").
    """

    def __init__(self, padding: int, mode: str = "reflect", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = padding
        self.mode = mode
        self.generator = keras.random.SeedGenerator(0)

    def call(self, images: Any) -> Any:
        """Crop each image at its own random place."""
        batch = ops.shape(images)[0]
        height, width, channels = images.shape[1:]
        rows = self._positions(batch, height)
        columns = self._positions(batch, width)
        # One gather over single pixels: no padded copy of the batch is made.
        first = ops.expand_dims(ops.arange(batch, dtype="int32") * (height * width), (1, 2))
        at = first + ops.expand_dims(self._inside(rows, height) * width, 2) + self._inside(columns, width)[:, None, :]
        pixels = ops.take(ops.reshape(images, (-1, channels)), ops.reshape(at, (-1,)), axis=0)
        shifted = ops.reshape(pixels, (-1, height, width, channels))
        if self.mode == "reflect":
            return shifted
        seen = ops.logical_and(self._is_inside(rows, height)[:, :, None], self._is_inside(columns, width)[:, None, :])
        return shifted * ops.cast(seen[..., None], shifted.dtype)

    def _positions(self, batch: Any, length: int) -> Any:
        offset = ops.floor(
            keras.random.uniform((batch, 1), 0.0, 2.0 * self.padding + 1.0, dtype="float32", seed=self.generator)
        )
        return ops.cast(offset, "int32") - self.padding + ops.arange(length, dtype="int32")[None, :]

    def _inside(self, positions: Any, length: int) -> Any:
        last = length - 1
        if self.mode == "constant":
            return ops.clip(positions, 0, last)
        beyond = ops.mod(ops.abs(positions), max(1, 2 * last))  # mirrored again where the rim is wider than the image
        return ops.minimum(last, ops.minimum(beyond, ops.abs(2 * last - beyond)))

    def _is_inside(self, positions: Any, length: int) -> Any:
        return ops.logical_and(positions >= 0, positions < length)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {**super().get_config(), "padding": self.padding, "mode": self.mode}


@keras.saving.register_keras_serializable(package="cnnbench")
class Cutout(keras.layers.Layer):  # type: ignore[misc]  # Keras ships no types
    """Blank one square of `size` pixels per image, centred anywhere, so that it may stick out over the edge.

    DeVries and Taylor, 2017, "Improved Regularization of Convolutional Neural Networks with Cutout", section 3.2.
    Input and output: (B, H, W, C) float; `fill` is the value written, on the 0..255 scale.
    """

    def __init__(self, size: int, fill: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = size
        self.fill = fill
        self.generator = keras.random.SeedGenerator(0)

    def call(self, images: Any) -> Any:
        """Blank each image's own square."""
        batch = ops.shape(images)[0]
        height, width = images.shape[1:3]
        covered = ops.logical_and(self._covered(batch, height)[:, :, None], self._covered(batch, width)[:, None, :])
        return ops.where(covered[..., None], ops.cast(self.fill, images.dtype), images)

    def _covered(self, batch: Any, length: int) -> Any:
        centre = ops.floor(keras.random.uniform((batch, 1), 0.0, float(length), dtype="float32", seed=self.generator))
        start = centre - self.size // 2
        positions = ops.arange(length, dtype="float32")[None, :]
        return ops.logical_and(positions >= start, positions < start + self.size)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {**super().get_config(), "size": self.size, "fill": self.fill}


@keras.saving.register_keras_serializable(package="cnnbench")
class AlternatingFlip(keras.layers.Layer):  # type: ignore[misc]  # Keras ships no types
    """Mirror each image left to right in every other epoch, a half of them from the first epoch on.

    Jordan, 2024, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU" (arXiv:2404.00498), section 3.6: two epochs in
    sequence show both sides of every image, where drawn flips would show half of them the same side twice.
    Input and output: (B, H, W, C) float, pixels as the data has them, for a hash of them says which half an image
    belongs to. The generator's state is (epoch, which hash): see `Augmenter.seeds`.
    """

    CHOICES = 250  # of hashes
    _PRIME = 251
    _LOOKED_AT = 97  # values of an image, spread over it

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.generator = keras.random.SeedGenerator(0)

    def call(self, images: Any) -> Any:
        """Mirror those whose turn it is."""
        state = ops.cast(ops.convert_to_tensor(self.generator.state), "int32")
        size = images.shape[1] * images.shape[2] * images.shape[3]
        looked_at = np.unique(np.linspace(0, size - 1, self._LOOKED_AT).astype(np.int32))
        values = ops.cast(ops.take(ops.reshape(images, (-1, size)), looked_at, axis=1), "int32")
        places = ops.convert_to_tensor(looked_at % self._PRIME, dtype="int32")
        factors = ops.mod(places * (1 + state[1]), self._PRIME)
        hashed = ops.sum(ops.mod(values * factors, self._PRIME), axis=1)
        return mirrored(images, ops.mod(hashed + state[0], 2) == 1)


OWN_LAYERS: dict[str, type[keras.layers.Layer]] = {
    "RandomFlip": RandomFlip,
    "RandomCropWithPadding": RandomCropWithPadding,
    "Cutout": Cutout,
    "AlternatingFlip": AlternatingFlip,
}
