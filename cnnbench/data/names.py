"""File names by the million: the bytes of one long text, a fifth of what a str each would take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import eq
from typing import overload

import numpy as np
from numpy.typing import NDArray


class Names(Sequence[str]):
    """Names in their order, each made anew when it is asked for; equal to a list or tuple of the same names.

    `text` has them one behind the other as the file system does (surrogates for bytes that are no UTF-8), `ends` where
    each ends, int64 of shape (n,).
    """

    def __init__(self, text: bytes, ends: NDArray[np.int64]) -> None:
        self._text = text
        self._ends = ends

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        """Return the same names; they are taken one at a time."""
        text = bytearray()

        def end(name: str) -> int:
            text.extend(name.encode("utf-8", "surrogateescape"))
            return len(text)

        ends = np.fromiter(map(end, names), np.int64)
        return cls(bytes(text), ends)  # without the room that a growing text keeps

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> Names: ...

    def __getitem__(self, at: int | slice) -> str | Names:
        if isinstance(at, slice):
            return Names.of(self[position] for position in range(len(self))[at])
        end = self._ends[at]  # raises IndexError
        begin = self._ends[at - 1] if at % len(self) else 0
        return self._text[begin:end].decode("utf-8", "surrogateescape")

    def __iter__(self) -> Iterator[str]:
        begin = 0
        for end in self._ends:
            yield self._text[begin:end].decode("utf-8", "surrogateescape")
            begin = end

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list | tuple | Names) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # as a list has none

    def __repr__(self) -> str:
        return f"Names of {len(self)} files"
