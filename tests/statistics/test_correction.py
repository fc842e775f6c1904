from __future__ import annotations

import pytest

from cnnbench.statistics.correction import holm


def test_holm_by_hand():
    """Ascending p-values are multiplied by 4, 3, 2 and 1, and none may fall below one before it."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_nothing_exceeds_one():
    assert holm([0.9, 0.6, 0.7]) == [1, 1, 1]


def test_one_test_needs_no_correction():
    assert holm([0.04]) == [0.04]
    assert holm([]) == []
