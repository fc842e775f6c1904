from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cnnbench.cli.inspect import inspect
from cnnbench.errors import ConfigError
from cnnbench.runs.folder import RunDir
from cnnbench.views.networks import memory

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
    assert list(found) == ["name", "input_shape", "classes", "depth", "weights_bytes", "parameters", "macs", "layers"]
    about = [found[key] for key in ("name", "input_shape", "classes", "depth", "weights_bytes")]
    assert about == ["lenet5", [32, 32, 1], 10, 5, 4 * 61706]
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
    assert lines[-2] == "input 32x32x3, 10 classes, depth 6; weights: 1.3 MB in float32"
    assert lines[-1].startswith("329,194 parameters (328,810 trainable); per image: 24,740,480 MACs, ")
    assert run("petre-cnn", "--quiet").splitlines() == lines[-2:]


def test_several_networks_stand_side_by_side() -> None:
    header, *rows = (line.split() for line in run("lenet5", "mlp-fashion-mnist", "resnet8").splitlines())
    titles = "network input classes depth parameters trainable weights MACs activations"
    assert header == titles.split()
    assert [row[:6] for row in rows] == [
        ["lenet5", "32x32x1", "10", "5", "61,706", "61,706"],
        ["mlp", "28x28x1", "10", "4", "111,146", "111,146"],
        ["resnet8", "32x32x3", "10", "8", "78,666", "78,186"],
    ]
    assert [row["name"] for row in run_json("lenet5", "mlp-fashion-mnist")] == ["lenet5", "mlp"]


def test_overrides_are_those_of_every_network() -> None:
    found = run_json("resnet18", "resnet34", "--input", "32x32x3", "model.parameters.stem=small", "--classes", "10")
    assert [row["parameters"]["trainable"] for row in found] == [11_173_962, 21_282_122]


def test_what_is_frozen_is_not_trainable() -> None:
    found = run_json("resnet18", "resnet34", "model.freeze=base", "--classes", "10", "--input", "32x32x3")
    assert [row["parameters"]["trainable"] for row in found] == [5_130, 5_130]
    assert " parameters (850 trainable); " in run("lenet5", "model.freeze=base")


@pytest.mark.slow
def test_the_heads_of_the_study() -> None:
    found = run_json("vgg16", "resnet34", "resnet50", "--classes", "10", "model.freeze=base")
    assert [row["parameters"]["trainable"] for row in found] == [40_970, 5_130, 20_490]


def test_why_puts_the_numbers_into_the_formulas() -> None:
    """A convolution of 32x32x3 to 28x28x6: what it shares, what local fields and a dense layer would take."""
    row = run_json("lenet5", "--why", "--input", "32x32x3")[0]
    assert row["output_formula"] == "32 - 5 + 1 = 28"
    assert row["parameters_formula"] == "6 x (5x5x3 + 1) = 456"
    assert row["unshared"] == {"dense": 14_450_688, "local": 352_800, "shared": 450}
    header, first, *_ = run("lenet5", "--why").splitlines()
    assert header.split() == [
        "layer",
        "output",
        "because",
        "parameters",
        "shared",
        "were",
        "they",
        "local",
        "were",
        "it",
        "dense",
    ]
    expected = "conv2d_1 28x28x6 32 - 5 + 1 = 28 6 x (5x5x1 + 1) = 156 150 117,600 4,816,896"
    assert " ".join(first.split()) == expected


def test_why_tells_of_one_network() -> None:
    assert problem("lenet5", "mlp", "--why") == "--why: tells of one network, found 2: lenet5, mlp"
    told = "seed=1: changes a value, but no experiment or architecture is named"
    assert problem("seed=1") == told


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
    own = "model.parameters.NAME, model.freeze"
    told = f"lenet5 is an architecture; only its {own} or an experiment's values can be changed"
    assert problem("lenet5", "seed=1") == f"seed=1: {told}"
    assert "did you mean stem?" in problem("resnet18", "model.parameters.stm=small")


def test_memory_is_readable() -> None:
    assert [memory(n) for n in (40, 2048, 3 * 2**20)] == ["40 B", "2.0 KiB", "3.0 MiB"]


@pytest.mark.drawn
def test_activations_as_formulas_and_a_picture(tmp_path: Path) -> None:
    picture = tmp_path / "some.png"
    found = run_json("--activations", "relu", "tanh", "-o", str(picture))
    assert found["output"] == str(picture) and picture.read_bytes().startswith(b"\x89PNG")
    assert [(row["name"], row["value"], row["derivative"]) for row in found["activations"]] == [
        ("relu", "max(x, 0)", "1 if x > 0 else 0"),
        ("tanh", "tanh(x)", "1 - tanh(x)**2"),
    ]


def test_activations_that_are_not_there_and_pictures_that_are_none() -> None:
    assert "inspect --activations rleu: unknown; did you mean relu?" in problem("--activations", "rleu")
    assert ".png or a .pdf" in problem("--activations", "-o", "a.gif")
    assert "only --activations and --dropout" in problem("lenet5", "-o", "a.png")
    assert problem() == "no experiment or architecture is named"


@pytest.mark.drawn
def test_dropout_of_a_trained_run_before_and_after(digits_run: RunDir, tmp_path: Path) -> None:
    picture = tmp_path / "dropout.png"
    found = run_json(str(digits_run.path), "--dropout", "-o", str(picture))
    assert picture.read_bytes().startswith(b"\x89PNG") and found["run"] == str(digits_run.path)
    (layer,) = found["layers"]
    assert (layer["kind"], layer["rate"], layer["maps"]) == ("Dropout", 0.3, 72)
    assert 0.15 < layer["set_to_zero"] < 0.45


def test_dropout_needs_a_run(tmp_path: Path) -> None:
    assert "looks at one trained run, found lenet5, resnet8" in problem("lenet5", "resnet8", "--dropout")
    assert "looks at one trained run, found none" in problem("--dropout")
    assert "not a run folder" in problem(str(tmp_path), "--dropout")
