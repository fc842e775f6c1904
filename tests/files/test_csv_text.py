"""CSV that no spreadsheet runs, and that reads back as it was."""

from __future__ import annotations

import csv
import io

import pytest

from cnnbench.files.csv_text import as_csv, text_of

TEXTS = [
    "=1+1",
    "+49",
    "-x",
    "@sum",
    "\tx",
    "\r",
    "'=x",
    "''=x",
    "'quoted'",
    "cat",
    "",
    "a,b",
    'a "b"',
    "two\nlines",
    "r\r",
]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_text_reads_back(text: str) -> None:
    written = as_csv(["name", "number"], [[text, -0.5]])
    _, (cell, number) = csv.reader(io.StringIO(written, newline=""))
    assert (text_of(cell), number) == (text, "-0.5")
    assert not cell.startswith(("=", "@", "\t", "\r")) and (cell == "+49" or not cell.startswith("+"))


def test_numbers_are_written_as_they_are() -> None:
    assert as_csv(["=a"], [["-0.25"], ["1e-05"], [-3], ["-1+cmd"]]) == "'=a\n-0.25\n1e-05\n-3\n'-1+cmd\n"
