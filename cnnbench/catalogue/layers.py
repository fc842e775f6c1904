"""Every layer a network may be made of, in a row each: a line, what it makes of a shape, and its weights.

Names are Keras' own; what arguments they take is in `signatures`. The last rows are cnnbench's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnnbench.catalogue import shape_rules as shapes
from cnnbench.catalogue import weight_rules as weights


@dataclass(frozen=True)
class Layer:
    """What a layer is, in a line; the rule of its output shape and multiply-accumulates; the rule of its weights.

    `formulas` has a formula for each of these rules. `depth` is what the literature counts when it says how deep a
    network is: convolutions and dense layers, a separable convolution as its two.
    """

    about: str
    rule: shapes.Rule
    weights: weights.Rule = weights.none

    @property
    def depth(self) -> int:
        """How many layers of a network's depth it is."""
        return _DEPTHS.get(self.rule, 0)


_ONE: Sequence[shapes.Rule] = (
    *(shapes.conv, shapes.depthwise, shapes.sparse_conv),
    *(shapes.whitening, shapes.transposed, shapes.dense),
)
_DEPTHS: Mapping[shapes.Rule, int] = {shapes.separable: 2, **dict.fromkeys(_ONE, 1)}


LAYERS: Mapping[str, Layer] = {
    "Conv2D": Layer("convolution: every filter sees all channels", shapes.conv, weights.conv),
    "Conv2DTranspose": Layer("convolution backwards, which makes maps larger", shapes.transposed, weights.transposed),
    "DepthwiseConv2D": Layer("convolution of each channel by itself", shapes.depthwise, weights.depthwise),
    "SeparableConv2D": Layer(
        "depthwise convolution, then 1x1 across channels: fewer parameters", shapes.separable, weights.separable
    ),
    "Dense": Layer("every unit sees every input", shapes.dense, weights.dense),
    "MaxPooling2D": Layer("the largest value of each window", shapes.pool),
    "AveragePooling2D": Layer("the mean of each window", shapes.pool),
    "GlobalMaxPooling2D": Layer("the largest value of each map", shapes.global_pool),
    "GlobalAveragePooling2D": Layer("the mean of each map", shapes.global_pool),
    "AdaptiveMaxPooling2D": Layer("max-pooling to an output size that is given", shapes.adaptive_pool),
    "AdaptiveAveragePooling2D": Layer("average-pooling to an output size that is given", shapes.adaptive_pool),
    "BatchNormalization": Layer("channels normalised by the statistics of the batch", shapes.same, weights.moving),
    "LayerNormalization": Layer("each image normalised by its own statistics", shapes.same, weights.over_axes),
    "GroupNormalization": Layer(
        "each image normalised in groups of channels", shapes.group_normalization, weights.grouped
    ),
    "RMSNormalization": Layer("each image scaled by its root mean square", shapes.same, weights.scale),
    "UnitNormalization": Layer("vectors scaled to length one", shapes.same),
    "LocalResponseNormalization": Layer("channels damped by their neighbours, as in AlexNet", shapes.same_map),
    "Activation": Layer("an activation function by name", shapes.same),
    "ReLU": Layer("negative values become zero", shapes.same),
    "LeakyReLU": Layer("negative values are made small", shapes.same),
    "PReLU": Layer("negative values are made small by a factor that is learnt", shapes.same, weights.alpha),
    "ELU": Layer("negative values bend towards a constant", shapes.same),
    "Softmax": Layer("values become shares that sum to one", shapes.same),
    "ScaledTanh": Layer("a tanh with amplitude and slope, as in LeNet-5 of 1998", shapes.same),
    "Dropout": Layer("values set to zero at random while training", shapes.same),
    "AlphaDropout": Layer("dropout that keeps mean and variance, for selu", shapes.same),
    "SpatialDropout2D": Layer("whole maps set to zero at random while training", shapes.same_map),
    "GaussianDropout": Layer("values multiplied by random numbers around one while training", shapes.same),
    "GaussianNoise": Layer("random numbers added while training", shapes.same),
    "ActivityRegularization": Layer("a penalty on the size of what passes", shapes.same),
    "Flatten": Layer("maps become one vector", shapes.flatten),
    "Reshape": Layer("the same values in another shape", shapes.reshape),
    "Permute": Layer("axes in another order", shapes.permute),
    "ZeroPadding2D": Layer("a border of zeros", shapes.zero_padding),
    "Cropping2D": Layer("the border cut off", shapes.cropping),
    "UpSampling2D": Layer("rows and columns repeated or interpolated", shapes.up_sampling),
    "ChannelShuffle": Layer("channels of different groups interleaved, as in ShuffleNet", shapes.channel_shuffle),
    "Identity": Layer("nothing is changed", shapes.same),
    "SparseConv2D": Layer(
        "convolution with a table of which maps each filter sees, as in LeNet-5 of 1998",
        shapes.sparse_conv,
        weights.sparse,
    ),
    "PatchWhitening": Layer(
        "patches decorrelated and scaled by those of training images, with both signs; not learnt but for a bias",
        shapes.whitening,
        weights.whitening,
    ),
    "Application": Layer(
        "a network of keras.applications up to its pooled features", shapes.application, weights.application
    ),
    "classifier": Layer("the last layer: a unit per class of the data, with softmax", shapes.dense, weights.dense),
}

FORMS: Mapping[str, str] = {
    "repeat": "the same layers several times",
    "residual": "layers with a shortcut around them",
    "branches": "several paths side by side, merged",
    "auxiliary": "a head of its own whose loss helps the layers before it while training",
}
