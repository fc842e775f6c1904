"""Every augmentation with a line of its own: Keras' image augmentation layers and cnnbench's."""

from __future__ import annotations

from collections.abc import Mapping

AUGMENTATIONS: Mapping[str, str] = {
    "RandomFlip": "mirrored left to right, upside down or both",
    "AlternatingFlip": "mirrored left to right in every other epoch, half of the images from the first one on",
    "RandomRotation": "turned by a share of a full turn",
    "RandomTranslation": "moved by shares of height and width",
    "RandomZoom": "enlarged or made smaller",
    "RandomShear": "slanted",
    "RandomPerspective": "seen from another side",
    "RandomElasticTransform": "distorted as if on rubber",
    "RandomCrop": "a random part of a given size",
    "RandomCropWithPadding": "padded, then cut to the old size at a random place",
    "RandomErasing": "a random rectangle filled",
    "Cutout": "a random square filled",
    "MixUp": "two images and their labels mixed",
    "CutMix": "a rectangle of another image put in, the labels mixed by area",
    "RandomBrightness": "lighter or darker",
    "RandomContrast": "more or less contrast",
    "RandomSaturation": "more or less colourful",
    "RandomHue": "colours turned around the colour circle",
    "RandomColorJitter": "brightness, contrast, saturation and hue at once",
    "RandomColorDegeneration": "blended with its grey version",
    "RandomGrayscale": "some images made grey",
    "RandomInvert": "some images made negatives",
    "RandomPosterization": "fewer grey levels per channel",
    "Solarization": "values above a threshold inverted",
    "AutoContrast": "values stretched over the whole range",
    "Equalization": "the histogram made even",
    "ContrastLimitedAdaptiveHistogramEqualization": "the histogram made even tile by tile, within a limit",
    "RandomSharpness": "sharper or softer",
    "RandomGaussianBlur": "blurred",
    "RandAugment": "some of many augmentations, drawn for each image",
}

NOT_AUGMENTATIONS: Mapping[str, str] = {
    "AugMix": "Keras draws its operations from Python's global random state, which no seed of the run reaches",
    "Resizing": "data.image_size and data.fit bring images to size",
    "CenterCrop": "data.image_size and data.fit bring images to size",
    "Rescaling": "data.normalize scales pixels, inside the model",
    "Normalization": "data.normalize scales pixels, inside the model",
}

MIXING = ("MixUp", "CutMix")  # these change the labels as well
FIRST = ("AlternatingFlip",)  # these know an image by its pixels
COLOUR_ONLY = ("RandomSaturation", "RandomHue", "RandomColorDegeneration", "RandomGrayscale")
