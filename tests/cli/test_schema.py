"""`cnnbench schema` prints JSON Schema on standard output."""

from __future__ import annotations

import json
import sys

import pytest

from cnnbench.cli.main import main
from cnnbench.config.json_schema import architecture_schema, experiment_schema


@pytest.mark.parametrize(
    ("options", "expected"),
    [([], experiment_schema), (["--architecture"], architecture_schema)],
    ids=["-", "architecture"],
)
def test_schema(
    options: list[str], expected: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(expected)
    monkeypatch.setattr(sys, "argv", ["cnnbench", "schema", *options])
    with pytest.raises(SystemExit) as exited:
        main()
    assert exited.value.code == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(expected()))
