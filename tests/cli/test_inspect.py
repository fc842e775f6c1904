from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cnnbench.cli.inspect import inspect, memory
from cnnbench.errors import ConfigError

app = typer.Typer()
app.command()(inspect)

TINY = """
input: [8, 8, 1]
classes: 2
layers:
  - Conv2D: {filters: 2, kernel_size: 3}
  - Flatten
  - classifier
"""


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def run_json(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


def problem(*arguments: str) -> str:
    with pytest.raises(ConfigError) as raised:
        run(*arguments)
    [line] = raised.value.problems
    return line


def test_json_holds_totals_and_layers() -> None:
    found = run_json("lenet5")
    assert list(found) == ["parameters", "macs", "layers"]
    assert found["parameters"] == {"total": 61706, "trainable": 61706, "non_trainable": 0}
    assert found["macs"] == 416520 == sum(row["macs"] for row in found["layers"])
    assert found["layers"][1] == {
        "name": "conv2d_1",
        "kind": "Conv2D",
        "output_shape": [28, 28, 6],
        "parameters": 156,
        "macs": 117600,
        "activation_bytes": 4 * 28 * 28 * 6,
    }


def test_the_table_has_a_line_per_layer_and_one_with_the_totals() -> None:
    lines = run("petre-cnn").splitlines()
    assert lines[0].split() == ["layer", "output", "parameters", "MACs", "activations"]
    assert lines[2].split() == ["conv2d_1", "32x32x32", "896", "884,736", "128.0", "KiB"]
    assert lines[-1].startswith("329,194 parameters (384 not trainable); per image: 24,740,480 MACs, ")
    assert run("petre-cnn", "--quiet").splitlines() == [lines[-1]]


def test_input_and_classes_stand_in_for_those_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "tiny.yaml"
    file.write_text(TINY)
    assert run_json(str(file))["parameters"]["total"] == 20 + 72 * 2 + 2
    assert run_json(str(file), "--input", "10x6x3", "--classes", "5")["parameters"]["total"] == 56 + 64 * 5 + 5


def test_an_experiment_has_the_shape_of_its_data_and_takes_overrides() -> None:
    assert run_json("petre-cnn-fashion-mnist")["parameters"]["total"] == 267_178
    assert run_json("petre-cnn-fashion-mnist", "model.architecture=mlp")["parameters"]["total"] == 111_146
    assert run_json("mlp-fashion-mnist", "--input", "32x32x3")["parameters"]["total"] == 404_010


def test_what_cannot_be_known_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "tiny.yaml"
    file.write_text(TINY.replace("input: [8, 8, 1]\n", ""))
    assert problem(str(file)).endswith("does not say how large its images are; give --input, as --input 32x32x3")
    file.write_text(TINY.replace("classes: 2\n", ""))
    assert problem(str(file)).endswith("does not say how many classes there are; give --classes, as --classes 10")


def test_a_network_that_does_not_fit_names_file_line_and_layer(tmp_path: Path) -> None:
    file = tmp_path / "tiny.yaml"
    file.write_text(TINY)
    expected = f"{file}:5: model.layers[0].Conv2D: kernel 3x3 is larger than its map 2x2 (padding: valid)"
    assert problem(str(file), "--input", "2x2x1") == expected
    file.write_text(TINY.replace("3}", "3, paddin: same}"))
    assert problem(str(file)) == f"{file}:5: model.layers[0].Conv2D.paddin: unknown key; did you mean padding?"


@pytest.mark.parametrize("text", ["32x32", "32x32x2", "0x3x3", "ax3x3", "32x32x3x", "-1x3x3", "²x3x3"])
def test_a_bad_input_is_told(text: str) -> None:
    expected = f"--input {text}: expected height x width x channels (1 or 3), as 32x32x3"
    assert problem("lenet5", f"--input={text}") == expected


def test_unknown_names_and_useless_overrides_are_told() -> None:
    assert problem("lenet6").endswith("; did you mean lenet5?")
    assert problem("nowhere/net.yaml").startswith("nowhere/net.yaml: ")
    assert "only an experiment's values can be changed" in problem("lenet5", "seed=1")


def test_memory_is_readable() -> None:
    assert [memory(n) for n in (40, 2048, 3 * 2**20)] == ["40 B", "2.0 KiB", "3.0 MiB"]
