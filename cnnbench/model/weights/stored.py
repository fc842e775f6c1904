"""What a weight file holds: named arrays, grouped by the layer they belong to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cnnbench.errors import DataError

Layout = Literal["keras", "torch"]  # whose order of axes and of a layer's arrays
Shapes = tuple[tuple[int, ...], ...]

# The arrays of one layer in the order in which Keras and PyTorch keep them.
ROLES = (
    *("depthwise_kernel", "pointwise_kernel", "kernel", "gamma", "scale", "weight", "alpha"),
    *("bias", "beta", "moving_mean", "running_mean", "moving_variance", "running_var"),
)
TORCH_ROLES = {"weight", "bias", "running_mean", "running_var"}
IGNORED = "num_batches_tracked"  # PyTorch's count of batches: no network computes with it


@dataclass(frozen=True)
class Unit:
    """The arrays of one layer of a file, in the order in which its framework keeps them."""

    name: str
    arrays: Sequence[NDArray[Any]]

    @property
    def shapes(self) -> Shapes:
        """The shapes of its arrays."""
        return tuple(array.shape for array in self.arrays)

    @property
    def rank(self) -> int:
        """How many axes its first array has: kernels of maps, dense kernels and vectors differ in it."""
        return len(self.shapes[0])


@dataclass(frozen=True)
class Stored:
    """A weight file that was read.

    `ordered` says whether the order of its arrays is that in which the framework lists the layers of the network; a
    `flat` one is a list of arrays without names. `ours` is a network that cnnbench saved, whose normalisation (pixel *
    scale + offset, pixels 0..255) is known.
    """

    path: Path
    arrays: Mapping[str, NDArray[Any]]
    layout: Layout
    ordered: bool = True
    flat: bool = False
    ours: bool = False
    normalization: tuple[Sequence[float], Sequence[float]] | None = None

    def units(self) -> list[Unit]:
        """Return the layers with weights; raises DataError where an array's name says nothing of what it is."""
        separator = "." if self.layout == "torch" else "/"
        groups: dict[str, dict[str, NDArray[Any]]] = {}
        for name, array in self.arrays.items():
            layer, _, role = name.rpartition(separator)
            if role != IGNORED:
                groups.setdefault(layer, {})[role] = array
        return [Unit(layer, list(self._in_order(layer, arrays))) for layer, arrays in groups.items()]

    def _in_order(self, layer: str, arrays: Mapping[str, NDArray[Any]]) -> Iterator[NDArray[Any]]:
        if all(role.isdigit() for role in arrays):
            yield from (arrays[role] for role in sorted(arrays, key=int))
            return
        for role in arrays:
            if role not in ROLES:
                raise DataError(f"{self.path}: {layer}: holds {role!r}, which is no weight of a layer that can be read")
        yield from (arrays[role] for role in ROLES if role in arrays)


def layout_of(path: Path, names: Sequence[str]) -> Layout:
    """Return whose names these are; raises DataError where they are neither PyTorch's nor Keras'."""
    if all(name.rpartition(".")[2] in {*TORCH_ROLES, IGNORED} for name in names):
        return "torch"
    if all(name.rpartition("/")[2] in ROLES or name.rpartition("/")[2].isdigit() for name in names):
        return "keras"
    strange = next(name for name in names if name.rpartition(".")[2] not in TORCH_ROLES)
    raise DataError(
        f"{path}: holds {strange!r}; expected names as PyTorch's conv1.weight or Keras' conv2d/kernel throughout"
    )


def as_float32(path: Path, name: str, array: NDArray[Any]) -> NDArray[np.float32]:
    """Return numbers as float32; raises DataError for what are no finite numbers."""
    if array.dtype.kind not in "fiu" and array.dtype.name != "bfloat16":
        raise DataError(f"{path}: {name} holds no numbers ({array.dtype.name})")
    numbers = np.asarray(array, np.float32)
    if not np.isfinite(numbers).all():
        raise DataError(f"{path}: {name} holds values that are not finite")
    return numbers


def by_numbers(names: Sequence[str]) -> list[str]:
    """Return names in the order in which people count: layer2 before layer10."""
    return sorted(names, key=lambda name: [(int(part), "") if part.isdigit() else (-1, part) for part in _parts(name)])


def is_certain(one: str, other: str) -> bool:
    """Return whether it is a number in which two names first differ, so that their order is no guess."""
    for a, b in zip(_parts(one), _parts(other), strict=False):
        if a != b:
            return a.isdigit() and b.isdigit()
    return False


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"(\d+)", name) if part]
