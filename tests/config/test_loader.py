"""Reading files: what extends merges, where values say they come from, what cannot be read."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cnnbench.config.loader import read_document
from cnnbench.errors import ConfigError


def write(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    return folder / "child.yaml"


def merged(folder: Path, parent: str, child: str) -> Any:
    return read_document(write(folder, parent=parent, child=f"extends: parent.yaml\n{child}")).data


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as raised:
        read_document(path)
    [line] = raised.value.problems
    return line


def test_mappings_are_merged_and_all_else_is_replaced(tmp_path: Path) -> None:
    parent = "name: p\ntrain: {epochs: 3, batch_size: 8}\naugment: [a, b]\nseed: 1\n"
    child = "name: c\ntrain: {epochs: 5}\naugment: [c]\n"
    assert merged(tmp_path, parent, child) == {
        "name": "c",
        "train": {"epochs": 5, "batch_size": 8},
        "augment": ["c"],
        "seed": 1,
    }


def test_null_takes_a_value_back(tmp_path: Path) -> None:
    data = merged(tmp_path, "train: {early_stopping: {patience: 3}}\n", "train: {early_stopping: null}\n")
    assert data == {"train": {"early_stopping": None}}


@pytest.mark.parametrize(
    ("parent", "child", "expected"),
    [
        ("{name: Adam, beta_1: 0.8}", "{name: SGD}", {"name": "SGD"}),
        ("{name: Adam, beta_1: 0.8}", "SGD", {"name": "SGD"}),
        ("{name: SGD, momentum: 0.9}", "{learning_rate: 0.1}", {"name": "SGD", "momentum": 0.9, "learning_rate": 0.1}),
        ("SGD", "{momentum: 0.9}", {"name": "SGD", "momentum": 0.9}),
        ("{beta_1: 0.8}", "{name: Adam}", {"name": "Adam", "beta_1": 0.8}),
        ("{beta_1: 0.8}", "{name: SGD}", {"name": "SGD"}),
    ],
)
def test_another_optimizer_inherits_no_arguments(tmp_path: Path, parent: str, child: str, expected: Any) -> None:
    data = merged(tmp_path, f"train: {{optimizer: {parent}}}\n", f"train: {{optimizer: {child}}}\n")
    assert data == {"train": {"optimizer": expected}}


@pytest.mark.parametrize(
    ("parent", "child", "expected"),
    [
        ("epochs: 3", "budget_minutes: 2", {"budget_minutes": 2}),
        ("budget_minutes: 2", "epochs: 3", {"epochs": 3}),
        ("epochs: 3", "{budget_minutes: 2, epochs: 4}", {"epochs": 4, "budget_minutes": 2}),
        ("epochs: 3", "budget_minutes: null", {"epochs": 3, "budget_minutes": None}),
    ],
)
def test_minutes_and_epochs_replace_each_other(tmp_path: Path, parent: str, child: str, expected: Any) -> None:
    lines = [text if text.startswith("{") else f"{{{text}, batch_size: 8}}" for text in (parent, child)]
    assert merged(tmp_path, *(f"train: {text}\n" for text in lines))["train"] == {**expected, "batch_size": 8}


def test_another_network_inherits_nothing(tmp_path: Path) -> None:
    parent = "model: {name: mine, blocks: {b: {layers: [ReLU]}}, layers: [b, Flatten, classifier]}\n"
    assert merged(tmp_path, parent, "model: {architecture: lenet5}\n") == {"model": {"architecture": "lenet5"}}


def test_a_changed_name_of_the_experiment_keeps_the_rest(tmp_path: Path) -> None:
    assert merged(tmp_path, "name: a\nseed: 3\n", "name: b\n") == {"name": "b", "seed": 3}


def test_three_generations_in_different_folders(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "grand.yaml").write_text("name: g\nseed: 1\ntrain:\n  epochs: 1\n")
    (tmp_path / "base" / "parent.yaml").write_text("extends: grand.yaml\nseed: 2\n")
    child = write(tmp_path, child="extends: base/parent.yaml\n\nname: c\n")
    document = read_document(child)
    assert document.data == {"name": "c", "seed": 2, "train": {"epochs": 1}}
    marks = {path: str(mark) for path, mark in document.marks.items()}
    assert marks[("name",)] == f"{child}:3"
    assert marks[("seed",)] == f"{tmp_path / 'base' / 'parent.yaml'}:2"
    assert marks[("train", "epochs")] == f"{tmp_path / 'base' / 'grand.yaml'}:4"


def test_marks_of_replaced_values_are_gone(tmp_path: Path) -> None:
    child = write(tmp_path, parent="augment:\n- a: {x: 1}\n- b\n", child="extends: parent.yaml\naugment:\n- c\n")
    document = read_document(child)
    assert {path for path in document.marks if path[:1] == ("augment",)} == {("augment",), ("augment", 0)}
    assert str(document.marks[("augment", 0)]) == f"{child}:3"


def test_a_missing_file_names_the_closest_beside_it(tmp_path: Path) -> None:
    write(tmp_path, lenet="name: x\n")
    assert refusal(tmp_path / "lennet.yaml") == f"{tmp_path}/lennet.yaml: no such file; did you mean lenet.yaml?"


def test_a_run_folder_names_its_configuration(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("name: x\n")
    assert refusal(tmp_path) == f"{tmp_path}: a folder, expected a YAML file; did you mean {tmp_path}/config.yaml?"


def test_a_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: a folder, expected a YAML file"


def test_bytes_that_are_not_utf8_have_a_line(tmp_path: Path) -> None:
    path = tmp_path / "latin1.yaml"
    path.write_bytes("name: x\ndescription: caf\xe9\n".encode("latin-1"))
    assert refusal(path) == f"{path}:2: not UTF-8 text (byte 0xe9)"


def test_a_byte_order_mark_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: x\r\nseed: 1\r\n")
    assert read_document(path).data == {"name": "x", "seed": 1}


def test_a_device_that_never_ends(tmp_path: Path) -> None:
    assert refusal(Path("/dev/zero")) == "/dev/zero: a pipe or a device, expected a YAML file"


@pytest.mark.parametrize("name", ["x\0y.yaml", "x" * 300 + ".yaml"])
def test_names_no_file_can_have(tmp_path: Path, name: str) -> None:
    assert "no such file" in refusal(tmp_path / name) or "cannot be read" in refusal(tmp_path / name)


@pytest.fixture
def nobodys_folder() -> Iterator[Path]:
    """A folder everybody may enter, seen as a user who is not root: root may read every file."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    was = os.geteuid()
    try:
        yield folder
    finally:
        os.seteuid(was)
        shutil.rmtree(folder)


def test_a_file_without_permission(nobodys_folder: Path) -> None:
    path = write(nobodys_folder, child="name: x\n")
    path.chmod(0)
    if os.geteuid() == 0:
        os.seteuid(65534)
    assert refusal(path) == f"{path}: cannot be read (Permission denied)"
