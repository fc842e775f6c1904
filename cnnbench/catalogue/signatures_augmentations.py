"""Every augmentation, with the arguments it takes: Keras' image augmentation layers and cnnbench's own.

Images are float32 of 0..255 when they are augmented, so `value_range` is fixed; seeds derive from the experiment's.
"""

from __future__ import annotations

from collections.abc import Mapping

from cnnbench.catalogue.arguments import (
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
from cnnbench.catalogue.values import Fragment

_SHARE: Fragment = pair(number(0, 1))
_SIGNED: Fragment = pair(number(-1, 1))
_ZOOM: Fragment = pair(number(above=-1, maximum=1))
_PROBABILITY: Arguments = {"factor": Argument(_SHARE)}
_SHADE: Fragment = number(0, 255)

_INTERPOLATION = Argument(choice("nearest", "bilinear"))
_MOVED: Arguments = {
    "interpolation": _INTERPOLATION,
    "fill_mode": Argument(choice("reflect", "constant", "wrap", "nearest")),
    "fill_value": Argument(_SHADE, needs=("fill_mode", ("constant",))),
}

AUGMENTATIONS: Table = {
    # Geometry
    "RandomFlip": {"mode": Argument(choice("horizontal", "vertical", "horizontal_and_vertical"))},
    "RandomRotation": {"factor": Argument(_SIGNED, required=True), **_MOVED},
    "RandomTranslation": {
        "height_factor": Argument(_SIGNED, required=True),
        "width_factor": Argument(_SIGNED, required=True),
        **_MOVED,
    },
    "RandomZoom": {
        "height_factor": Argument(_ZOOM, required=True),
        "width_factor": Argument(or_null(_ZOOM)),
        **_MOVED,
    },
    "RandomShear": {"x_factor": Argument(_SHARE), "y_factor": Argument(_SHARE), **_MOVED},
    "RandomPerspective": {
        **_PROBABILITY,
        "scale": Argument(number(0, 1)),
        "interpolation": _INTERPOLATION,
        "fill_value": Argument(_SHADE),
    },
    "RandomElasticTransform": {**_PROBABILITY, "scale": Argument(_SHARE), **_MOVED},
    "RandomCrop": {"height": Argument(integer(1), required=True), "width": Argument(integer(1), required=True)},
    "RandomCropWithPadding": {
        "padding": Argument(integer(1), required=True),
        "mode": Argument(choice("reflect", "constant")),
    },
    # Erasing and mixing
    "RandomErasing": {
        **_PROBABILITY,
        "scale": Argument(_SHARE),
        "fill_value": Argument(or_null(either(_SHADE, listing(_SHADE, 3, 3)))),
    },
    "Cutout": {"size": Argument(integer(1), required=True), "fill": Argument(_SHADE)},
    "MixUp": {"alpha": Argument(number(above=0))},
    "CutMix": _PROBABILITY,
    # Colour
    "RandomBrightness": {"factor": Argument(_SIGNED, required=True)},
    "RandomContrast": {"factor": Argument(_SHARE, required=True)},
    "RandomSaturation": {"factor": Argument(_SHARE, required=True)},
    "RandomHue": {"factor": Argument(_SHARE, required=True)},
    "RandomColorJitter": {
        "brightness_factor": Argument(or_null(_SIGNED)),
        "contrast_factor": Argument(or_null(_SHARE)),
        "saturation_factor": Argument(or_null(_SHARE)),
        "hue_factor": Argument(or_null(_SHARE)),
    },
    "RandomColorDegeneration": {"factor": Argument(_SHARE, required=True)},
    "RandomGrayscale": {"factor": Argument(number(0, 1))},
    "RandomInvert": _PROBABILITY,
    "RandomPosterization": {"factor": Argument(integer(1, 8), required=True)},
    "Solarization": {"addition_factor": Argument(_SHARE), "threshold_factor": Argument(_SHARE)},
    "AutoContrast": {},
    "Equalization": {"bins": Argument(integer(2, 256))},
    "ContrastLimitedAdaptiveHistogramEqualization": {
        "clip_limit": Argument(number(above=0)),
        "tile_grid_size": Argument(listing(integer(1), 2, 2)),
    },
    # Sharpness
    "RandomSharpness": {"factor": Argument(_SHARE, required=True)},
    "RandomGaussianBlur": {
        **_PROBABILITY,
        "kernel_size": Argument(pair(choice(*range(1, 32, 2)))),
        "sigma": Argument(_SHARE),
    },
    # Several at once
    "RandAugment": {**_PROBABILITY, "num_ops": Argument(integer(1)), "interpolation": _INTERPOLATION},
}

REFUSED: Mapping[str, str] = {
    "value_range": "images are 0..255 when they are augmented",
    "data_format": "channels are last everywhere",
    "seed": "seeds derive from the experiment's seed",
    "dtype": "images are float32 when they are augmented",
}

NOT_AUGMENTATIONS: Mapping[str, str] = {
    "AugMix": "Keras draws its operations from Python's global random state, which no seed of the run reaches",
    "Resizing": "data.image_size and data.fit bring images to size",
    "CenterCrop": "data.image_size and data.fit bring images to size",
    "Rescaling": "data.normalize scales pixels, inside the model",
    "Normalization": "data.normalize scales pixels, inside the model",
}

COLOUR_ONLY = ("RandomSaturation", "RandomHue", "RandomColorDegeneration", "RandomGrayscale")
