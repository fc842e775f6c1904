"""Street View House Numbers, cropped digits: two MATLAB files.

Netzer et al. 2011, "Reading Digits in Natural Images with Unsupervised Feature Learning".
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnbench.catalogue.sources import DIGITS, Facts, Published, Remote, Source
from cnnbench.errors import DataError, cause

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnbench.config.schema import Data
    from cnnbench.data.stores import ArrayStore
    from cnnbench.data.types import Given, Labels

SHAPE = (32, 32, 3)
FACTS = Facts(SHAPE, DIGITS, 73257, 26032)
# Size and SHA-256 of each file as TensorFlow Datasets has them for the authors' addresses
# (url_checksums/svhn_cropped.txt).
FILES = {
    "train_32x32.mat": (182040794, "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8"),
    "test_32x32.mat": (64275384, "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b"),
}

SOURCE = Source(
    "house numbers, one digit cropped",
    FACTS,
    Published(
        ("svhn",),
        tuple(FILES),
        tuple(
            Remote(f"http://ufldl.stanford.edu/housenumbers/{name}", sha256, size, f"svhn/{name}")
            for name, (size, sha256) in FILES.items()
        ),
    ),
    licence="for non-commercial use only",  # the authors' page, beside the downloads
)


def load(data: Data, place: Path) -> Given:
    """Return the images; those of the test split are read when first asked for. The `extra` ones are not used."""
    from cnnbench.data.stores import LazyStore
    from cnnbench.data.types import Given, Part

    train, test = (place / name for name in FILES)
    labels = _labels(train, FACTS.train)
    test_labels = _labels(test, FACTS.test)
    later = LazyStore(SHAPE, len(test_labels), lambda: _images(test))
    return Given(DIGITS, Part(_images(train), labels), test=Part(later, test_labels), notes=(f"{place}",))


def _images(path: Path) -> ArrayStore:
    """Return X, stored as (32, 32, 3, n), as (n, 32, 32, 3)."""
    import numpy as np

    from cnnbench.data.stores import ArrayStore

    return ArrayStore(np.ascontiguousarray(np.moveaxis(_array(path, "X"), 3, 0)))


def _labels(path: Path, most: int | None) -> Labels:
    """Return y, stored as (n, 1) with 10 for the digit 0, once the file says that it has as many images."""
    import numpy as np
    from scipy.io import whosmat

    from cnnbench.data.arrays import as_labels

    shapes = {name: (shape, kind) for name, shape, kind in _tried(path, lambda: whosmat(path))}
    for name, axes in (("X", 4), ("y", 2)):
        if name not in shapes:
            raise DataError(f"{path}: has no {name}, only {', '.join(shapes) or 'nothing'}")
        shape, kind = shapes[name]
        if kind != "uint8" or len(shape) != axes:
            raise DataError(f"{path}: {name} is {kind} of shape {shape}; allowed are uint8, X of 4 axes and y of 2")
    images, labels = shapes["X"][0], shapes["y"][0]
    if images[:3] != SHAPE or labels != (images[3], 1) or not 0 < images[3] <= (most or 0):
        raise DataError(f"{path}: X is {images} and y {labels}; allowed are (32, 32, 3, n) and (n, 1), n up to {most}")
    found = as_labels(_array(path, "y").astype(np.int64) - 1, images[3], len(DIGITS), f"{path}: y less 1")
    return (found + 1) % 10


def _array(path: Path, name: str) -> NDArray[np.uint8]:
    from scipy.io import loadmat

    found: NDArray[np.uint8] = _tried(path, lambda: loadmat(path, variable_names=[name])[name])
    return found


def _tried(path: Path, read: Any) -> Any:
    try:
        return read()
    except MemoryError:
        raise DataError(f"{path}: does not fit into memory") from None
    except Exception as e:  # of damaged files scipy raises nearly anything: ValueError, TypeError, zlib.error, ...
        raise DataError(f"{path}: cannot be read as a MATLAB file of version 5 ({cause(e)})") from None
