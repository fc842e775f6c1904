"""Image stores: arrays in memory, arrays read when first asked for, and images prepared on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from cnnbench.data.chunks import chunks
from cnnbench.data.prepare import Target, prepare_array
from cnnbench.data.types import Images, ImageStore, Rows

KEEP_BELOW = 2**30  # bytes of prepared images that are worth their memory


class ArrayStore:
    """Images in one array, kept once.

    With `index`, row r of the store is `images[index[r]]`: the array then holds only the rows that are used.
    """

    def __init__(self, images: Images, index: Rows | None = None) -> None:
        self._images = images
        self._index = index
        self.shape: tuple[int, int, int] = images.shape[1:]

    def __len__(self) -> int:
        return len(self._images) if self._index is None else len(self._index)

    def fetch(self, rows: Rows) -> Images:
        """Return the images of `rows`."""
        return self._images[rows if self._index is None else self._index[rows]]


class LazyStore:
    """A store whose images are read when the first one is fetched; shape and number are known before."""

    def __init__(self, shape: tuple[int, int, int], count: int, load: Callable[[], ImageStore]) -> None:
        self.shape = shape
        self._count = count
        self._load: Callable[[], ImageStore] | None = load
        self._store: ImageStore | None = None

    def __len__(self) -> int:
        return self._count

    def fetch(self, rows: Rows) -> Images:
        """Return the images of `rows`, reading the store first if this is the first call."""
        if self._store is None:
            self._store = self.read()
            self._load = None  # what the loader holds is not needed any more
        return self._store.fetch(rows)

    def read(self) -> ImageStore:
        """Return the store behind this one; unless its images have been fetched before, they are not kept here."""
        if self._store is not None:
            return self._store
        assert self._load is not None
        return self._load()


class PreparedStore:
    """Images of another store brought to their target size and colour each time they are fetched."""

    def __init__(self, store: ImageStore, target: Target) -> None:
        self.source = store
        self.target = target
        self.shape = target.shape(store.shape)

    def __len__(self) -> int:
        return len(self.source)

    def fetch(self, rows: Rows) -> Images:
        """Return the images of `rows`, prepared."""
        return prepare_array(self.source.fetch(rows), self.target)


class MirroredStore:
    """Images of another store, mirrored left to right."""

    def __init__(self, store: ImageStore) -> None:
        self._store = store
        self.shape = store.shape

    def __len__(self) -> int:
        return len(self._store)

    def fetch(self, rows: Rows) -> Images:
        """Return the images of `rows`, mirrored."""
        return self._store.fetch(rows)[:, :, ::-1]


def without_keeping(store: ImageStore) -> ImageStore:
    """Return a store with the same images that are let go of with it, also where `store` would keep them."""
    return store.read() if isinstance(store, LazyStore) else store


def materialize(store: ImageStore, rows: Rows) -> ArrayStore:
    """Fetch `rows` once, in chunks into one array, and return a store of them under the same row numbers."""
    *_, images = filling(store, rows)
    return numbered(images, rows, len(store))


def filling(store: ImageStore, rows: Rows) -> Iterator[Images]:
    """Yield one array for the images of `rows` each time that a chunk of them is in it; the last time it is full."""
    images: Images | None = None
    for positions in chunks(len(rows), store.shape):
        some = store.fetch(rows[positions])
        if images is None:
            images = np.empty((len(rows), *store.shape), some.dtype)
        images[positions[0] : positions[-1] + 1] = some
        yield images
    if images is None:
        yield np.empty((0, *store.shape), np.uint8)


def numbered(images: Images, rows: Rows, count: int) -> ArrayStore:
    """Return a store of `count` rows in which row `rows[i]` is `images[i]`; there are no others in it."""
    if len(rows) == count and np.array_equal(rows, np.arange(count)):
        return ArrayStore(images)
    index = np.full(count, len(rows), np.int64)  # rows not kept are out of range, not a wrong image
    index[rows] = np.arange(len(rows))
    return ArrayStore(images, index)


def prepared_bytes(store: ImageStore, rows: Rows) -> int:
    """Return the memory that `rows` of a store take as 8-bit images."""
    return int(len(rows) * np.prod(store.shape))
