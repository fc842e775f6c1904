from __future__ import annotations

import pytest

from cnnbench.report import text


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.98996, 3, "0.989"),
        (0.29, 2, "0.29"),
        (0.29, 4, "0.2900"),
        (0.99999, 4, "0.9999"),
        (1.0, 4, "1.0000"),
        (-0.19999, 2, "-0.19"),
        (1234567.9, 0, "1,234,567"),
        (1e-7, 4, "0.0000"),
        (None, 4, "–"),
        (float("nan"), 4, "–"),
        (float("inf"), 4, "–"),
    ],
)
def test_numbers_are_cut(value, decimals, expected):
    assert text.cut(value, decimals) == expected


@pytest.mark.parametrize("value", [0.98996, 0.9899999999999999, 0.9049999, 0.7873999, 1 - 1e-12, 0.1 + 0.2])
def test_a_shown_value_never_exceeds_the_measured_one(value):
    assert float(text.cut(value)) <= value
    assert float(text.percent(value).removesuffix(" %")) <= 100 * value
    assert float(text.significant(value)) <= value


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.98996, "98.99 %"), (0.29, "29.00 %"), (0.57, "57.00 %"), (1, "100.00 %"), (0, "0.00 %"), (None, "–")],
)
def test_percent(value, expected):
    assert text.percent(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0298765, "0.02987"), (2.302585, "2.302"), (0.00001239, "0.00001239"), (12345.678, "12,345.6"), (0.0, "0.0000")],
)
def test_losses_keep_significant_digits(value, expected):
    assert text.significant(value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.04, "0.0 s"), (8.39, "8.3 s"), (59.99, "59.9 s"), (260, "4 min 20 s"), (7500.7, "2 h 5 min"), (None, "–")],
)
def test_duration(seconds, expected):
    assert text.duration(seconds) == expected


@pytest.mark.parametrize(
    ("bytes_", "expected"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_449_999, "1.4 MB"), (5.2e12, "5,200.0 GB")],
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
