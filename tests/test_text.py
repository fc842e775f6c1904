from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnbench import text


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.98996, 3, "0.990"),
        (333 / 359, 4, "0.9276"),  # as scikit-learn prints it
        (0.29, 2, "0.29"),
        (-0.19999, 2, "-0.20"),
        (-0.001, 2, "0.00"),
        (1234567.9, 0, "1,234,568"),
        (1e-7, 4, "0.0000"),
        (None, 4, "–"),
        (float("nan"), 4, "–"),
        (float("inf"), 4, "–"),
    ],
)
def test_numbers_are_rounded_to_nearest(value, decimals, expected):
    assert text.fixed(value, decimals) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.0, "1.0000"), (0.99999, "0.9999"), (1 - 1e-12, "0.9999"), (0.0, "0.0000"), (1e-9, "0.0001"), (0.5, "0.5000")],
)
def test_what_is_not_all_never_reads_as_all_and_what_is_not_nothing_never_as_nothing(value, expected):
    assert text.share(value) == expected
    assert text.percent(value) == f"{100 * float(expected):.2f} %"


@given(st.floats(0, 1), st.integers(0, 6))
def test_shares_are_the_nearest_but_at_the_ends(value, decimals):
    shown = float(text.share(value, decimals))
    step = 10.0**-decimals
    assert (shown == 0) == (value == 0) or decimals == 0
    assert (shown == 1) == (value == 1) or decimals == 0
    assert abs(shown - value) <= step / 2 + 1e-12 or value < step / 2 or value > 1 - step / 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.98996, "99.00 %"), (0.29, "29.00 %"), (0.57, "57.00 %"), (1, "100.00 %"), (0, "0.00 %"), (None, "–")],
)
def test_percent(value, expected):
    assert text.percent(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0298765, "0.02988"),
        (2.302585, "2.303"),
        (0.00001239, "1.239e-05"),
        (2.220446e-16, "2.220e-16"),
        (0.099996, "0.1000"),
        (9.99996, "10.00"),
        (12345.678, "12,345.7"),
        (0.0, "0.0000"),
    ],
)
def test_losses_keep_significant_digits(value, expected):
    assert text.significant(value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.04, "0.0 s"),
        (8.39, "8.4 s"),
        (59.99, "1 min 0 s"),
        (260.2, "4 min 20 s"),
        (3599.6, "1 h 0 min"),
        (7500.7, "2 h 5 min"),
        (None, "–"),
    ],
)
def test_duration(seconds, expected):
    assert text.duration(seconds) == expected


@pytest.mark.parametrize(
    ("bytes_", "expected"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_449_999, "1.4 MB"), (999_999, "1.0 MB"), (5.2e12, "5,200.0 GB")],
)
def test_size(bytes_, expected):
    assert text.size(bytes_) == expected


@pytest.mark.parametrize(("value", "expected"), [(0.001, "0.001"), (3e-5, "3e-05"), (0.1, "0.1"), (None, "–")])
def test_settings_are_told_as_short_as_possible(value, expected):
    assert text.plain(value) == expected


def test_invisible_characters_are_shown():
    assert text.printable("a\x1b[31mb\u202ec\n") == "a�[31mb�c\n"
    assert text.label("two\nlines") == "two�lines"


def test_long_names_lose_their_middle():
    name = "a" * 30 + "b" * 30
    short = text.label(name, 24)
    assert len(short) == 24
    assert short.startswith("aaa") and short.endswith("bbb") and "…" in short
    assert text.label("a" * 24, 24) == "a" * 24


def test_width_counts_terminal_columns():
    assert [text.width(t) for t in ("abc", "日本", "e\u0301")] == [3, 4, 1]
