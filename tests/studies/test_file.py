"""A study file is read whole or refused, with every mistake in a line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cnnbench.config.shipped import study_names
from cnnbench.errors import ConfigError
from cnnbench.studies.file import load_study
from cnnbench.studies.json_schema import study_schema
from cnnbench.studies.validate import validate
from tests.tools import ROOT


def documented() -> str:
    """Return the study that the documentation shows."""
    found = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / "studies.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def mistakes(folder: Path, **changes: Any) -> list[str]:
    """Return what is told of the documented study with sections changed."""
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(documented()), **changes}), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_study(path)
    return [re.sub(r"^.*?study.yaml:\d+: ", "", line) for line in refused.value.problems]


def test_the_documented_study_is_one(tmp_path: Path) -> None:
    path = tmp_path / "lenet-digits.yaml"
    path.write_text(documented(), encoding="utf-8")
    study = load_study(path)
    assert study.name == "lenet-digits"
    assert list(study.configs) == ["lenet5", "lenet5-fast"]
    assert study.configs["lenet5"].train.epochs == 10
    assert study.seeds(study.row("lenet5")) == [0, 1, 2] and study.seeds(study.row("stable")) == []
    small = load_study(path, "small")
    assert small.configs["lenet5"].train.epochs == 1 and small.seeds(small.row("lenet5")) == [0]


@pytest.mark.parametrize("name", study_names())
@pytest.mark.parametrize("scale", ["full", "small"])
def test_shipped_studies_are_sound(name: str, scale: Any) -> None:
    assert load_study(name, scale).file.rows


def test_mistakes_are_told_by_their_place(tmp_path: Path) -> None:
    rows = [
        {"key": "a", "title": "A", "config": "lenet5-digit"},
        {"key": "a", "title": "B", "config": "lenet5-digits", "overrides": {"train.epoch": 1}},
        {"key": "c", "title": "C", "network": "lenet5", "not_run": "why", "seeds": 2},
        {"key": "d", "title": "D", "not_run": "why", "published": [{"at": "p", "values": {"acuracy": 1, "last.x": 1}}]},
        {"key": "e", "title": "E", "not_run": "why", "published": [{"at": "p", "values": {"depth": {"step": 1}}}]},
    ]
    claims = [{"key": "x", "says": "", "at": "", "is": "rising", "row": "aa", "than": "c"}]
    arithmetic = [{"name": "sum", "at": ""}]
    told = mistakes(tmp_path, rows=rows, claims=[], arithmetic=arithmetic)
    assert told[0].startswith("arithmetic[0].name: expected one of counts, share,")
    told = mistakes(tmp_path, rows=rows, claims=claims, arithmetic=[])
    assert any("rows[0].config" in line and "did you mean lenet5-digits?" in line for line in told)
    assert any("train.epoch" in line and "did you mean epochs?" in line for line in told)
    assert sum("two rows or claims have this key" in line for line in told) == 2
    assert any("found network and not_run" in line for line in told)
    assert any(line.endswith("seeds: has no effect without config") for line in told)
    assert any("acuracy" in line and "did you mean accuracy?" in line for line in told)
    assert any("last.x" in line and "expected last.CURVE" in line for line in told)
    assert any("expected a number, or over or under" in line for line in told)
    assert any("aa: nothing has this key" in line for line in told)
    assert any("rising takes `rows`" in line for line in told)


def test_what_is_no_study_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="neither a shipped study nor a file"):
        load_study("no-such-study")
    with pytest.raises(ConfigError, match="no such file"):
        load_study(tmp_path / "none.yaml")


def test_a_study_is_validated_as_any_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(documented(), encoding="utf-8")
    assert validate(str(path)).as_dict() == {"config": str(path), "kind": "study", "ok": True, "mistakes": []}
    path.write_text(documented().replace("train.epochs: 1}", "train.epoch: 1}"), encoding="utf-8")
    told = validate(str(path)).mistakes  # the full scale is right
    assert len(told) == 2 and all("train.epoch: unknown key; did you mean epochs?" in line for line in told)
    assert validate("lenet5-digits").kind == "experiment" and validate("nothing").kind is None


def test_the_schema_holds_the_documented_study() -> None:
    schema = study_schema()
    assert set(yaml.safe_load(documented())) <= set(schema["properties"])
    assert schema["$defs"]["Value"]["anyOf"][0] == {"type": "number"}
