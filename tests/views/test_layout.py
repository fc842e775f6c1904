from __future__ import annotations

import pytest

from cnnbench.text import width
from cnnbench.views.layout import Line, aligned, folded

PARTS = {"epoch": "epoch 1/20", "loss": "loss 2.3012", "lr": "lr 1.00e-03", "seconds": "1.5 s"}
ROWS = [
    ["name", "images", "where", "about"],
    ["mnist", "60,000", "/srv/data sets/mnist", "handwritten digits of the NIST, 28 by 28 pixels"],
    ["日本語", "any", "data.path", "a folder of images with a folder per class in it"],
]


@pytest.mark.parametrize(
    ("room", "shown"),
    [(None, "epoch loss lr seconds"), (43, "epoch loss lr seconds"), (42, "epoch loss seconds"), (25, "epoch loss")],
)
def test_a_line_leaves_out_what_matters_least(room, shown):
    expected = "  ".join(PARTS[name] for name in shown.split())
    assert Line("lr", "seconds", "loss").of(PARTS, room) == expected


def test_what_a_line_has_left_out_stays_out_when_its_numbers_get_shorter():
    line = Line("lr", "seconds")
    assert line.of(PARTS, 43).endswith("1.5 s") and "lr" in line.of(PARTS, 43)
    assert "lr" not in line.of(PARTS | {"loss": "loss 12.3012"}, 43)
    assert "lr" not in line.of(PARTS, 43)
    assert "lr" in line.of(PARTS, 60), "a terminal that was made wider"


def test_away_from_a_terminal_a_row_is_a_line():
    table = aligned([["a", "b"], ["x" * 300, "y " * 300]], right=(), fold=(0, 1), least=(1,))
    assert table.splitlines()[1] == f"{'x' * 300}  {('y ' * 300).rstrip()}"
    assert not any(line != line.rstrip() for line in table.splitlines())


@pytest.mark.parametrize("room", range(40, 121, 7))
def test_a_table_fits_and_breaks_no_word(room):
    lines = aligned(ROWS, right=(1,), room=room, least=(2, 1), fold=(3,)).splitlines()
    assert max(map(width, lines)) <= room
    words = {word for row in ROWS for cell in row for word in cell.split()}
    shown = {word for line in lines for word in line.split()}
    assert shown <= words
    assert {*ROWS[0][3].split(), *ROWS[1][3].split(), *ROWS[2][3].split(), "mnist", "日本語"} <= shown


def test_columns_go_in_their_order_and_only_as_many_as_must():
    headers = [aligned(ROWS, right=(1,), room=room, least=(2, 1), fold=(3,)).split("\n")[0] for room in (70, 50, 30)]
    assert [header.split() for header in headers] == [
        ["name", "images", "where", "about"],
        ["name", "images", "about"],
        ["name", "about"],
    ]


def test_a_cell_is_folded_after_blanks_and_a_long_word_after_a_sign():
    assert folded("one two three", 8) == ["one two", "three"]
    assert folded("thesis-cnn-cifar10/20261125-204153-abcd1234", 20) == [
        "thesis-cnn-cifar10/",
        "20261125-204153-abcd1234",
    ]
    assert folded("rate=1e-05, epochs=3", 12) == ["rate=1e-05,", "epochs=3"]
    assert folded("", 5) == [""]
