"""The shipped studies hold every number of the five works, as a second reading has them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import pytest

from cnnbench.config.shipped import study_names
from cnnbench.studies.file import load_study
from cnnbench.studies.sections import Published, Row
from tests.studies.second_reading import NUMBERS

NUMBER = re.compile(r"(?<![\w.-])-?(?:\d+\.?\d*|\.\d+)(?![\w-]*[A-Za-z])")


def exact(text: str) -> Fraction:
    """Return a number as it is written, so that .1 is a tenth."""
    return Fraction(text)


def of_row(row: Row, group: Published) -> Iterator[Fraction]:
    """Yield the numbers that stand in one place, millions as millions; those in words too."""
    for name, value in group.values.items():
        for number in (value.is_, value.over, value.under):
            if number is not None:
                millions = group.at == "table 2.1" and name.startswith("parameters")
                yield exact(str(number)) / (10**6 if millions else 1)
    yield from (exact(found) for found in NUMBER.findall(group.says or ""))


@pytest.mark.parametrize("study", study_names())
def test_every_number_is_there_as_it_was_read_a_second_time(study: str) -> None:
    found: dict[str, Counter[Fraction]] = {}
    for row in load_study(study).file.rows:
        for group in row.published:
            found.setdefault(group.at, Counter()).update(of_row(row, group))
    for place, text in NUMBERS[study].items():
        assert found.get(place) == Counter(exact(word) for word in text.split()), place


def test_they_are_more_than_two_hundred() -> None:
    assert sum(len(text.split()) for places in NUMBERS.values() for text in places.values()) > 200
