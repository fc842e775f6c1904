"""What a configuration tells of its images before a file is opened; no NumPy, so that `validate` stays fast."""

from __future__ import annotations

from cnnbench.catalogue.sources import DEFAULT_TEST, Shape, sources
from cnnbench.config.schema import Data


def static_shape(data: Data) -> Shape | None:
    """Return height, width and channels the network will see, or None where only the files can tell."""
    height, width, channels = data.facts.shape or (0, 0, source_channels(data) or 0)
    if data.image_size is not None:
        height, width = data.image_size if isinstance(data.image_size, tuple) else (data.image_size, data.image_size)
    if data.color is not None:
        channels = 3 if data.color == "rgb" else 1
    return (height, width, channels) if height and width and channels else None


def static_classes(data: Data) -> int | None:
    """Return the number of classes, or None where only the files can tell."""
    return len(data.class_names) or None


def static_images(data: Data) -> int | None:
    """Return how many images there are to train and validate on, or None where only the files can tell."""
    images, kept = data.facts.train, data.subset.train
    if images is None or data.classes:
        return None
    if data.facts.test is None:
        images = round(images * (1 - (data.test or DEFAULT_TEST)))
    return images if kept is None else round(images * kept) if isinstance(kept, float) else min(images, kept)


def source_channels(data: Data) -> int | None:
    """Return how many channels the images of the source have, or None where only the files can tell."""
    if data.facts.shape is not None:
        return data.facts.shape[2]
    return 3 if sources()[data.source].image_files else None  # every image file becomes RGB


def may_bring_splits(data: Data) -> bool:
    """Return whether the source may have a validation or a test split that only its files tell of."""
    return sources()[data.source].own is not None
