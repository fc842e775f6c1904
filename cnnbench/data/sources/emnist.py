"""EMNIST, handwritten letters and digits: four IDX files for each of six ways to divide them into classes.

Cohen, Afshar, Tapson and van Schaik 2017, "EMNIST: an extension of MNIST to handwritten letters".
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cnnbench.catalogue.sources import DIGITS, Facts, Published, Source, key

if TYPE_CHECKING:
    from cnnbench.config.schema import Data
    from cnnbench.data.types import Given

_UPPER, _LOWER = tuple(string.ascii_uppercase), tuple(string.ascii_lowercase)
_MERGED = (*DIGITS, *_UPPER, *"abdefghnqrt")  # small letters that do not look like their capitals
VARIANTS = {
    "byclass": Facts((28, 28, 1), (*DIGITS, *_UPPER, *_LOWER), 697_932, 116_323),
    "bymerge": Facts((28, 28, 1), _MERGED, 697_932, 116_323),
    "balanced": Facts((28, 28, 1), _MERGED, 112_800, 18_800),
    "letters": Facts((28, 28, 1), _UPPER, 124_800, 20_800),
    "digits": Facts((28, 28, 1), DIGITS, 240_000, 40_000),
    "mnist": Facts((28, 28, 1), DIGITS, 60_000, 10_000),
}


@dataclass(frozen=True)
class Options:
    """Which of EMNIST's six sets the `emnist` source is."""

    variant: Literal["byclass", "bymerge", "balanced", "letters", "digits", "mnist"] = key(
        "balanced", "which of EMNIST's six sets"
    )


def published(options: Options) -> Published:
    """Return the four files of a variant."""
    files = tuple(
        f"emnist-{options.variant}-{split}-{kind}-ubyte.gz"
        for split in ("train", "test")
        for kind in ("images-idx3", "labels-idx1")
    )
    where = "gzip.zip of https://www.nist.gov/itl/products-and-services/emnist-dataset, unpacked"
    return Published(("gzip", "emnist", "emnist/gzip"), files, by_hand=where)


SOURCE = Source(
    "handwritten letters and digits, six ways",
    lambda options: VARIANTS[options.variant],
    published,
    options=Options,
)


def load(data: Data, place: Path) -> Given:
    """Return the images upright, as they are stored on their side; those of the test split when first asked for."""
    from cnnbench.data.idx import read_splits

    options: Options = data.options
    first = 1 if options.variant == "letters" else 0  # the label of A
    return read_splits(place, published(options).files, VARIANTS[options.variant], first=first, transposed=True)
