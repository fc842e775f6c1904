"""Images of any size whose class can be read off their pixels without error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cnnbench.catalogue.sources import Facts, Shape, Source, key
from cnnbench.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pydantic import Field

    from cnnbench.catalogue.values import Violation
    from cnnbench.config.schema import Data
    from cnnbench.config.section import Listed, Positive
    from cnnbench.data.types import Given, Part

CELLS = 4  # a class is a pattern of 4x4 flat cells
DARK, BRIGHT, NOISE = 48, 144, 64  # pixels lie in 48..112 or in 144..208: a dark cell is never a bright one


@dataclass(frozen=True)
class Options:
    """Size of the `synthetic` source, whose classes are separable by construction."""

    classes: Annotated[int, Field(ge=2, le=100_000)] = key(10, "classes of the synthetic source")
    shape: Annotated[tuple[Positive, Positive, Literal[1, 3]], Listed] = key(
        (32, 32, 3), "height, width and channels of the synthetic source"
    )
    train: Annotated[int, Field(ge=1, le=10_000_000)] = key(1000, "training images of the synthetic source")
    test: Annotated[int, Field(ge=1, le=10_000_000)] = key(200, "test images of the synthetic source")


def facts(size: Options) -> Facts:
    """Return what the options say."""
    width = len(str(size.classes - 1))
    return Facts(size.shape, tuple(f"class {k:0{width}d}" for k in range(size.classes)), size.train, size.test)


def check(size: Options) -> Iterator[Violation]:
    """Yield where a split cannot hold every class."""
    for name, count in (("train", size.train), ("test", size.test)):
        if count < size.classes:
            yield (name,), f"expected at least an image for each of {size.classes} classes, found {count}"


SOURCE = Source("separable by construction, any size", facts, options=Options, check=check, generated=True)


def load(data: Data, place: Path) -> Given:
    """Return images drawn by `data.split_seed`.

    Each class is a random pattern of dark and bright cells, no two alike, under bounded uniform noise;
    classes take turns, so they are balanced. Raises DataError where images are too small for the classes.
    """
    from cnnbench.data.types import Given

    size: Options = data.options
    patterns = _patterns(size, data.split_seed)
    train = _part(patterns, size.shape, size.train, "synthetic train", data.split_seed)
    test = _part(patterns, size.shape, size.test, "synthetic test", data.split_seed)
    return Given(facts(size).class_names, train, test=test, notes=("generated",))


def _patterns(size: Options, seed: int) -> NDArray[np.uint8]:
    """Return a different pattern per class, (classes, rows, columns, channels), values 0 and 1."""
    import numpy as np

    from cnnbench.seeds import bits_of_images

    height, width, channels = size.shape
    grid = (min(CELLS, height), min(CELLS, width), channels)
    cells = int(np.prod(grid))
    if cells < 63 and 2**cells < size.classes:
        raise DataError(f"data.synthetic: {size.classes} classes do not fit into {height}x{width}x{channels} images")
    rng = np.random.Generator(bits_of_images("synthetic patterns", seed))
    found: dict[bytes, NDArray[np.uint8]] = {}
    while len(found) < size.classes:
        pattern = rng.integers(0, 2, grid, np.uint8)
        found.setdefault(pattern.tobytes(), pattern)
    return np.stack(list(found.values()))


def _part(patterns: NDArray[np.uint8], shape: Shape, count: int, draw: str, seed: int) -> Part:
    import numpy as np

    from cnnbench.data.stores import ArrayStore
    from cnnbench.data.types import Part
    from cnnbench.seeds import bits_of_images

    height, width, _ = shape
    rows = np.arange(height) * patterns.shape[1] // height
    columns = np.arange(width) * patterns.shape[2] // width
    rng = np.random.Generator(bits_of_images(draw, seed))
    images = rng.integers(DARK, DARK + NOISE + 1, (count, *shape), np.uint8)
    for k, pattern in enumerate(patterns[:count]):
        images[k :: len(patterns)] += pattern[rows[:, None], columns] * np.uint8(BRIGHT - DARK)
    return Part(ArrayStore(images), np.arange(count) % len(patterns))
