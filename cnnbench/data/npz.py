"""Reading NumPy archives: MNIST as Keras has it, and `npz`, a user's own arrays under the same names."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schema import Data
from cnnbench.data.arrays import as_images, as_labels, image_shape
from cnnbench.data.names import DIGITS
from cnnbench.data.stores import ArrayStore, LazyStore
from cnnbench.data.types import Labels, Part, Source
from cnnbench.errors import DataError, MissingData, did_you_mean

NAMES = ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test", "class_names")
BROKEN = (OSError, EOFError, ValueError, KeyError, NotImplementedError, zipfile.BadZipFile, zlib.error)


def load_mnist(folder: Path) -> Source:
    """Return MNIST from `mnist.npz`; the test images are read when first asked for."""
    path = folder / "mnist.npz"
    source = _load(path, DIGITS)
    for part in (source.train, source.test):
        if part is None or part.store.shape != (28, 28, 1):
            found = part.store.shape if part else "no test images"
            raise DataError(f"{path}: {found}; MNIST has training and test images of 28x28")
    return source


def load_npz(data: Data) -> Source:
    """Return the arrays of `data.path`; validation and test parts where the file has them."""
    if data.path is None:
        raise DataError("data.path: source npz needs the path of a .npz file")
    path = Path(data.path).expanduser()
    if not path.is_file():
        raise MissingData(f"{path}: no such file")
    return _load(path, None)


def _load(path: Path, class_names: Sequence[str] | None) -> Source:
    names = _members(path)
    for name in ("x_train", "y_train"):
        if name not in names:
            raise DataError(
                f"{path}: has no array {name}, only {', '.join(names) or 'nothing'}{did_you_mean(name, names)}"
            )
    class_names = class_names or (_class_names(path) if "class_names" in names else None)
    train = _train(path, len(class_names) if class_names else None)
    if class_names is None:
        class_names = tuple(str(k) for k in range(int(train.labels.max()) + 1))
    _every_class(path, train.labels, class_names)
    return Source(
        class_names,
        train,
        _held_out(path, names, "val", len(class_names)),
        _held_out(path, names, "test", len(class_names)),
        notes=(f"{path}",),
    )


def _train(path: Path, classes: int | None) -> Part:
    images = as_images(_read(path, "x_train"), f"{path}: x_train")
    if not len(images):
        raise DataError(f"{path}: x_train: no images")
    labels = as_labels(_read(path, "y_train"), len(images), classes, f"{path}: y_train")
    return Part(ArrayStore(images), labels)


def _every_class(path: Path, labels: Labels, class_names: Sequence[str]) -> None:
    if len(class_names) < 2:
        raise DataError(f"{path}: y_train: one class; there must be at least 2")
    missing = np.flatnonzero(np.bincount(labels, minlength=len(class_names)) == 0)
    if len(missing):
        raise DataError(
            f"{path}: y_train: class {class_names[missing[0]]!r} has no image; labels run from 0 without a gap"
        )


def _held_out(path: Path, names: Sequence[str], split: str, classes: int) -> Part | None:
    """Return the part x_<split>, y_<split>, whose images stay in the file until one is asked for."""
    x, y = f"x_{split}", f"y_{split}"
    if x not in names and y not in names:
        return None
    if x not in names or y not in names:
        raise DataError(f"{path}: has {x if x in names else y} but not {y if x in names else x}")
    shape, dtype = _header(path, x)
    image = image_shape(shape, dtype, f"{path}: {x}")
    labels = as_labels(_read(path, y), shape[0], classes, f"{path}: {y}")
    store = LazyStore(image, shape[0], lambda: ArrayStore(as_images(_read(path, x), f"{path}: {x}")))
    return Part(store, labels)


def _class_names(path: Path) -> tuple[str, ...]:
    found = _read(path, "class_names")
    if found.ndim != 1 or found.dtype.kind not in "US":
        raise DataError(f"{path}: class_names: {found.dtype} of shape {found.shape}; allowed is a list of strings")
    names = tuple(n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n) for n in found)
    if len(set(names)) < len(names) or len(names) < 2:
        raise DataError(f"{path}: class_names: {len(names)} names, {len(set(names))} different; at least 2, no twins")
    return names


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist()]
    except BROKEN as e:
        raise DataError(f"{path}: cannot be read as a NumPy .npz archive ({_reason(e)})") from None


def _read(path: Path, name: str) -> NDArray[Any]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            value: NDArray[Any] = arrays[name]
    except BROKEN as e:
        raise DataError(f"{path}: {name}: cannot be read ({_reason(e)})") from None
    return value


def _header(path: Path, name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return shape and type of a member without reading its values."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as f:
            version = np.lib.format.read_magic(f)
            read = np.lib.format.read_array_header_1_0 if version[0] == 1 else np.lib.format.read_array_header_2_0
            shape, _, dtype = read(f)
    except BROKEN as e:
        raise DataError(f"{path}: {name}: cannot be read ({_reason(e)})") from None
    return shape, dtype


def _reason(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
