"""Mistakes in `augment`."""

from __future__ import annotations

from tests.config.malformed.case import augment

AUGMENT = [
    augment("- RandomFlp", '5: augment[0]: unknown augmentation "RandomFlp"; did you mean RandomFlip?'),
    augment("- RandomFlip: {mode: sideways}", "5: augment[0].RandomFlip.mode: expected one of horizontal, vertical"),
    augment("- RandomFlip: {mod: vertical}", "5: augment[0].RandomFlip.mod: unknown key; did you mean mode?"),
    augment("- RandomFlip: horizontal", "5: augment[0].RandomFlip: expected arguments, as {name: value}"),
    augment("- RandomFlip: {seed: 3}", "5: augment[0].RandomFlip.seed: cannot be set: seeds derive"),
    augment(
        "- 3", "5: augment[0]: expected one augmentation, as RandomFlip or RandomFlip: {mode: horizontal}, found 3"
    ),
    augment("- {RandomFlip: {}, AutoContrast: {}}", "5: augment[0]: expected one augmentation"),
    augment("- []", "5: augment[0]: expected one augmentation"),
    augment("- null", "5: augment[0]: expected one augmentation"),
    augment("- RandomRotation", "5: augment[0].factor: missing; expected a number from -1 to 1 or a list of two"),
    augment("- RandomRotation: {factor: 45}", "5: augment[0].RandomRotation.factor: expected a number from -1 to 1"),
    augment(
        "- RandomRotation: {factor: [0, 2]}", "5: augment[0].RandomRotation.factor[1]: expected a number from -1 to 1"
    ),
    augment("- RandomRotation: {factor: [0.1]}", "5: augment[0].RandomRotation.factor: expected a number from -1 to 1"),
    augment(
        "- RandomTranslation: {height_factor: 0.1}",
        "5: augment[0].RandomTranslation.width_factor: missing; expected a number from -1 to 1",
    ),
    augment(
        "- RandomTranslation: {height_factor: 0.1, width_factor: 0.1, fill_value: 0}",
        '5: augment[0].RandomTranslation.fill_value: has no effect unless fill_mode is "constant"',
    ),
    augment(
        "- RandomZoom: {height_factor: 0.1, fill_mode: mirror}",
        "5: augment[0].RandomZoom.fill_mode: expected one of reflect, constant, wrap, nearest",
    ),
    augment(
        "- RandomZoom: {height_factor: -1}", "5: augment[0].RandomZoom.height_factor: expected a number > -1 and <= 1"
    ),
    augment("- RandomContrast: {factor: 1.5}", "5: augment[0].RandomContrast.factor: expected a number from 0 to 1"),
    augment(
        "- RandomBrightness: {factor: 0.1, value_range: [0, 1]}",
        "5: augment[0].RandomBrightness.value_range: cannot be set: images are 0..255",
    ),
    augment("- RandomHue: {factor: 0.1}", "5: augment[0].RandomHue: needs images of three channels, found grey ones"),
    augment("- RandomGrayscale", "5: augment[0]: needs images of three channels"),
    augment(
        "- RandomColorJitter: {hue_factor: 0.1}", "5: augment[0].RandomColorJitter.hue_factor: needs images of three"
    ),
    augment("- RandomColorJitter", "5: augment[0]: has no effect without one of brightness_factor"),
    augment(
        "- RandomShear: {fill_mode: wrap}", "5: augment[0].RandomShear: has no effect without one of x_factor, y_factor"
    ),
    augment(
        "- RandomPosterization: {factor: 9}",
        "5: augment[0].RandomPosterization.factor: expected an integer from 1 to 8",
    ),
    augment(
        "- RandomGaussianBlur: {kernel_size: 4}", "5: augment[0].RandomGaussianBlur.kernel_size: expected one of 1, 3"
    ),
    augment(
        "- Resizing: {height: 8, width: 8}", "5: augment[0].Resizing: Resizing is no augmentation: data.image_size"
    ),
    augment("- Rescaling: {scale: 2}", "5: augment[0].Rescaling: Rescaling is no augmentation: data.normalize"),
    augment(
        "- RandomCrop: {height: 6, width: 8}", "5: augment[0].RandomCrop: changes the image's size from 8x8 to 6x8"
    ),
    augment("- RandomCropWithPadding: {padding: 8}", "5: augment[0].RandomCropWithPadding.padding: expected less than"),
    augment(
        "- RandomCropWithPadding: {padding: 0}", "5: augment[0].RandomCropWithPadding.padding: expected an integer >= 1"
    ),
    augment(
        "- RandomCropWithPadding: {padding: 1, mode: wrap}",
        "5: augment[0].RandomCropWithPadding.mode: expected one of reflect, constant",
    ),
    augment(
        "- AlternatingFlip\n- RandomFlip\n- AlternatingFlip",
        "7: augment[2]: has to stand first: it knows images by their pixels",
    ),
    augment("- AlternatingFlip: {mode: vertical}", "5: augment[0].AlternatingFlip.mode: unknown key"),
    augment("- Cutout: {size: 9}", "5: augment[0].Cutout.size: expected at most the image's 8x8, found 9"),
    augment("- Cutout: {size: [2, 2]}", "5: augment[0].Cutout.size: expected an integer >= 1, found [2, 2]"),
    augment(
        "- RandomErasing: {fill_value: [1, 2, 3]}",
        "5: augment[0].RandomErasing.fill_value: expected one number for grey images, found three",
    ),
    augment("- MixUp: {alpha: 0}", "5: augment[0].MixUp.alpha: expected a number > 0, found 0"),
    augment("- CutMix: {factor: 2}", "5: augment[0].CutMix.factor: expected a number from 0 to 1"),
    augment(
        "- RandomFlip\n- RandomFlp\n- Cutout",
        "6: augment[1]: unknown augmentation",
        "7: augment[2].size: missing; expected an integer >= 1",
    ),
]
