"""Fonts for scripts that matplotlib's own font lacks, against a font made here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from matplotlib import font_manager

from cnnbench.views import letters
from cnnbench.views.charts import rows
from cnnbench.views.figure import Drawn, Figure, draw

pytestmark = pytest.mark.drawn

KANA = "かな"
LATIN = "Cat, Ωμέγα, Щука"


@pytest.fixture
def without_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let matplotlib know its own fonts alone, whatever this machine has."""
    own = [entry for entry in font_manager.fontManager.ttflist if "DejaVu" in entry.name]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    letters._letters_of.cache_clear()
    yield
    letters._letters_of.cache_clear()


@pytest.fixture
def kana(without_fonts: None, tmp_path: Path) -> str:
    """Install a font that has two letters."""
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "ka", "na"])
    builder.setupCharacterMap({ord("か"): "ka", ord("な"): "na"})
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for point in ((0, 700), (700, 700), (700, 0)):
        pen.lineTo(point)
    pen.closePath()
    square = pen.glyph()
    builder.setupGlyf({".notdef": square, "ka": square, "na": square})
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", "ka", "na"), (800, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Two Kana", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    path = tmp_path / "two-kana.ttf"
    builder.save(path)
    font_manager.fontManager.addfont(path)
    return "Two Kana"


def test_latin_greek_and_cyrillic_need_no_other_font(without_fonts: None) -> None:
    assert letters.fonts_for(LATIN) == (["DejaVu Sans"], "")


def test_a_font_that_has_the_letters_is_found(kana: str) -> None:
    assert letters.fonts_for(LATIN + KANA) == (["DejaVu Sans", kana], "")


def test_letters_of_no_font_are_told(kana: str) -> None:
    assert letters.fonts_for("かた")[1] == "た"
    assert letters.scripts("た") == "Hiragana letters (U+305F)"
    assert letters.scripts("た中") == "Hiragana, CJK letters (U+305F, ...)"


def panel():
    return rows.scores([KANA, "cat"], {"F1": [0.5, 0.25]}, "", "")


def drawn() -> Drawn:
    return draw([Figure("x", "", [panel()])])["x"]


def test_a_picture_says_which_letters_are_missing_and_a_page_does_not(without_fonts: None) -> None:
    found = drawn()
    assert "No installed font has the Hiragana letters (U+304B" in found.panels[0].text
    assert found.file("png").startswith(b"\x89PNG") and found.file("pdf").startswith(b"%PDF")
    assert "No installed font" not in found.svgs[0][0] and KANA in found.svgs[0][0]


def test_a_picture_is_drawn_with_the_font_and_says_nothing(kana: str) -> None:
    found = drawn()
    assert "No installed font" not in found.panels[0].text
    (fonts,) = {tuple(mark.font.get_family()) for mark in found.panels[0].marks if getattr(mark, "text", "") == KANA}
    assert fonts == ("DejaVu Sans", kana)
    assert found.file("png").startswith(b"\x89PNG")
