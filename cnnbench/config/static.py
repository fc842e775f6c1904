"""What a configuration tells of its images before a file is opened; no NumPy, so that `validate` stays fast."""

from __future__ import annotations

from cnnbench.catalogue.sources import DEFAULT_TEST, SOURCES, Shape
from cnnbench.config.schema import Data, Synthetic


def static_shape(data: Data) -> Shape | None:
    """Return height, width and channels the network will see, or None where only the files can tell."""
    shape = _source_shape(data)
    if data.source == "image_folder":
        shape = (0, 0, 3)  # every image becomes RGB unless data.color says grey
    if data.image_size is not None:
        size = data.image_size if isinstance(data.image_size, tuple) else (data.image_size, data.image_size)
        shape = (*size, shape[2] if shape else 0)
    if shape is None:
        return None
    if data.color is not None:
        shape = (*shape[:2], 3 if data.color == "rgb" else 1)
    return shape if all(shape) else None


def static_classes(data: Data) -> int | None:
    """Return the number of classes, or None where only the files can tell."""
    if data.source == "synthetic":
        return _synthetic(data).classes
    return SOURCES[data.source].classes


def static_images(data: Data) -> int | None:
    """Return how many images there are to train and validate on, or None where only the files can tell."""
    facts = SOURCES[data.source]
    images = _synthetic(data).train if data.source == "synthetic" else facts.train
    if images is None:
        return None
    if facts.test is None and data.source != "synthetic":
        images = round(images * (1 - (data.test or DEFAULT_TEST)))
    kept = data.subset.train
    return images if kept is None else round(images * kept) if isinstance(kept, float) else min(images, kept)


def _source_shape(data: Data) -> Shape | None:
    return _synthetic(data).shape if data.source == "synthetic" else SOURCES[data.source].shape


def _synthetic(data: Data) -> Synthetic:
    from cnnbench.config.schema import Synthetic  # not above: names alone are asked for where every moment counts

    return data.synthetic or Synthetic()
