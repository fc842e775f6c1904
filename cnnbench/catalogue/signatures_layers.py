"""Every layer a network may be made of, with the arguments it takes: Keras' image layers and cnnbench's own.

A test holds the table against the installed Keras. Left out of every layer are `data_format` (channels are last),
`dtype` (`train.precision` sets it), `seed` (seeds derive from the experiment's) and `input_shape` (the data has it).
"""

from __future__ import annotations

from collections.abc import Mapping

from cnnbench.catalogue.arguments import (
    BOOLEAN,
    STRING,
    Argument,
    Arguments,
    Table,
    choice,
    either,
    integer,
    listing,
    number,
    or_null,
    pair,
)
from cnnbench.catalogue.signatures_objects import ACTIVATION, REGULARIZER, weight

_SIZE = pair(integer(1))
_CHANNELS = Argument(integer(1), required=True)
_PADDING = Argument(choice("valid", "same"))
_LAST_AXIS = Argument(choice(-1))
_AXES = Argument(either(choice(-1), listing(choice(-1, -2, -3, 1, 2, 3), 1, 3)))  # counted without the batch axis
_RATE = Argument(number(0, below=1), required=True)
_FLAG = Argument(BOOLEAN)
_POSITIVE = Argument(number(above=0))
_NOT_NEGATIVE = Argument(number(0))

_NAME: Arguments = {"name": Argument(STRING)}
_ANY: Arguments = {**_NAME, "activity_regularizer": Argument(or_null(REGULARIZER))}
_TRAINED: Arguments = {**_ANY, "trainable": _FLAG}
_BIAS: Arguments = {"use_bias": _FLAG, **weight("bias", needs=("use_bias", (None, True)))}
_GAMMA: Arguments = {"scale": _FLAG, **weight("gamma", needs=("scale", (None, True)))}
_BETA: Arguments = {"center": _FLAG, **weight("beta", needs=("center", (None, True)))}

_WINDOW: Arguments = {
    "kernel_size": Argument(_SIZE, required=True),
    "strides": Argument(_SIZE),
    "padding": _PADDING,
    "dilation_rate": Argument(_SIZE),
    "activation": Argument(or_null(ACTIVATION)),
    **_BIAS,
    **_TRAINED,
}
_POOL: Arguments = {"strides": Argument(or_null(_SIZE)), "padding": _PADDING, **_NAME}
_GLOBAL: Arguments = {"keepdims": _FLAG, **_NAME}
_ADAPTIVE: Arguments = {"output_size": Argument(_SIZE, required=True), **_NAME}
_BORDER = Argument(either(integer(0), listing(either(integer(0), listing(integer(0), 2, 2)), 2, 2)))

LAYERS: Table = {
    # Convolutions and dense layers
    "Conv2D": {"filters": _CHANNELS, "groups": Argument(integer(1)), **weight("kernel"), **_WINDOW},
    "Conv2DTranspose": {
        "filters": _CHANNELS,
        "output_padding": Argument(or_null(pair(integer(0)))),
        **weight("kernel"),
        **_WINDOW,
    },
    "DepthwiseConv2D": {"depth_multiplier": Argument(integer(1)), **weight("depthwise"), **_WINDOW},
    "SeparableConv2D": {
        "filters": _CHANNELS,
        "depth_multiplier": Argument(integer(1)),
        **weight("depthwise"),
        **weight("pointwise"),
        **_WINDOW,
    },
    "Dense": {
        "units": _CHANNELS,
        "activation": Argument(or_null(ACTIVATION)),
        **weight("kernel"),
        **_BIAS,
        **_TRAINED,
    },
    # Poolings
    "MaxPooling2D": {"pool_size": Argument(_SIZE), **_POOL},
    "AveragePooling2D": {"pool_size": Argument(_SIZE, required=True), **_POOL},
    "GlobalMaxPooling2D": _GLOBAL,
    "GlobalAveragePooling2D": _GLOBAL,
    "AdaptiveMaxPooling2D": _ADAPTIVE,
    "AdaptiveAveragePooling2D": _ADAPTIVE,
    # Normalisations
    "BatchNormalization": {
        "axis": _LAST_AXIS,
        "momentum": Argument(number(0, 1)),
        "epsilon": _POSITIVE,
        **_GAMMA,
        **_BETA,
        **{name: arg for name, arg in weight("moving_mean").items() if name.endswith("initializer")},
        **{name: arg for name, arg in weight("moving_variance").items() if name.endswith("initializer")},
        "renorm": _FLAG,
        "renorm_momentum": Argument(number(0, 1), needs=("renorm", (True,))),
        **_TRAINED,
    },
    "LayerNormalization": {"axis": _AXES, "epsilon": _POSITIVE, **_GAMMA, **_BETA, **_TRAINED},
    "GroupNormalization": {
        "groups": Argument(either(integer(1), choice(-1))),
        "axis": _LAST_AXIS,
        "epsilon": _POSITIVE,
        **_GAMMA,
        **_BETA,
        **_TRAINED,
    },
    "RMSNormalization": {"axis": _AXES, "epsilon": _POSITIVE, **_TRAINED},
    "UnitNormalization": {"axis": _AXES, **_NAME},
    "LocalResponseNormalization": {
        "depth_radius": Argument(integer(0)),
        "bias": _POSITIVE,
        "alpha": _NOT_NEGATIVE,
        "beta": _NOT_NEGATIVE,
        **_NAME,
    },
    # Activations
    "Activation": {"activation": Argument(ACTIVATION, required=True), **_NAME},
    "ReLU": {
        "max_value": Argument(or_null(number(0))),
        "negative_slope": _NOT_NEGATIVE,
        "threshold": _NOT_NEGATIVE,
        **_NAME,
    },
    "LeakyReLU": {"negative_slope": _NOT_NEGATIVE, **_NAME},
    "PReLU": {**weight("alpha"), "shared_axes": Argument(or_null(listing(integer(1, 3), 1, 3))), **_TRAINED},
    "ELU": {"alpha": _NOT_NEGATIVE, **_NAME},
    "Softmax": {"axis": _LAST_AXIS, **_NAME},
    "ScaledTanh": {"amplitude": _POSITIVE, "slope": _POSITIVE, **_NAME},
    # Noise, at training time only
    "Dropout": {"rate": _RATE, **_NAME},
    "AlphaDropout": {"rate": _RATE, **_NAME},
    "SpatialDropout2D": {"rate": _RATE, **_NAME},
    "GaussianDropout": {"rate": _RATE, **_NAME},
    "GaussianNoise": {"stddev": Argument(number(0, 1), required=True), **_NAME},
    "ActivityRegularization": {"l1": _NOT_NEGATIVE, "l2": _NOT_NEGATIVE, **_NAME},
    # Shapes
    "Flatten": _NAME,
    "Reshape": {
        "target_shape": Argument(listing(either(integer(1), choice(-1)), 1, 3), required=True),
        **_NAME,
    },
    "Permute": {"dims": Argument(listing(integer(1, 3), 1, 3), required=True), **_NAME},
    "ZeroPadding2D": {"padding": _BORDER, **_NAME},
    "Cropping2D": {"cropping": _BORDER, **_NAME},
    "UpSampling2D": {
        "size": Argument(_SIZE),
        "interpolation": Argument(choice("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")),
        **_NAME,
    },
    "ChannelShuffle": {"groups": Argument(integer(1), required=True), **_NAME},
    "Identity": _NAME,
    # cnnbench's own with weights
    "SparseConv2D": {
        "filters": _CHANNELS,
        "kernel_size": Argument(_SIZE, required=True),
        "connections": Argument(listing(listing(integer(0))), required=True),
        "kernel_initializer": weight("kernel")["kernel_initializer"],
        **_NAME,
    },
    "classifier": {
        "kernel_initializer": weight("kernel")["kernel_initializer"],
        "kernel_regularizer": weight("kernel")["kernel_regularizer"],
        "use_bias": _FLAG,
    },
}

REFUSED: Mapping[str, str] = {
    "data_format": "channels are last everywhere",
    "dtype": "train.precision sets it",
    "seed": "seeds derive from the experiment's seed",
    "input_shape": "it comes from the data",
    "batch_input_shape": "it comes from the data",
    "noise_shape": "SpatialDropout2D drops whole maps",
    "lora_rank": "networks are trained from scratch",
    "lora_alpha": "networks are trained from scratch",
    "quantization_config": "train.precision sets the precision",
    "synchronized": "a run trains on one device",
}
