from __future__ import annotations

import pytest

from cnnbench.errors import ConfigError
from cnnbench.listing.grammar import DEEPEST, All, Comparison, Either, Filter, Not, parse


def spoken(part: Filter) -> str:
    """Return a filter with every pair of brackets that its structure has."""
    if isinstance(part, Comparison):
        value = part.value
        shown = "" if value is None else f"{part.operator}{repr(value.text) if value.kind == 'quoted' else value.text}"
        return f"{part.field.text}{shown}"
    if isinstance(part, Not):
        return f"not({spoken(part.part)})"
    return f"{'all' if isinstance(part, All) else 'either'}({', '.join(map(spoken, part.parts))})"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("accuracy>0.9", "accuracy>0.9"),
        ("  accuracy  >=  0.9  ", "accuracy>=0.9"),
        ("accuracy==0.9", "accuracy=0.9"),
        ("name!=vgg*", "name!=vgg*"),
        ("train.optimizer.learning_rate<1e-3", "train.optimizer.learning_rate<1e-3"),
        ("name='a b'", "name='a b'"),
        ('name="it\'s"', 'name="it\'s"'),
        ("name='and'", "name='and'"),
        ("smoke", "smoke"),
        ("a=1 or b=2 and c=3", "either(a=1, all(b=2, c=3))"),
        ("(a=1 or b=2) and c=3", "all(either(a=1, b=2), c=3)"),
        ("not a=1 and b=2", "all(not(a=1), b=2)"),
        ("not (a=1 and b=2)", "not(all(a=1, b=2))"),
        ("not not smoke", "not(not(smoke))"),
        ("a=1 AND NOT b=2 Or c=3", "either(all(a=1, not(b=2)), c=3)"),
        ("((a=1))", "a=1"),
        ("a=1 and b=2 and c=3", "all(a=1, b=2, c=3)"),
        ("android=1", "android=1"),
    ],
)
def test_what_a_filter_means(text, meant):
    assert spoken(parse(text)) == meant
    assert isinstance(parse("a=1 or b=1"), Either)


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("", 1, "expected a field, found the end"),
        ("   ", 4, "expected a field, found the end"),
        ("accuracy>", 10, "expected a value, found the end"),
        ("accuracy>and", 10, "expected a value, found 'and'"),
        (">0.9", 1, "expected a field, found '>'"),
        ("=", 1, "expected a field, found '='"),
        ("accuracy>>0.9", 10, "expected a value, found '>'"),
        ("accuracy=>0.9", 10, "expected a value, found '>'"),
        ("accuracy=<0.9", 10, "expected a value, found '<'"),
        ("accuracy ! 0.9", 10, "'!' means nothing; expected !="),
        ("!smoke", 1, "'!' means nothing; expected !="),
        ("accuracy>0.9 and", 17, "expected a field, found the end"),
        ("and accuracy>0.9", 1, "expected a field, found 'and'"),
        ("accuracy>0.9 or or smoke", 17, "expected a field, found 'or'"),
        ("accuracy>0.9 smoke", 14, "expected and, or, or the end, found 'smoke'"),
        ("accuracy>0.9 && smoke", 14, "expected and, or, or the end, found '&&'"),
        ("accuracy>0.9, smoke", 15, "expected and, or, or the end, found 'smoke'"),
        ("accuracy>0.9 not smoke", 14, "expected and, or, or the end, found 'not'"),
        ("not", 4, "expected a field, found the end"),
        ("not and smoke", 5, "expected a field, found 'and'"),
        ("(accuracy>0.9", 14, "expected and, or, or the ) of character 1, found the end"),
        ("smoke and (accuracy>0.9 epoch=1)", 25, "expected and, or, or the ) of character 11, found 'epoch'"),
        ("accuracy>0.9)", 13, "expected and, or, or the end, found ')'"),
        ("()", 2, "expected a field, found ')'"),
        ("accuracy(0.9)", 9, "expected and, or, or the end, found '('"),
        ("accuracy>(0.9)", 10, "expected a value, found '('"),
        ("0.9<accuracy", 1, "expected a field, as in accuracy>0.9, found '0.9'"),
        ("0.8<accuracy<0.9", 1, "expected a field, as in accuracy>0.9, found '0.8'"),
        ("accuracy>0.8<0.9", 13, "expected and, or, or the end, found '<'"),
        ("90%", 1, "expected a field, as in accuracy>0.9, found '90%'"),
        ("name='vgg", 6, "a text that begins with ' and does not end"),
        ('name="', 6, 'a text that begins with " and does not end'),
        ("'name'=vgg", 1, "expected a field, found 'name'"),
        ("name='a''b'", 9, "expected and, or, or the end, found 'b'"),
        ("name=a'b'", 7, "expected and, or, or the end, found 'b'"),
        ("not" * 3, 10, None),
        ("(" * 60 + "smoke" + ")" * 60, DEEPEST + 2, f"nested more than {DEEPEST} deep"),
        ("not " * 60 + "smoke", 4 * (DEEPEST + 1) + 1, f"nested more than {DEEPEST} deep"),
    ],
)
def test_mistakes_are_told_with_their_place(text, at, message):
    if message is None:
        assert spoken(parse(text)) == text, "a field like any other: only what runs are there tells"
        return
    with pytest.raises(ConfigError) as told:
        parse(text)
    assert str(told.value) == f"--where {text!r}: character {at}: {message}"


def test_deep_enough_for_anybody():
    text = "(" * DEEPEST + "smoke" + ")" * DEEPEST
    assert spoken(parse(text)) == "smoke"
    assert len(parse(" or ".join(["smoke"] * 5000)).parts) == 5000
