"""A store of image files that decodes them as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.asked import answers
from cnnbench.data.chunks import chunks
from cnnbench.data.decode import decode, largest_grey, named, read_size
from cnnbench.data.grey import evident_bits
from cnnbench.data.prepare import Filter, Size, Target, prepare
from cnnbench.data.types import Rows
from cnnbench.errors import DataError
from cnnbench.machine.cpu import available_cores

SHOWN = 10  # problems printed before "... and n more"


class ImageFolder:
    """Image files decoded and prepared each time they are fetched, on all processors; nothing is kept.

    `files` are paths relative to `root`; `target.size` is given, since a batch needs one size.
    """

    def __init__(self, root: Path, files: Sequence[str], target: Target) -> None:
        assert target.size is not None
        self.root = root
        self.files = files
        self.target = target
        self.shape = (*target.size, target.channels)

    def __len__(self) -> int:
        return len(self.files)

    def scaled_by(self, resample: Filter) -> ImageFolder:
        """Return the same files, scaled with another filter."""
        return ImageFolder(self.root, self.files, replace(self.target, resample=resample))

    def fetch(self, rows: Rows) -> NDArray[np.uint8]:
        """Return the images of `rows`; raises DataError naming the files that cannot be read."""
        images, problems = self._decode(rows)
        refuse(list(problems.values()))
        return images

    def problems(self, rows: Rows) -> dict[int, str]:
        """Decode `rows` and drop the pixels; return what is wrong with those that cannot be read, by row."""
        found: dict[int, str] = {}
        for positions in chunks(len(rows), self.shape):
            found |= self._decode(rows[positions])[1]
        return found

    def unreadable(self, rows: Rows) -> list[str]:
        """Return what the headers of the files in `rows` tell to be wrong with them; no pixel is decoded."""
        return [problem for _, problem in answers(self._header_problem, rows.tolist()) if problem]

    def _decode(self, rows: Rows) -> tuple[NDArray[np.uint8], dict[int, str]]:
        images = np.zeros((len(rows), *self.shape), np.uint8)
        problems: dict[int, str] = {}

        def decode(i: int) -> None:
            try:
                images[i] = self._image(int(rows[i]))
            except DataError as e:
                problems[int(rows[i])] = str(e)

        for _ in self._pool.map(decode, range(len(rows))):
            pass
        return images, dict(sorted(problems.items()))

    def _header_problem(self, row: int) -> str | None:
        try:
            read_size(self.root / self.files[row])
        except DataError as e:
            return str(e)
        return None

    def _image(self, row: int) -> NDArray[np.uint8]:
        path, t = self.root / self.files[row], self.target
        with named(path):
            return prepare(decode(path, t.grey_bits), t.size, t.fit, t.channels, t.color, t.resample)

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(available_cores(), thread_name_prefix="decode")

    def __getstate__(self) -> dict[str, object]:
        return {k: v for k, v in self.__dict__.items() if k != "_pool"}


def refuse(problems: Sequence[str]) -> None:
    """Raise DataError with a line for each problem, or for the first ones and how many more there are."""
    if len(problems) > SHOWN:
        more = f"... and {len(problems) - SHOWN} more; on_bad_image: skip leaves such files out"
        problems = [*problems[:SHOWN], more]
    if problems:
        raise DataError(*problems)


def settled(root: Path, files: Sequence[str], target: Target, size: Size | None = None) -> Target:
    """Return `target` with what only the files tell: their one size, unless it is known, and how grey they are."""
    if target.size is None:
        target = common_size(root, files, target) if size is None else replace(target, size=size)
    return replace(target, grey_bits=common_grey_bits(root, files)) if target.grey_bits is None else target


def common_grey_bits(root: Path, files: Sequence[str]) -> int | None:
    """Return how many bits of the 16-bit grey files are in use, None where there is no such file."""
    found = answers(lambda file: largest_grey(root / file), files)
    largest = max((value for _, value in found if value is not None), default=None)
    return None if largest is None else evident_bits(largest)


def common_size(root: Path, files: Sequence[str], target: Target) -> Target:
    """Return `target` with the one size all files have, read from their headers.

    Raises DataError naming two files where sizes differ. Files that cannot be read are left to `problems`.
    """
    first: tuple[str, Size] | None = None
    for name, size in answers(lambda file: _size_or_none(root / file), files):
        if size is None:
            continue
        first = first or (name, size)
        if size != first[1]:
            raise DataError(_mixed(root, first, (name, size)))
    return replace(target, size=first[1] if first else (1, 1))


def _size_or_none(path: Path) -> Size | None:
    try:
        return read_size(path)
    except DataError:
        return None


def _mixed(root: Path, one: tuple[str, Size], other: tuple[str, Size]) -> str:
    (a, (ha, wa)), (b, (hb, wb)) = one, other
    return f"{root}: images differ in size ({a} is {wa}x{ha}, {b} is {wb}x{hb}); set data.image_size"
