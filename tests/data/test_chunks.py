from __future__ import annotations

import numpy as np
import pytest

from cnnbench.data.chunks import BYTES, MOST, chunks


@pytest.mark.parametrize(
    ("count", "shape"), [(0, (4, 4, 1)), (9000, (4, 4, 1)), (300, (224, 224, 3)), (2, (9000, 9000, 3))]
)
def test_every_position_once_and_few_bytes_at_a_time(count: int, shape: tuple[int, int, int]) -> None:
    found = list(chunks(count, shape))
    assert [p for positions in found for p in positions] == list(range(count))
    assert all(len(c) == 1 or (len(c) <= MOST and len(c) * np.prod(shape) <= BYTES) for c in found)
