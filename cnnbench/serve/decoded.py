"""Uploaded image files as a network's input: decoded and prepared as `cnnbench predict` does."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from cnnbench.data.decode import named, size_of
from cnnbench.data.types import Images
from cnnbench.errors import DataError
from cnnbench.serve import received
from cnnbench.serve.limits import Limits, Refused
from cnnbench.serve.received import Upload
from cnnbench.serve.served import Served


def decoded(found: Sequence[Upload], served: Served, limits: Limits) -> list[Images]:
    """Return each image (H, W, C); raises Refused, which names every one that cannot be read."""
    images: list[Images] = []
    problems = []
    for place, upload in enumerate(found, 1):
        try:
            images.append(_decoded(upload.content, received.named(upload, place), served, limits))
        except DataError as e:
            problems.append(str(e))
    if problems:
        raise Refused(422, problems[0] if len(problems) == 1 else f"{len(problems)} images cannot be read", problems)
    return images


def _decoded(content: bytes, name: str, served: Served, limits: Limits) -> Images:
    if not content:
        raise DataError(f"{name}: an empty file")
    if _is_too_large(content, name, limits.pixels):
        raise Refused(413, f"{name}: an image may have {limits.pixels} pixels")
    return served.predictor.prepared(content, name)


def _is_too_large(content: bytes, name: str, most: int) -> bool:
    """Look at the header alone: a few bytes can say that they hold gigabytes of pixels."""
    with named(name):
        try:
            height, width = size_of(content)
        except Image.DecompressionBombError:
            return True
    return height * width > most
