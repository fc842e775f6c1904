from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from html import unescape

import pytest

from cnnbench.views import script
from cnnbench.views.page import Page, Section, Text, render

CODE = "document.title = 1 < 2 && 'ran';\n"


@pytest.fixture
def written(tmp_path, monkeypatch):
    (tmp_path / "answer.js").write_text(CODE)
    monkeypatch.setattr(script, "FOLDER", tmp_path)
    script.source.cache_clear()
    yield
    script.source.cache_clear()


def page(*sections: Section) -> str:
    return render(Page("t", ("1", "x"), sections, "s"))


def test_a_script_is_in_the_page_once_and_allowed_by_its_hash(written):
    html = page(*(Section(name, name, [Text("x")], script="answer", data=[name]) for name in ("one", "two")))
    assert re.findall(r"<script>(.*?)</script>", html, re.DOTALL) == [CODE]
    digest = base64.b64encode(hashlib.sha256(CODE.encode()).digest()).decode()
    assert re.findall(r"script-src ([^;]*);", unescape(html)) == [f"'sha256-{digest}'"]
    assert html.count('data-script="answer"') == 2
    assert re.findall(r'"application/json">(.*?)</script>', html) == ['["one"]', '["two"]']


def test_a_page_without_scripts_allows_none():
    html = page(Section("one", "one", [Text("x")]))
    assert "<script" not in html and "script-src 'none'" in unescape(html)


@pytest.mark.parametrize("name", ["</script><script>alert(1)</script>", "<!--", "&lt;", "'\"", "日本"])
def test_no_text_leaves_the_data(name):
    written = script.as_json({"names": (name,)})
    assert not set("<>&") & set(written)
    assert json.loads(written) == {"names": [name]}


def test_what_cannot_be_seen_or_said_in_json_is_replaced():
    assert json.loads(script.as_json([math.nan, math.inf, 1.5, None, True])) == [None, None, 1.5, None, True]
    assert "\\u202e" not in script.as_json("line\u202e")


@pytest.mark.parametrize("path", sorted(script.FOLDER.glob("*.js")), ids=lambda path: path.stem)
def test_scripts_can_stand_in_a_page_and_load_nothing(path):
    text = script.source(path.stem)
    assert not re.search(r"</script|<!--|\r", text, re.IGNORECASE)
    assert not re.search(r"https?:|eval\(|innerHTML|import\b", text)
