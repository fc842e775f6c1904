"""Keras without what its import costs for nothing: packages that are only looked for, and the search for garbage."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

JAX = "jax"  # for a converter of TensorFlow's that nobody calls
# For data frames, estimators, galleries of images, sparse matrices, notebooks: Keras meets none of them here.
OPTIONAL = ("pandas", "scipy", "sklearn", "matplotlib", "IPython")

_alone = False  # whether nobody else works with Keras in this process


def alone_in_process() -> None:
    """Say that this process is a command's or a job's: in one of a user's, Keras has to come up whole."""
    global _alone
    _alone = True


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Import as if packages were not installed, but for those that are imported already; afterwards they are again."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None: such an import raises
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def spared() -> AbstractContextManager[None]:
    """Import Keras on TensorFlow without JAX, and in a process of one's own without all that is optional."""
    return without(JAX, *(OPTIONAL if _alone else ()))


@contextmanager
def uncollected() -> Iterator[None]:
    """Import without looking for garbage, which takes a quarter of the time: what a module makes stays.

    In a process of one's own it is left out of all later searches as well.
    """
    wanted = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if _alone:
            gc.freeze()
        if wanted:
            gc.enable()
