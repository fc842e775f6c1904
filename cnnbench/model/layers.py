"""Layers that Keras lacks, written in `keras.ops` so that they run on every backend.

All of them are registered under the package name "cnnbench": importing this file is all that
`keras.saving.load_model` needs to read them in safe mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras  # noqa: TID253 - defines Keras classes; only imported once a network is built or loaded
import numpy as np
from keras import ops  # noqa: TID253

from cnnbench.model.applications import application


@keras.saving.register_keras_serializable(package="cnnbench")
class LocalResponseNormalization(keras.layers.Layer):  # type: ignore[misc]  # Keras has no type hints
    """Divides each activation by a function of its neighbours among the channels; input (N, H, W, C).

    Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks" (2012),
    3.3: b = a / (k + alpha * sum of a² over the n channels around it) ** beta, n = 2 * depth_radius + 1, k = bias.
    Defaults are the paper's: n = 5, k = 2, alpha = 1e-4, beta = 0.75. As there, and in
    `tf.nn.local_response_normalization`, alpha is not divided by n; Caffe and PyTorch divide it.
    Computed in float32 under every dtype policy: alpha times the sum is lost in 16 bits.
    """

    def __init__(
        self, depth_radius: int = 2, bias: float = 2.0, alpha: float = 1e-4, beta: float = 0.75, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.depth_radius, self.bias, self.alpha, self.beta = depth_radius, bias, alpha, beta

    def call(self, inputs: Any) -> Any:
        """Return the normalised activations, same shape and dtype."""
        x = ops.cast(inputs, "float32")
        radius, channels = self.depth_radius, x.shape[-1]
        squares = ops.pad(ops.square(x), [(0, 0), (0, 0), (0, 0), (radius, radius)])
        near = sum(squares[..., i : i + channels] for i in range(2 * radius + 1))
        return ops.cast(x * ops.power(self.bias + self.alpha * near, -self.beta), inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the input shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        own = {"depth_radius": self.depth_radius, "bias": self.bias, "alpha": self.alpha, "beta": self.beta}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable(package="cnnbench")
class SparseConv2D(keras.layers.Layer):  # type: ignore[misc]
    """A convolution (stride 1, no padding) whose filters see only some channels each; input (N, H, W, C).

    LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition" (1998), II.B,
    layer C3 and table I. `connections[f]` lists the input channels of filter f. The kernel holds the weights of
    these connections alone, filter by filter: shape (kernel height, kernel width, number of connections).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        connections: Sequence[Sequence[int]],
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = (kernel_size,) * 2 if isinstance(kernel_size, int) else tuple(kernel_size)
        self.connections = [list(channels) for channels in connections]
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape: Any) -> None:
        """Create kernel and bias; raises ValueError where `connections` doesn't fit."""
        pairs = [(c, f) for f, channels in enumerate(self.connections) for c in channels]
        channels = input_shape[-1]
        if len(self.connections) != self.filters or any(not 0 <= c < channels for c, _ in pairs):
            raise ValueError(f"connections: {self.filters} lists of channels 0 to {channels - 1} are needed")
        self._dense_shape = (*self.kernel_size, channels, self.filters)
        self._positions = np.array([c * self.filters + f for c, f in pairs])  # in the dense kernel
        self._slots = np.full(channels * self.filters, len(pairs))  # where nothing is connected: the zero at the end
        self._slots[self._positions] = np.arange(len(pairs))
        shape = (*self.kernel_size, len(pairs))
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer=self._initial)
        self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")

    def _initial(self, shape: Any, dtype: Any = None) -> Any:
        """Draw a dense kernel, whose fans an initializer understands, and keep its connected part."""
        dense = self.kernel_initializer(self._dense_shape, dtype=dtype)
        return ops.take(ops.reshape(dense, (*self.kernel_size, -1)), self._positions, axis=-1)

    def call(self, inputs: Any) -> Any:
        """Return the maps, shape (N, H - kernel height + 1, W - kernel width + 1, filters)."""
        padded = ops.pad(self.kernel, [(0, 0), (0, 0), (0, 1)])
        dense = ops.reshape(ops.take(padded, self._slots, axis=-1), self._dense_shape)
        return ops.conv(inputs, dense, strides=1, padding="valid", data_format="channels_last") + self.bias

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return (N, H - kernel height + 1, W - kernel width + 1, filters)."""
        n, height, width, _ = input_shape
        return n, height - self.kernel_size[0] + 1, width - self.kernel_size[1] + 1, self.filters

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        initializer = keras.initializers.serialize(self.kernel_initializer)
        own = {"filters": self.filters, "kernel_size": list(self.kernel_size), "connections": self.connections}
        return {**super().get_config(), **own, "kernel_initializer": initializer}


@keras.saving.register_keras_serializable(package="cnnbench")
class PatchWhitening(keras.layers.Layer):  # type: ignore[misc]
    """A convolution with fixed kernels after which patches are uncorrelated, each with both signs; input (N, H, W, C).

    Page, "How to Train Your ResNet" (2019), part 8, and Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU"
    (arXiv:2404.00498), 3.2: the eigenvectors of the covariance of patches, divided by sqrt(eigenvalue + epsilon), and
    their negatives, so that a relu behind them loses nothing. The bias learns. `cnnbench.model.whitening` sets the
    kernels from training images; until then they are zero.
    """

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        epsilon: float = 5e-4,
        use_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kernel_size, self.strides = _two(kernel_size), _two(strides)
        self.padding, self.epsilon, self.use_bias = padding, epsilon, use_bias

    def build(self, input_shape: Any) -> None:
        """Create bias and kernels."""
        values = int(np.prod(self.kernel_size)) * input_shape[-1]
        shape = (*self.kernel_size, input_shape[-1], 2 * values)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer="zeros", trainable=False)
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(2 * values,), initializer="zeros")

    def call(self, inputs: Any) -> Any:
        """Return the maps, shape (N, H, W, 2 * kernel height * kernel width * C), H and W as of a convolution."""
        maps = ops.conv(inputs, self.kernel, self.strides, self.padding, data_format="channels_last")
        return maps if self.bias is None else maps + self.bias

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of a convolution's output."""
        values = int(np.prod(self.kernel_size)) * input_shape[-1]
        sides = zip(input_shape[1:3], self.kernel_size, self.strides, strict=True)
        same = self.padding == "same"
        return input_shape[0], *(-(-n // s) if same else (n - k) // s + 1 for n, k, s in sides), 2 * values

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        own = {"kernel_size": list(self.kernel_size), "strides": list(self.strides), "padding": self.padding}
        return {**super().get_config(), **own, "epsilon": self.epsilon, "use_bias": self.use_bias}


def _two(size: int | Sequence[int]) -> tuple[int, ...]:
    return (size,) * 2 if isinstance(size, int) else tuple(size) * (2 if len(size) == 1 else 1)


@keras.saving.register_keras_serializable(package="cnnbench")
class ScaledTanh(keras.layers.Layer):  # type: ignore[misc]
    """amplitude * tanh(slope * x), element by element.

    LeCun et al. (1998), appendix A: with 1.7159 and 2/3, f(1) = 1 and f(-1) = -1, where its second derivative
    is largest.
    """

    def __init__(self, amplitude: float = 1.7159, slope: float = 2 / 3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.amplitude, self.slope = amplitude, slope

    def call(self, inputs: Any) -> Any:
        """Return the squashed values, same shape."""
        return self.amplitude * ops.tanh(self.slope * inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the input shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {**super().get_config(), "amplitude": self.amplitude, "slope": self.slope}


@keras.saving.register_keras_serializable(package="cnnbench")
class ChannelShuffle(keras.layers.Layer):  # type: ignore[misc]
    """Deals out the channels of the groups in turn, so that grouped convolutions mix; input (N, H, W, C).

    Zhang, Zhou, Lin and Sun, "ShuffleNet" (2017), section 3.1: channels (g, n) are transposed to (n, g).
    """

    def __init__(self, groups: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.groups = groups

    def call(self, inputs: Any) -> Any:
        """Return the same maps in another order of channels."""
        channels = inputs.shape[-1]
        order = np.arange(channels).reshape(self.groups, channels // self.groups).T.reshape(-1)
        return ops.take(inputs, order, axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the input shape; raises ValueError where the groups don't divide the channels."""
        if input_shape[-1] % self.groups:
            raise ValueError(f"{self.groups} groups do not divide {input_shape[-1]} channels")
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {**super().get_config(), "groups": self.groups}


@keras.saving.register_keras_serializable(package="cnnbench")
class GroupedConv2D(keras.layers.Conv2D):  # type: ignore[misc]
    """Keras' `Conv2D` with groups, fast on TensorFlow's CPU too: same arguments, weights and results.

    TensorFlow has no grouped convolution for the CPU; Keras falls back to XLA, which took ten times as long as
    one convolution per group (AlexNet's second layer, forward and backward). Elsewhere this is Keras' layer.
    """

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """Convolve each group of input channels with its own filters; shapes as in `Conv2D`."""
        if not _needs_split():
            return super().convolution_op(inputs, kernel)
        parts = zip(ops.split(inputs, self.groups, axis=-1), ops.split(kernel, self.groups, axis=-1), strict=True)
        convolve = super().convolution_op
        return ops.concatenate([convolve(x, k) for x, k in parts], axis=-1)


@keras.saving.register_keras_serializable(package="cnnbench")
class FullPrecision(keras.regularizers.Regularizer):  # type: ignore[misc]
    """Another regularizer, computed in float32: Keras cannot add a penalty in 16 bits to its loss."""

    def __init__(self, regularizer: Any) -> None:
        self.regularizer = keras.regularizers.get(regularizer)

    def __call__(self, x: Any) -> Any:
        """Return the penalty as float32."""
        return self.regularizer(ops.cast(x, "float32"))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"regularizer": keras.regularizers.serialize(self.regularizer)}


@keras.saving.register_keras_serializable(package="cnnbench")  # type: ignore[untyped-decorator]  # no types
def sparsemax(x: Any) -> Any:
    """Return Keras' sparsemax in the type of `x`, computed in float32: TensorFlow counts in nothing shorter."""
    return ops.cast(keras.activations.sparsemax(ops.cast(x, "float32")), x.dtype)


def in_full_precision(layer: Any) -> Any:
    """Return the layer, with what Keras cannot do in its 16 bits done in 32."""
    if layer.compute_dtype == "float32":
        return layer
    if layer.activity_regularizer is not None:
        layer.activity_regularizer = FullPrecision(layer.activity_regularizer)
    if getattr(layer, "activation", None) is keras.activations.sparsemax:
        layer.activation = sparsemax
    if str(getattr(layer, "interpolation", "")).startswith("lanczos"):  # TensorFlow has its gradient in 32 bits alone
        layer.dtype_policy = "float32"
    return layer


def _needs_split() -> bool:
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return not tf.config.list_logical_devices("GPU")


CUSTOM = {
    "LocalResponseNormalization": LocalResponseNormalization,
    "SparseConv2D": SparseConv2D,
    "PatchWhitening": PatchWhitening,
    "ScaledTanh": ScaledTanh,
    "ChannelShuffle": ChannelShuffle,
    "Application": application,
}
