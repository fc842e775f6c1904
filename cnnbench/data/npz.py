"""Reading NumPy archives of images and labels under the names that Keras gives MNIST's."""

from __future__ import annotations

import lzma
import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.arrays import as_images, as_labels, image_shape
from cnnbench.data.stores import ArrayStore, LazyStore
from cnnbench.data.types import Given, Labels, Part
from cnnbench.errors import QUOTED, DataError, cause, did_you_mean, shortened

SPLITS = ("train", "val", "test")
NAMES = ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test", "class_names")
# What zipfile and NumPy raise for bytes that are no such archive; RuntimeError says that a member is encrypted.
BROKEN = (
    *(OSError, EOFError, ValueError, TypeError, LookupError, ArithmeticError, MemoryError, RuntimeError, SyntaxError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, tokenize.TokenError),
)
ImageShape = tuple[int, int, int]


class Header(NamedTuple):
    """What an array in the archive is, known before any of its values is unpacked."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def read_splits(path: Path, class_names: Sequence[str] | None, prepared: Callable[[ImageShape], ImageShape]) -> Given:
    """Return the arrays of a file; `prepared` says what becomes of the shape of its images.

    Images of validation and test splits are read when first asked for. Raises DataError naming file and array.
    """
    headers = _headers(path)
    for name in ("x_train", "y_train"):
        if name not in headers:
            raise DataError(f"{path}: has no array {name}, only {', '.join(headers) or 'nothing'}")
    shapes = {split: _image_shape(path, headers, split) for split in SPLITS if _has(path, headers, split)}
    _one_shape(path, shapes, prepared)
    class_names = class_names or (_class_names(path) if "class_names" in headers else None)
    train = _train(path, headers, len(class_names) if class_names else None)
    if class_names is None:
        class_names = tuple(str(k) for k in range(int(train.labels.max()) + 1))
    _every_class(path, train.labels, class_names)
    held_out = {
        split: _held_out(path, headers, split, shapes[split], len(class_names)) for split in shapes if split != "train"
    }
    return Given(class_names, train, held_out.get("val"), held_out.get("test"), notes=(f"{path}",))


def _has(path: Path, headers: Mapping[str, Header], split: str) -> bool:
    """Whether there are images and labels of a split; raises DataError where there is one of them."""
    x, y = f"x_{split}", f"y_{split}"
    if (x in headers) != (y in headers):
        raise DataError(f"{path}: has {x if x in headers else y} but not {y if x in headers else x}")
    return x in headers


def _image_shape(path: Path, headers: Mapping[str, Header], split: str) -> ImageShape:
    x = f"x_{split}"
    found = image_shape(*headers[x], f"{path}: {x}")
    if not headers[x].shape[0]:
        raise DataError(f"{path}: {x}: no images")
    return found


def _one_shape(path: Path, shapes: Mapping[str, ImageShape], prepared: Callable[[ImageShape], ImageShape]) -> None:
    """Raise DataError where the images of two splits would reach the network in different shapes."""
    for split, shape in shapes.items():
        if prepared(shape) != prepared(shapes["train"]):
            found, wanted = ("x".join(map(str, s)) for s in (shape, shapes["train"]))
            raise DataError(
                f"{path}: x_{split}: images of {found}, but x_train has {wanted}; "
                "data.image_size and data.color bring them to one shape"
            )


def _train(path: Path, headers: Mapping[str, Header], classes: int | None) -> Part:
    labels = _labels(path, headers, "train", classes)
    return Part(ArrayStore(as_images(_read(path, "x_train"), f"{path}: x_train")), labels)


def _labels(path: Path, headers: Mapping[str, Header], split: str, classes: int | None) -> Labels:
    y, images, shape = f"y_{split}", headers[f"x_{split}"].shape[0], headers[f"y_{split}"].shape
    if shape and shape[0] != images:
        raise DataError(f"{path}: {y}: {shape[0]} labels for {images} images")
    return as_labels(_read(path, y), images, classes, f"{path}: {y}")


def _every_class(path: Path, labels: Labels, class_names: Sequence[str]) -> None:
    if len(class_names) < 2:
        raise DataError(f"{path}: y_train: one class; there must be at least 2")
    missing = np.flatnonzero(np.bincount(labels, minlength=len(class_names)) == 0)
    if len(missing):
        raise DataError(
            f"{path}: y_train: class {shortened(repr(class_names[missing[0]]))} has no image; "
            "labels run from 0 without a gap"
        )


def _held_out(path: Path, headers: Mapping[str, Header], split: str, shape: ImageShape, classes: int) -> Part:
    """Return the part x_<split>, y_<split>, whose images stay in the file until one is asked for."""
    x = f"x_{split}"
    labels = _labels(path, headers, split, classes)
    return Part(LazyStore(shape, len(labels), lambda: ArrayStore(as_images(_read(path, x), f"{path}: {x}"))), labels)


def _class_names(path: Path) -> tuple[str, ...]:
    found = _read(path, "class_names")
    if found.ndim != 1 or found.dtype.kind not in "US":
        raise DataError(f"{path}: class_names: {found.dtype} of shape {found.shape}; allowed is a list of strings")
    names = tuple(n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n) for n in found)
    if len(set(names)) < len(names) or len(names) < 2:
        raise DataError(f"{path}: class_names: {len(names)} names, {len(set(names))} different; at least 2, no twins")
    return names


def _headers(path: Path) -> dict[str, Header]:
    """Return shape and type of every array; raises DataError for other names and for what cannot be unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _known_names(path, [member.filename.removesuffix(".npy") for member in members])
            return {member.filename.removesuffix(".npy"): _header(path, archive, member) for member in members}
    except BROKEN as e:
        raise DataError(f"{path}: cannot be read as a NumPy .npz archive ({cause(e)})") from None


def _known_names(path: Path, names: Sequence[str]) -> None:
    for name in names:
        if name not in NAMES:
            hint = did_you_mean(name[:QUOTED], [known for known in NAMES if known not in names])
            raise DataError(f"{path}: has {shortened(repr(name))}; allowed are {', '.join(NAMES)}{hint}")


def _header(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Header:
    """Return what the header of an array says, once it is what the archive says of its size."""
    try:
        with archive.open(member) as f:
            version = np.lib.format.read_magic(f)
            read = np.lib.format.read_array_header_1_0 if version[0] == 1 else np.lib.format.read_array_header_2_0
            shape, _, dtype = read(f)
            unpacked = member.file_size - f.tell()
        if dtype.hasobject:
            raise ValueError("Python objects, not numbers")
        wanted = math.prod(shape) * dtype.itemsize
        if min(shape, default=0) < 0 or wanted != unpacked:
            raise ValueError(f"{unpacked} bytes of values for shape {shortened(str(shape))} of {dtype}")
    except BROKEN as e:
        raise DataError(f"{path}: {member.filename.removesuffix('.npy')}: cannot be read ({cause(e)})") from None
    return Header(shape, dtype)


def _read(path: Path, name: str) -> NDArray[Any]:
    """Return an array whose header has been looked at."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as f:
            value: NDArray[Any] = np.lib.format.read_array(f, allow_pickle=False)
    except MemoryError:
        raise DataError(f"{path}: {name}: does not fit into memory") from None
    except BROKEN as e:
        raise DataError(f"{path}: {name}: cannot be read ({cause(e)})") from None
    return value
