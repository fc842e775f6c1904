"""One operation of TensorFlow where Keras asks for many; on a CPU that is most of a step beside the convolutions.

Layers and optimizers keep their classes: what is replaced are calls of these objects, of which nothing is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up
import tensorflow as tf  # noqa: TID253 - reached only when TensorFlow is the backend

DRAWN = 1 << 16  # values of the 16 random bits that decide whether dropout keeps a number
# Where nine products of matrices are faster than oneDNN's gradient by a kernel in bfloat16, three times so on maps of
# 3x3 pixels with 256 channels: up to this side, from so many pairs of channels on.
SMALL_MAP, MANY_PAIRS = 8, 128 * 128


def fuse(model: Any) -> None:
    """Let the compiled `model` train with fused operations where there are such, on one device without XLA."""
    fuse_normalization(model)
    for layer in model._flatten_layers(include_self=False):
        if type(layer) is keras.layers.Dropout and layer.noise_shape is None and 0 < _threshold(layer) < DRAWN:
            layer.call = MethodType(_dropout, layer)
        elif type(layer) is keras.layers.Activation and layer.activation is keras.activations.silu:
            layer.call = _silu
        elif type(layer) is keras.layers.Conv2D and _is_plain(layer):
            layer.convolution_op = MethodType(_convolution, layer)
    step = _STEPS.get(type(model.optimizer))
    if step is not None and not tf.distribute.has_strategy():
        model.optimizer._backend_update_step = MethodType(step, model.optimizer)


def fuse_normalization(model: Any) -> None:
    """Let batch normalisation be one operation, in training and without it."""
    for layer in model._flatten_layers(include_self=False):
        if type(layer) is keras.layers.BatchNormalization and _has_one_operation(layer):
            layer.call = MethodType(_batch_normalization, layer)


def _has_one_operation(layer: Any) -> bool:
    over_maps = layer.input_spec.ndim == 4 and layer.axis in (-1, 3)
    return over_maps and not (layer.renorm or layer.synchronized) and layer.compute_dtype in ("float32", "bfloat16")


def _batch_normalization(self: Any, inputs: Any, training: bool = False, mask: Any = None) -> Any:
    """Ioffe and Szegedy (2015), algorithm 1, as Keras computes it; inputs (N, H, W, C), which stay in 16 bits."""
    if mask is not None or (training and not self.trainable):
        return type(self).call(self, inputs, training=training, mask=mask)
    none, channels = tf.zeros(0), inputs.shape[-1]
    outputs, mean, unbiased, *_ = tf.raw_ops.FusedBatchNormV3(
        x=inputs,
        scale=tf.convert_to_tensor(self.gamma) if self.scale else tf.ones(channels),
        offset=tf.convert_to_tensor(self.beta) if self.center else tf.zeros(channels),
        mean=none if training else tf.convert_to_tensor(self.moving_mean),
        variance=none if training else tf.convert_to_tensor(self.moving_variance),
        epsilon=self.epsilon,
        is_training=training,
    )
    if training:
        count = tf.cast(tf.size(inputs) // channels, "float32")
        _learn(self, mean, unbiased * ((count - 1) / count))  # Keras keeps the variance of the batch itself
    return outputs


def _learn(self: Any, mean: Any, variance: Any) -> None:
    for moving, found in ((self.moving_mean, mean), (self.moving_variance, variance)):
        moving.assign(moving * self.momentum + found * (1.0 - self.momentum))


def _is_plain(layer: Any) -> bool:
    one = (layer.strides, layer.dilation_rate, layer.groups) == ((1, 1), (1, 1), 1)
    usual = (layer.kernel_size, layer.padding, layer.data_format) == ((3, 3), "same", "channels_last")
    return one and usual and not layer.use_bias  # whose gradient oneDNN sums up in float32, with that by the kernel


def _convolution(self: Any, inputs: Any, kernel: Any) -> Any:
    """A convolution whose gradient by its kernel is a product of matrices for each of nine places, where that pays."""
    kernel = tf.convert_to_tensor(kernel)
    small = max(inputs.shape[1:3]) <= SMALL_MAP and kernel.shape[2] * kernel.shape[3] >= MANY_PAIRS
    if small and inputs.dtype == kernel.dtype == tf.bfloat16:
        return _convolved(inputs, kernel)
    return type(self).convolution_op(self, inputs, kernel)


@tf.custom_gradient  # type: ignore[untyped-decorator]  # TensorFlow ships no types
def _convolved(inputs: Any, kernel: Any) -> Any:
    height, width, channels = inputs.shape[1:]
    one = [1, 1, 1, 1]

    def gradient(upstream: Any) -> tuple[Any, Any]:
        by_inputs = tf.raw_ops.Conv2DBackpropInput(
            input_sizes=tf.shape(inputs), filter=kernel, out_backprop=upstream, strides=one, padding="SAME"
        )
        padded = tf.pad(inputs, [[0, 0], [1, 1], [1, 1], [0, 0]])
        pixels = tf.reshape(upstream, (-1, kernel.shape[3]))
        windows = [padded[:, i : i + height, j : j + width] for i in range(3) for j in range(3)]
        products = [tf.matmul(tf.reshape(window, (-1, channels)), pixels, transpose_a=True) for window in windows]
        return by_inputs, tf.reshape(tf.stack(products), kernel.shape)

    return tf.nn.conv2d(inputs, kernel, one, "SAME"), gradient


@tf.custom_gradient  # type: ignore[untyped-decorator]  # TensorFlow ships no types
def _silu(inputs: Any) -> Any:
    """Ramachandran et al. (2017), equation 1 with β = 1; its gradient in one pass over the numbers."""

    def gradient(upstream: Any) -> Any:
        slope = _times_slope(tf.reshape(inputs, [-1]), tf.reshape(upstream, [-1]))
        return tf.reshape(slope, tf.shape(inputs))

    return tf.nn.silu(inputs), gradient


@tf.function(jit_compile=True)  # type: ignore[untyped-decorator]  # TensorFlow ships no types
def _times_slope(inputs: Any, upstream: Any) -> Any:
    x = tf.cast(inputs, tf.float32)
    sigmoid = tf.sigmoid(x)
    return tf.cast(tf.cast(upstream, tf.float32) * sigmoid * (1 + x * (1 - sigmoid)), inputs.dtype)


def _threshold(layer: Any) -> int:
    return round(float(layer.rate) * DRAWN)


def _dropout(self: Any, inputs: Any, training: bool = False) -> Any:
    """Srivastava et al. (2014), with 16 random bits a number in place of 32: the rate is a multiple of 2^-16.

    What is kept is divided by the share that is kept indeed, so that expectations stay as they are.
    """
    if not training:
        return inputs
    threshold, numbers = _threshold(self), tf.size(inputs)
    words = tf.random.stateless_uniform(
        [(numbers + 1) // 2], self.seed_generator.next(), minval=None, maxval=None, dtype=tf.uint32
    )
    drawn = tf.reshape(tf.bitcast(words, tf.uint16), [-1])[:numbers]
    kept = tf.reshape(drawn >= tf.constant(threshold, tf.uint16), tf.shape(inputs))
    return tf.where(kept, inputs * (DRAWN / (DRAWN - threshold)), tf.zeros((), inputs.dtype))


def _adam(self: Any, gradients: Sequence[Any], variables: Sequence[Any], learning_rate: Any) -> None:
    """Kingma and Ba (2015), section 2 at its end, as Keras computes it."""
    if self.amsgrad:
        type(self)._backend_update_step(self, gradients, variables, learning_rate)
        return
    step, rate = tf.cast(self.iterations + 1, "float32"), tf.cast(learning_rate, "float32")
    beta_1_power, beta_2_power = tf.pow(self.beta_1, step), tf.pow(self.beta_2, step)
    for gradient, variable in zip(gradients, variables, strict=True):
        at = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.value.handle,
            m=self._momentums[at].value.handle,
            v=self._velocities[at].value.handle,
            beta1_power=beta_1_power,
            beta2_power=beta_2_power,
            lr=rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, "float32"),
        )


def _sgd(self: Any, gradients: Sequence[Any], variables: Sequence[Any], learning_rate: Any) -> None:
    """Keras' step with momentum, after Sutskever et al. (2013), section 2."""
    if self.momentum == 0:
        type(self)._backend_update_step(self, gradients, variables, learning_rate)
        return
    rate = tf.cast(learning_rate, "float32")
    for gradient, variable in zip(gradients, variables, strict=True):
        tf.raw_ops.ResourceApplyKerasMomentum(
            var=variable.value.handle,
            accum=self.momentums[self._get_variable_index(variable)].value.handle,
            lr=rate,
            grad=tf.cast(gradient, "float32"),
            momentum=self.momentum,
            use_nesterov=self.nesterov,
        )


_STEPS: dict[type, Callable[..., None]] = {
    keras.optimizers.Adam: _adam,
    keras.optimizers.AdamW: _adam,
    keras.optimizers.SGD: _sgd,
}
