"""Fonts for scripts that matplotlib's own font lacks, against a font made here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from matplotlib import font_manager

from cnnbench.report import scores
from cnnbench.views import letters, style

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


def line(name: str) -> dict[str, object]:
    return {"class": name, "precision": 0.5, "recall": 0.25, "f1": 1 / 3}


def test_a_plot_says_which_letters_are_missing(without_fonts: None) -> None:
    figure = scores.per_class([line(KANA), line("cat")])
    assert style.to_png(figure).startswith(b"\x89PNG")
    assert figure.get_supxlabel().startswith("No installed font has the Hiragana letters (U+304B")


def test_a_plot_is_drawn_with_the_font_and_says_nothing(kana: str, recwarn: pytest.WarningsRecorder) -> None:
    figure = scores.per_class([line(KANA), line("cat")])
    assert style.to_png(figure).startswith(b"\x89PNG")
    assert figure.get_supxlabel() == ""
    names = [text.get_fontfamily() for text in figure.axes[0].get_yticklabels()]
    assert names == [["DejaVu Sans", kana]] * 2
