"""Mistakes in `data`."""

from __future__ import annotations

from tests.config.malformed.case import data

DATA = [
    data("source: mnits", "5: data.source: expected one of cifar10, cifar100"),
    data("source: CIFAR10", "5: data.source: expected one of cifar10, cifar100"),
    data("source: [digits]", "5: data.source: expected one of cifar10, cifar100"),
    data("sorce: digits", "5: data.sorce: unknown key; did you mean source?"),
    data("validation: 1", "5: data.validation: expected a number >= 0 and < 1, found 1"),
    data("validation: 20%", '5: data.validation: expected a number >= 0 and < 1, found "20%"'),
    data("validation: -0.1", "5: data.validation: expected a number >= 0 and < 1, found -0.1"),
    data("validation: .nan", "5: data.validation: expected a number >= 0 and < 1, found NaN"),
    data("validation: 0,2", '5: data.validation: expected a number >= 0 and < 1, found "0,2"'),
    data("test: 0", "5: data.test: expected a number > 0 and <= 1 or null, found 0"),
    data("test: 1.1", "5: data.test: expected a number > 0 and <= 1 or null, found 1.1"),
    data("source: mnist\ntest: 0.2", "6: data.test: has no effect: mnist has a test split of its own"),
    data("source: synthetic\ntest: 0.2", "6: data.test: has no effect"),
    data("split_seed: -1", "5: data.split_seed: expected an integer from 0 to 2147483647, found -1"),
    data("source: cifar10\nsplit_seed: 1", "6: data.split_seed: has no effect: nothing is drawn from cifar10"),
    data("source: cifar10\nclasses: [cat]", "6: data.classes: expected"),
    data("source: cifar10\nclasses: [cat, cat]", '6: data.classes[1]: "cat" is named twice'),
    data("source: cifar10\nclasses: [cat, dogg]", "6: data.classes[1]: cifar10 has no class of this name; did you"),
    data("fold: 3", "5: data.fold: expected a mapping with index, of"),
    data("fold: {index: 1}", "5: data.fold.of: missing; expected an integer >= 2"),
    data("fold: {index: 0, of: 5}", "5: data.fold.index: expected an integer >= 1, found 0"),
    data("fold: {index: 1, of: 1}", "5: data.fold.of: expected an integer >= 2, found 1"),
    data("fold: {index: 6, of: 5}", "5: data.fold.index: expected at most data.fold.of (5), found 6"),
    data("fold: {index: 1, of: 5}\nvalidation: 0.1", "6: data.validation: has no effect with data.fold"),
    data("fold: {index: 1, off: 5}", "5: data.fold.off: unknown key; did you mean of?"),
    data("subset: 100", "5: data.subset: expected a mapping with train, test, found 100"),
    data(
        "subset: {train: 0}", "5: data.subset.train: expected an integer >= 1 or a number > 0 and < 1 or null, found 0"
    ),
    data("subset: {train: 1.5}", "5: data.subset.train: expected an integer >= 1 or a number > 0 and < 1"),
    data("subset: {trian: 10}", "5: data.subset.trian: unknown key; did you mean train?"),
    data("subset: {test: -3}", "5: data.subset.test: expected an integer >= 1"),
    data(
        "image_size: 0",
        "5: data.image_size: expected an integer >= 1 or a list of 2 (an integer >= 1) or null, found 0",
    ),
    data("image_size: [32]", "5: data.image_size: expected an integer >= 1 or a list of 2"),
    data("image_size: [32, 32, 3]", "5: data.image_size: expected an integer >= 1 or a list of 2"),
    data("image_size: [32, 0]", "5: data.image_size[1]: expected an integer >= 1, found 0"),
    data("image_size: 32x32", "5: data.image_size: expected an integer >= 1 or a list of 2 (an integer >= 1) or null"),
    data("image_size: 32.0", "5: data.image_size: expected an integer >= 1 or a list of 2"),
    data("fit: crop", "5: data.fit: has no effect without data.image_size"),
    data("image_size: 16\nfit: squeeze", "6: data.fit: expected one of stretch, crop, pad, center"),
    data("color: gray", "5: data.color: expected one of rgb, luminance, mean or null"),
    data("source: mnist\ncolor: luminance", "6: data.color: has no effect: the images of mnist are grey already"),
    data("source: digits\ncolor: mean", "6: data.color: has no effect: the images of digits are grey already"),
    data("source: cifar10\ncolor: rgb", "6: data.color: has no effect: the images of cifar10 have three channels"),
    data(
        "source: synthetic\nsynthetic: {shape: [8, 8, 1]}\ncolor: mean",
        "7: data.color: has no effect: the images of synthetic are grey already",
    ),
    data("normalize: standardise", "5: data.normalize: expected one of none, unit, standardize, imagenet"),
    data("normalize: true", "5: data.normalize: expected one of none, unit, standardize, imagenet"),
    data("normalize: imagenet", "5: data.normalize: imagenet needs 3 channels, found 1"),
    data("source: cifar10\ncolor: mean\nnormalize: imagenet", "7: data.normalize: imagenet needs 3 channels"),
    data("normalize: {mean: [0.5]}", "5: data.normalize.std: missing; expected a list (a number > 0 each)"),
    data("normalize: {mean: [0.5], std: [0]}", "5: data.normalize.std[0]: expected a number > 0, found 0"),
    data("normalize: {mean: 0.5, std: [1]}", "5: data.normalize.mean: expected a list (a number each), found 0.5"),
    data("normalize: {mean: [0.5], sdt: [1]}", "5: data.normalize.sdt: unknown key; did you mean std?"),
    data("normalize: {mean: [], std: []}", "5: data.normalize.mean: expected", "5: data.normalize.std: expected"),
    data("normalize: {mean: [0, 0, 0], std: [1, 1, 1]}", "5: data.normalize: expected 1 value of mean and std"),
    data("normalize: {mean: [0, 0], std: [1]}", "5: data.normalize: mean and std differ in length: 2 and 1"),
    data(
        "source: cifar10\nnormalize: {mean: [0, 0], std: [1, 1]}",
        "6: data.normalize: expected 1 or 3 values of mean and std, one per channel, found 2",
    ),
    data("path: here", "5: data.path: has no effect: digits needs no files"),
    data("path: [here]", '5: data.path: expected text or null, found ["here"]'),
    data("source: image_folder", "4: data.path: missing; source image_folder needs the path of a folder"),
    data("source: npz", "4: data.path: missing; source npz needs the path of a .npz file"),
    data("on_bad_image: skip", "5: data.on_bad_image: has no effect with source digits; it is for image_folder"),
    data("on_bad_image: ignore", "5: data.on_bad_image: expected one of refuse, skip"),
    data("grey_bits: 12", "5: data.grey_bits: has no effect with source digits; it is for image_folder"),
    data("grey_bits: 7", "5: data.grey_bits: expected auto or an integer from 8 to 16, found 7"),
    data("in_memory: true", "5: data.in_memory: has no effect with source digits"),
    data("in_memory: sometimes", '5: data.in_memory: expected auto or true or false, found "sometimes"'),
    data("in_memory: yes", '5: data.in_memory: expected auto or true or false, found "yes"'),
    data("synthetic: {classes: 3}", "5: data.synthetic: has no effect with source digits"),
    data(
        "source: synthetic\nsynthetic: {classes: 1}",
        "6: data.synthetic.classes: expected an integer from 2 to 100000, found 1",
    ),
    data("source: synthetic\nsynthetic: {shape: [8, 8]}", "6: data.synthetic.shape: expected a list of 3"),
    data(
        "source: synthetic\nsynthetic: {shape: [8, 8, 2]}", "6: data.synthetic.shape[2]: expected one of 1, 3, found 2"
    ),
    data(
        "source: synthetic\nsynthetic: {train: 5}", "6: data.synthetic.train: expected at least an image for each of 10"
    ),
    data(
        "source: synthetic\nsynthetic: {test: 9}", "6: data.synthetic.test: expected at least an image for each of 10"
    ),
    data("source: mnits\nimage_size: -1\nfoo: 1", "5: data.source", "6: data.image_size", "7: data.foo: unknown key"),
]
