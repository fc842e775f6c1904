"""Files that are no configurations of anybody: huge, endless, or no files at all. Each is told in short lines."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from cnnbench.config.load import MOST_TOLD, load_config
from cnnbench.errors import ConfigError
from cnnbench.sweep.define.validate import validate_config
from tests.config.malformed.case import GOOD

LONG = "x" * 100_000
MANY = 20_000


def mistakes(folder: Path, text: str) -> Sequence[str]:
    path = folder / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    return validate_config(str(path)).mistakes


@pytest.mark.parametrize(
    "text",
    [
        f"{LONG}: 1",
        f"extends: {LONG}",
        f"name: {LONG}",
        f"model: {{architecture: {LONG}}}",
        f"model: {{architecture: {LONG}.yaml}}",
        f"model: {{layers: [{LONG}]}}",
        f"model: {{layers: [{{{LONG}: {{a: 1}}}}]}}",
        f"model: {{layers: [{{Dense: {{units: {LONG}}}}}]}}",
        f"model: {{layers: [{{Dense: {{units: 1, {LONG}: 1}}}}]}}",
        f"model: {{layers: [{{Dense: {{units: 1, name: '{LONG}!'}}}}]}}",
        f"model: {{layers: [{{repeat: {{times: {LONG}, layers: [Flatten]}}}}]}}",
        f"model: {{layers: [{{branches: {{merge: {LONG}, paths: [[], []]}}}}]}}",
        f"model: {{layers: [${LONG}]}}",
        f"model: {{layers: [{{b: {{}}}}], blocks: {{b: {{parameters: [{LONG}], layers: [${LONG}]}}}}}}",
        f"model: {{layers: [Flatten], blocks: {{b: {{parameters: ['{LONG}!'], layers: [$a]}}}}}}",
        f"augment: [{LONG}]",
        f"train: {{optimizer: {{name: Adam, {LONG}: 1}}}}",
        f"train: {{class_weight: {{{LONG}: 1}}}}",
        f"a: *{LONG}",
        f"a: !{LONG} 1",
        f"base: {LONG}\nspace: {{train.epochs: [1, 2]}}",
        f"base: lenet5-digits\nspace: {{{LONG}: [1, 2]}}",
        f"base: lenet5-digits\nsearch: {{method: list, file: {LONG}}}",
        f"base: lenet5-digits\nsearch: {{method: list, rows: [{{{LONG}: 1}}]}}",
    ],
    ids=lambda text: text.replace(LONG, "...")[:60],
)
def test_no_line_quotes_more_than_200_characters(text: str, tmp_path: Path) -> None:
    told = mistakes(tmp_path, text)
    assert told
    assert max(len(quoted) for line in told for quoted in re.findall("x+", line) or [""]) <= 200


@pytest.mark.parametrize("override", [f"{LONG}=1", f"train.{LONG}=1", LONG, f"seed={LONG}", f"augment.{LONG}=1"])
def test_neither_does_one_of_the_command_line(override: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load_config("lenet5-digits", [override])
    assert max(len(quoted) for line in raised.value.problems for quoted in re.findall("x+", line) or [""]) <= 200


@pytest.mark.parametrize(
    "text",
    [
        GOOD + "".join(f"k{i}: 1\n" for i in range(MANY)),
        GOOD + "train:\n" + "".join(f"  k{i}: 1\n" for i in range(MANY)),
        GOOD + "train:\n  optimizer:\n" + "".join(f"    k{i}: 1\n" for i in range(MANY)),
        GOOD + "train:\n" + "".join(f"  k{i}: !x 1\n" for i in range(MANY)),
        GOOD + "a: &a {b: 1}\n" + "".join(f"k{i}: *a\n" for i in range(MANY)),
        GOOD + "".join(f"k{i}: &a{i} {{b: 1}}\n" for i in range(MANY)),
        "name: x\nmodel:\n  layers:\n  - Dense:\n" + "".join(f"      k{i}: 1\n" for i in range(MANY)),
    ],
    ids=["keys", "keys of a section", "arguments", "tags", "aliases", "anchors", "arguments of a layer"],
)
def test_thousands_of_mistakes_take_no_time_each_and_are_not_all_told(text: str, tmp_path: Path) -> None:
    *told, last = mistakes(tmp_path, text)
    assert len(told) == MOST_TOLD
    assert re.fullmatch(r"and \d+ more mistakes", last)


def test_a_pipe_is_no_configuration(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    (tmp_path / "child.yaml").write_text(f"extends: pipe.yaml\n{GOOD}", encoding="utf-8")
    (tmp_path / "net.yaml").write_text("name: x\nmodel: {architecture: pipe.yaml}\n", encoding="utf-8")
    (tmp_path / "sweep.yaml").write_text("base: pipe.yaml\nspace: {train.epochs: [1, 2]}\n", encoding="utf-8")
    (tmp_path / "list.yaml").write_text("base: lenet5-digits\nsearch: {method: list, file: pipe.yaml}\n")
    for name in ("pipe.yaml", "child.yaml", "net.yaml", "sweep.yaml", "list.yaml"):
        [line] = validate_config(str(tmp_path / name)).mistakes
        assert "pipe.yaml: a pipe or a device, expected a" in line


def test_neither_is_a_device_or_a_folder(tmp_path: Path) -> None:
    assert list(validate_config("/dev/zero").mistakes) == ["/dev/zero: a pipe or a device, expected a YAML file"]
    (tmp_path / "folder.yaml").mkdir()
    [line] = validate_config(str(tmp_path / "folder.yaml")).mistakes
    assert line.endswith("folder.yaml: a folder, expected a YAML file")


def test_a_long_chain_of_files_is_told(tmp_path: Path) -> None:
    for i in range(1200):
        (tmp_path / f"{i}.yaml").write_text(f"extends: {i + 1}.yaml\n", encoding="utf-8")
    (tmp_path / "1200.yaml").write_text(GOOD, encoding="utf-8")
    [line] = validate_config(str(tmp_path / "0.yaml")).mistakes
    assert line.endswith("more than 50 files that extend one another")
    assert not validate_config(str(tmp_path / "1160.yaml")).mistakes


def test_a_repetition_without_end_is_told(tmp_path: Path) -> None:
    [line] = mistakes(tmp_path, "name: x\nmodel: {layers: [{repeat: {times: 1000000000000, layers: [[1]]}}]}\n")
    assert line.endswith("repeat.times: expected a whole number from 1 to 10000, found 1000000000000")
