"""`cnnbench list`: everything that can be named, a line each."""

from __future__ import annotations

import json

import pytest

from cnnbench.config.kinds import KINDS, names_of
from tests.report.command import cnnbench


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_each(kind: str) -> None:
    code, out, err = cnnbench("list", kind)
    assert (code, err) == (0, "")
    assert [tuple(line.split(maxsplit=1)) for line in out.splitlines()] == list(names_of(kind).items())


def test_json_and_quiet() -> None:
    code, out, err = cnnbench("list", "networks", "--json")
    assert (code, err) == (0, "")
    assert [each["name"] for each in json.loads(out)] == list(names_of("networks"))
    assert cnnbench("list", "splits", "--quiet") == (0, "test\nvalidation\ntrain\n", "")


def test_without_a_kind_the_kinds_are_listed() -> None:
    code, out, err = cnnbench("list")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == list(KINDS)


def test_an_unknown_kind_is_one_line() -> None:
    code, out, err = cnnbench("list", "layer")
    assert (code, out) == (2, "")
    assert err.startswith("error: layer: nothing of this kind") and err.endswith("did you mean layers?\n")
