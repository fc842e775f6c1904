from __future__ import annotations

import numpy as np
import pytest

from cnnbench.data import chunks
from cnnbench.data.prepare import Target
from cnnbench.data.stores import ArrayStore, LazyStore, PreparedStore, materialize
from tests.builders.images import pixels

IMAGES = pixels(20, 4, 4, 3)


def test_array_store_fetches_rows_in_order_and_repeated() -> None:
    rows = np.array([7, 3, 3, 19])
    assert (ArrayStore(IMAGES).fetch(rows) == IMAGES[rows]).all()
    assert len(ArrayStore(IMAGES)) == 20 and ArrayStore(IMAGES).shape == (4, 4, 3)


def test_lazy_store_loads_once_and_not_before() -> None:
    loads = []

    def load() -> ArrayStore:
        loads.append(1)
        return ArrayStore(IMAGES)

    store = LazyStore((4, 4, 3), 20, load)
    assert (len(store), store.shape, loads) == (20, (4, 4, 3), [])
    assert (store.fetch(np.array([5])) == IMAGES[[5]]).all()
    store.fetch(np.array([6]))
    assert loads == [1]


def test_materialized_rows_keep_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MOST", 3)
    rows = np.array([1, 4, 5, 6, 9, 18, 19])
    kept = materialize(PreparedStore(ArrayStore(IMAGES), Target((8, 8), "stretch", 3, None)), rows)
    direct = PreparedStore(ArrayStore(IMAGES), Target((8, 8), "stretch", 3, None)).fetch(rows[::-1])
    assert (kept.fetch(rows[::-1]) == direct).all()
    assert len(kept) == 20 and kept.shape == (8, 8, 3)
    with pytest.raises(IndexError):
        kept.fetch(np.array([0]))


def test_materializing_all_or_no_rows() -> None:
    assert (materialize(ArrayStore(IMAGES), np.arange(20)).fetch(np.arange(20)) == IMAGES).all()
    assert materialize(ArrayStore(IMAGES), np.arange(0)).fetch(np.arange(0)).shape == (0, 4, 4, 3)


def test_floats_stay_floats() -> None:
    floats = IMAGES.astype(np.float32) / 3
    assert materialize(ArrayStore(floats), np.arange(20)).fetch(np.arange(2)).dtype == np.float32
