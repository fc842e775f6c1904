"""What arguments may be: a row for each name, whatever takes it, and the exceptions.

Null is allowed besides where it is Keras' default; a range that names it allows it anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnbench.catalogue.applications import APPLICATIONS
from cnnbench.catalogue.arguments import BOOLEAN, STRING, choice, either, integer, listing, number, or_null, pair
from cnnbench.catalogue.objects import ACTIVATIONS
from cnnbench.catalogue.values import Fragment

_COUNT = integer(1)
_SIZE = pair(_COUNT)
_SIDE = integer(0)  # of a border
_BORDER = either(_SIDE, listing(either(_SIDE, listing(_SIDE, 2, 2)), 2, 2))
_POSITIVE = number(above=0)
_NOT_NEGATIVE = number(0)
_MEMORY = number(0, below=1)  # of a moving average
_SHARE = number(0, 1)
_SHARES = pair(_SHARE)
_SIGNED = pair(number(-1, 1))
_ZOOM = pair(number(above=-1, maximum=1))
_SHADE = number(0, 255)
_LAST_AXIS = choice(-1)
_AXES = either(_LAST_AXIS, listing(choice(-1, -2, -3, 1, 2, 3), 1, 3))  # counted without the batch axis
_WEIGHT_AXES = either(integer(0, 3), listing(integer(0, 3), 1, 3))

RANGES: Mapping[str, Fragment] = {
    # Layers
    "activation": {**choice(*ACTIVATIONS), "expected": "the name of a Keras activation"},
    "amplitude": _POSITIVE,
    "axis": _LAST_AXIS,
    "bias": _POSITIVE,
    "center": BOOLEAN,
    "connections": listing(listing(integer(0))),
    "cropping": _BORDER,
    "depth_multiplier": _COUNT,
    "depth_radius": integer(0),
    "dilation_rate": _SIZE,
    "dims": listing(integer(1, 3), 1, 3),
    "filters": _COUNT,
    "groups": _COUNT,
    "keepdims": BOOLEAN,
    "kernel_size": _SIZE,
    "l1": _NOT_NEGATIVE,
    "l2": _NOT_NEGATIVE,
    "name": STRING,
    "network": {**choice(*APPLICATIONS), "expected": "the name of a network of keras.applications"},
    "negative_slope": _NOT_NEGATIVE,
    "output_padding": pair(integer(0)),
    "output_size": _SIZE,
    "padding": choice("valid", "same"),
    "pool_size": _SIZE,
    "pooling": choice("avg", "max"),
    "rate": _MEMORY,
    "renorm": BOOLEAN,
    "renorm_momentum": _SHARE,
    "shared_axes": listing(integer(1, 3), 1, 3),
    "size": _SIZE,
    "slope": _POSITIVE,
    "strides": _SIZE,
    "synchronized": BOOLEAN,
    "target_shape": listing(either(_COUNT, choice(-1)), 1, 3),
    "threshold": _NOT_NEGATIVE,
    "trainable": BOOLEAN,
    "units": _COUNT,
    "use_bias": BOOLEAN,
    # Augmentations; images are float32 of 0..255 when they are augmented
    "addition_factor": _SHARES,
    "bins": integer(2, 256),
    "brightness_factor": _SIGNED,
    "clip_limit": _POSITIVE,
    "contrast_factor": _SHARES,
    "factor": _SHARES,
    "fill": _SHADE,
    "fill_mode": choice("reflect", "constant", "wrap", "nearest"),
    "fill_value": _SHADE,
    "height": _COUNT,
    "height_factor": _SIGNED,
    "hue_factor": _SHARES,
    "interpolation": choice("nearest", "bilinear"),
    "num_ops": _COUNT,
    "saturation_factor": _SHARES,
    "sigma": _SHARES,
    "threshold_factor": _SHARES,
    "tile_grid_size": listing(_COUNT, 2, 2),
    "width": _COUNT,
    "width_factor": _SIGNED,
    "x_factor": _SHARES,
    "y_factor": _SHARES,
    # Optimizers
    "adam_beta_1": _MEMORY,
    "adam_beta_2": _MEMORY,
    "adam_lr_ratio": _POSITIVE,
    "adam_weight_decay": _NOT_NEGATIVE,
    "alpha": _NOT_NEGATIVE,
    "amsgrad": BOOLEAN,
    "beta": _NOT_NEGATIVE,
    "beta_1": _MEMORY,
    "beta_2": _MEMORY,
    "beta_2_decay": number(below=0),
    "centered": BOOLEAN,
    "clip_threshold": _POSITIVE,
    "clipnorm": _POSITIVE,
    "clipvalue": _POSITIVE,
    "epsilon": _POSITIVE,
    "epsilon_1": _POSITIVE,
    "epsilon_2": _POSITIVE,
    "exclude_layers": listing(STRING),
    "global_clipnorm": _POSITIVE,
    "gradient_accumulation_steps": integer(2),
    "initial_accumulator_value": _NOT_NEGATIVE,
    "l1_regularization_strength": _NOT_NEGATIVE,
    "l2_regularization_strength": _NOT_NEGATIVE,
    "l2_shrinkage_regularization_strength": _NOT_NEGATIVE,
    "learning_rate": _POSITIVE,
    "learning_rate_power": number(maximum=0),
    "loss_scale_factor": _POSITIVE,
    "momentum": _MEMORY,
    "muon_a": number(),
    "muon_b": number(),
    "muon_c": number(),
    "nesterov": BOOLEAN,
    "ns_steps": _COUNT,
    "relative_step": BOOLEAN,
    "rho": _MEMORY,
    "rms_rate": or_null(_POSITIVE),
    "warmup_steps": integer(0),
    "weight_decay": _NOT_NEGATIVE,
    # Initializers and constraints
    "distribution": choice("truncated_normal", "untruncated_normal", "uniform"),
    "gain": number(),
    "max_value": _NOT_NEGATIVE,
    "maxval": number(),
    "mean": number(),
    "min_value": _NOT_NEGATIVE,
    "minval": number(),
    "scale": BOOLEAN,
    "stddev": _NOT_NEGATIVE,
    "value": number(),
    # By the ends of their names
    "_constraint": {"$ref": "#/$defs/constraint"},
    "_initializer": {"$ref": "#/$defs/initializer"},
    "_regularizer": {"$ref": "#/$defs/regularizer"},
}

EXCEPTIONS: Mapping[tuple[str, str], Fragment] = {
    ("BatchNormalization", "momentum"): _SHARE,
    ("Cutout", "size"): _COUNT,
    ("GaussianNoise", "stddev"): _SHARE,
    ("GroupNormalization", "groups"): either(_COUNT, choice(-1)),
    ("LayerNormalization", "axis"): _AXES,
    ("Lion", "beta_1"): number(above=0, below=1),
    ("MaxNorm", "axis"): _WEIGHT_AXES,
    ("MaxNorm", "max_value"): _POSITIVE,
    ("MinMaxNorm", "axis"): _WEIGHT_AXES,
    ("MinMaxNorm", "max_value"): _POSITIVE,
    ("MinMaxNorm", "rate"): _SHARE,
    ("MixUp", "alpha"): _POSITIVE,
    ("Muon", "weight_decay"): or_null(_NOT_NEGATIVE),
    ("OrthogonalRegularizer", "factor"): _NOT_NEGATIVE,
    ("OrthogonalRegularizer", "mode"): choice("rows", "columns"),
    ("RMSNormalization", "axis"): _AXES,
    ("RandomBrightness", "factor"): _SIGNED,
    ("RandomCropWithPadding", "mode"): choice("reflect", "constant"),
    ("RandomCropWithPadding", "padding"): _COUNT,
    ("RandomElasticTransform", "scale"): _SHARES,
    ("RandomErasing", "fill_value"): either(_SHADE, listing(_SHADE, 3, 3)),
    ("RandomErasing", "scale"): _SHARES,
    ("RandomFlip", "mode"): choice("horizontal", "vertical", "horizontal_and_vertical"),
    ("RandomGaussianBlur", "kernel_size"): pair(choice(*range(1, 32, 2))),
    ("RandomGrayscale", "factor"): _SHARE,
    ("RandomPerspective", "scale"): _SHARE,
    ("RandomPosterization", "factor"): integer(1, 8),
    ("RandomRotation", "factor"): _SIGNED,
    ("RandomZoom", "height_factor"): _ZOOM,
    ("RandomZoom", "width_factor"): _ZOOM,
    ("UnitNorm", "axis"): _WEIGHT_AXES,
    ("UnitNormalization", "axis"): _AXES,
    ("UpSampling2D", "interpolation"): choice("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"),
    ("VarianceScaling", "mode"): choice("fan_in", "fan_out", "fan_avg"),
    ("VarianceScaling", "scale"): _POSITIVE,
    ("ZeroPadding2D", "padding"): _BORDER,
}

# Arguments, or beginnings of their names, that have an effect only where another one has this value.
NEEDS: Mapping[str, tuple[str, Any]] = {
    "bias_": ("use_bias", True),
    "gamma_": ("scale", True),
    "beta_": ("center", True),
    "renorm_momentum": ("renorm", True),
    "fill_value": ("fill_mode", "constant"),
}

_SEED = "seeds derive from the experiment's seed"
_CHANNELS_LAST = "channels are last everywhere"
_EMA = "train.ema keeps a moving average of the weights"
_FROM_SCRATCH = "networks are trained from scratch"
_FROM_DATA = "it comes from the data"
REFUSED: Mapping[str, Mapping[str, str]] = {
    "LAYERS": {
        "data_format": _CHANNELS_LAST,
        "dtype": "train.precision sets it",
        "seed": _SEED,
        "input_shape": _FROM_DATA,
        "batch_input_shape": _FROM_DATA,
        "noise_shape": "SpatialDropout2D drops whole maps",
        "lora_rank": _FROM_SCRATCH,
        "lora_alpha": _FROM_SCRATCH,
        "quantization_config": "train.precision sets the precision",
    },
    "AUGMENTATIONS": {
        "value_range": "images are 0..255 when they are augmented",
        "data_format": _CHANNELS_LAST,
        "seed": _SEED,
        "dtype": "images are float32 when they are augmented",
    },
    "OPTIMIZERS": {
        "use_ema": _EMA,
        "ema_momentum": _EMA,
        "ema_overwrite_frequency": _EMA,
        "exclude_embeddings": "image networks have no embeddings",
    },
    "INITIALIZERS": {"seed": _SEED},
}

# Nothing reads the name of an optimizer or an augmentation; what clips a renorm is a mapping of tensors; Keras derives
# the axes of an initializer from the kernel.
LEFT_OUT = ("name", "renorm_clipping", "input_axes", "output_axes")
