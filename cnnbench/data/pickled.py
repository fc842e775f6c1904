"""Reading pickles of arrays and lists of numbers without letting them run anything, NumPy's own reader included.

NumPy rebuilds types and arrays of whatever a pickle hands it, and a few changed bytes make it end the process. Here
stand-ins take what a pickle says of an array, and make one of it only if it is a plain one of numbers.
"""

from __future__ import annotations

import pickle
import re
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.nesting import refuse_deep

PLAIN = re.compile(r"[|<>=]?[biuf][1248]")


class _Type:
    """What a pickle says of the type of an array: its name, and which byte comes first."""

    def __init__(self, name: Any, *_: Any) -> None:
        self._name = name.decode("latin1") if isinstance(name, bytes) else name
        self._order = "="

    def __setstate__(self, state: Any) -> None:
        order = state[1]
        self._order = order.decode("latin1") if isinstance(order, bytes) else order

    def numpy(self) -> np.dtype[Any]:
        """Return the type, if it is one of whole or real numbers."""
        if not isinstance(self._name, str) or not PLAIN.fullmatch(self._name) or self._order not in tuple("|<>="):
            raise pickle.UnpicklingError(f"values of type {self._name!r}")
        return np.dtype(self._name).newbyteorder(self._order)  # type: ignore[arg-type] # one of the four above


class Array:
    """What a pickle says of an array."""

    def __init__(self, *_: Any) -> None:
        self._state: Any = None

    def __setstate__(self, state: Any) -> None:
        self._state = state

    def numpy(self) -> NDArray[Any]:
        """Return the array; raises what NumPy raises, TypeError or ValueError, where it cannot be one."""
        *_, shape, kind, by_columns, content = self._state
        if not isinstance(kind, _Type) or not isinstance(content, bytes | bytearray) or not isinstance(shape, tuple):
            raise TypeError("an array that is none")
        return np.frombuffer(content, kind.numpy()).reshape(shape, order="F" if by_columns else "C")


def _from_buffer(content: Any, kind: Any, shape: Any, order: Any) -> Array:
    """Return an array as protocol 5 writes it."""
    found = Array()
    found.__setstate__((shape, kind, order == "F", content))
    return found


def _scalar(kind: _Type, content: bytes) -> Any:
    return np.frombuffer(content, kind.numpy())[0].item()


def _encode_latin1(text: str, encoding: str) -> bytes:
    """Return bytes that Python 3 wrote into a pickle of protocol 2."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"refused: encoding {encoding!r}")
    return text.encode("latin1")


# The only globals a pickle may name: what NumPy writes arrays and scalars with, under its old and its new name.
_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): Array,
    ("numpy", "dtype"): _Type,
    ("_codecs", "encode"): _encode_latin1,
    **{(f"numpy.{c}.multiarray", "_reconstruct"): Array for c in ("core", "_core")},
    **{(f"numpy.{c}.multiarray", "scalar"): _scalar for c in ("core", "_core")},
    **{(f"numpy.{c}.numeric", "_frombuffer"): _from_buffer for c in ("core", "_core")},
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"refused: it names {module + '.' + name!r}") from None


def read_pickle(f: BinaryIO) -> Any:
    """Return what a pickle of Python 2 or 3 holds; arrays are `Array`. Raises all kinds of errors for other bytes."""
    refuse_deep(f)
    f.seek(0)
    return _Unpickler(f, encoding="bytes").load()
