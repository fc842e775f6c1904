"""YAML by the rules of 1.2's core schema, with lines, whichever of PyYAML's two parsers reads it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from cnnbench.config import yaml_text
from cnnbench.config.yaml_text import parse

LOADERS = {"libyaml": getattr(yaml, "CSafeLoader", None), "python": yaml.SafeLoader}


@pytest.fixture(params=[name for name, loader in LOADERS.items() if loader], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(yaml_text, "LOADER", LOADERS[request.param])
    yield


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-3", 0.001),
        ("1E5", 100000.0),
        ("-1.5e+3", -1500.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("+3", 3),
        ("010", 10),
        ("-0", 0),
        ("true", True),
        ("TRUE", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("y", "y"),
        ("12:30", "12:30"),
        ("1:30:00", "1:30:00"),
        ("2020-01-01", "2020-01-01"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("0b11", "0b11"),
        ("1e", "1e"),
        (".", "."),
        ("1.2.3", "1.2.3"),
        ("'1e-3'", "1e-3"),
        ('"true"', "true"),
        ("'null'", "null"),
        ("=", "="),
        ("9" * 40, float("9" * 40)),
    ],
)
def test_unquoted_text_means_what_it_says(written: str, value: Any) -> None:
    parsed = parse(f"key: {written}\n")
    assert parsed.problems == []
    assert parsed.data == {"key": value}
    assert type(parsed.data["key"]) is type(value)


def test_infinity_and_not_a_number_are_numbers() -> None:
    values = parse("[.inf, -.inf, +.INF, .nan]").data
    assert values[:3] == [math.inf, -math.inf, math.inf]
    assert math.isnan(values[3])


def test_very_long_digits_do_not_break_the_reader() -> None:
    assert parse(f"key: {'9' * 5000}").data == {"key": math.inf}


def test_keys_are_text_whatever_they_look_like() -> None:
    assert parse("{3: a, true: b, ~: c, 1.5: d}").data == {"3": "a", "true": "b", "~": "c", "1.5": "d"}


def test_lines_of_keys_and_entries() -> None:
    parsed = parse("a:\n  b:\n\n    - x\n    - {c: 1}\n  d: |\n    text\n    more\ne: 1\n")
    assert parsed.lines == {
        (): 1,
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "b", 0): 4,
        ("a", "b", 1): 5,
        ("a", "b", 1, "c"): 5,
        ("a", "d"): 6,
        ("e",): 9,
    }


def test_aliases_stand_for_their_value_on_their_own_line() -> None:
    parsed = parse("a: &x\n  b: [1, 2]\nc:\n  d: *x\n")
    assert parsed.problems == []
    assert parsed.data == {"a": {"b": [1, 2]}, "c": {"d": {"b": [1, 2]}}}
    assert parsed.lines[("c", "d")] == 4
    assert parsed.lines[("c", "d", "b")] == 2


def test_the_first_of_two_values_stands() -> None:
    parsed = parse("a: 1\nb: 2\na: {c: 3}\n")
    assert parsed.data == {"a": 1, "b": 2}
    assert [(p.path, p.line) for p in parsed.problems] == [(("a",), 3)]


def test_nothing_is_built_from_a_tag() -> None:
    parsed = parse("a: !!python/object/apply:os.system ['false']\nb: !!binary aGk=\n")
    assert parsed.data == {"a": ["false"], "b": "aGk="}
    assert [problem.line for problem in parsed.problems] == [1, 2]
