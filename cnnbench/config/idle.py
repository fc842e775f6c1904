"""Keys that have no effect beside the other keys of a configuration.

Set by a user they are mistakes; they are left out when a configuration is written, so that it loads again.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnnbench.catalogue.values import KeyPath, Violation
from cnnbench.config.schema import Config, Data

OWN_FILES = ("image_folder", "npz")  # what is in them is known only once they are read
GREY_SOURCES = ("digits", "mnist", "fashion_mnist")
RGB_SOURCES = ("cifar10", "cifar100", "image_folder")


def idle_keys(config: Config, classes: int | None) -> dict[KeyPath, str]:
    """Return the path of every key without effect, set or not, and why; `classes` is None where unknown."""
    return dict([*_data(config.data), *_evaluation(config, classes)])


def is_set(config: Config, path: KeyPath) -> bool:
    """Return whether the key was given, other than as null."""
    section: object = config
    for key in path:
        if key not in getattr(section, "model_fields_set", ()):
            return False
        section = getattr(section, str(key))
    return section is not None


def source_channels(data: Data) -> int | None:
    """Return how many channels the images of the source have, or None where only the files can tell."""
    if data.source == "synthetic":
        return data.synthetic.shape[2] if data.synthetic else 3
    return 1 if data.source in GREY_SOURCES else 3 if data.source in RGB_SOURCES else None


def _data(data: Data) -> Iterator[Violation]:
    source = data.source
    if source != "synthetic":
        yield ("data", "synthetic"), f"has no effect with source {source}; it sizes the source synthetic"
    if source in ("digits", "synthetic"):
        yield ("data", "path"), f"has no effect: {source} needs no files"
    if source not in ("digits", *OWN_FILES):
        yield ("data", "test"), f"has no effect: {source} has a test split of its own"
        if source != "synthetic" and data.subset.train is None and data.subset.test is None and data.fold is None:
            message = f"has no effect: nothing is drawn from {source} without data.subset or data.fold"
            yield ("data", "split_seed"), message
    if data.fold is not None:
        yield ("data", "validation"), "has no effect with data.fold, whose images are the validation split"
    if source != "image_folder":
        yield ("data", "on_bad_image"), f"has no effect with source {source}; it is for image_folder"
        yield ("data", "grey_bits"), f"has no effect with source {source}; it is for image_folder"
        if data.image_size is None and data.color is None:
            yield ("data", "in_memory"), f"has no effect with source {source}, whose images stay as they are"
    if data.image_size is None:
        yield ("data", "fit"), "has no effect without data.image_size"
    yield from _color(data)


def _color(data: Data) -> Iterator[Violation]:
    channels = source_channels(data)
    if channels == 1 and data.color in ("luminance", "mean"):
        yield ("data", "color"), f"has no effect: the images of {data.source} are grey already"
    if channels == 3 and data.color == "rgb":
        yield ("data", "color"), f"has no effect: the images of {data.source} have three channels already"


def _evaluation(config: Config, classes: int | None) -> Iterator[Violation]:
    top_k = config.evaluation.top_k
    if classes is not None and top_k and all(k >= classes for k in top_k):
        message = f"has no effect: top-k accuracy is 1 for k >= {classes}, the number of classes"
        yield ("evaluation", "top_k"), message
