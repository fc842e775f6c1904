"""A network with something of everything, in every format, asked in each format's own runtime."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.config.load import load_config
from cnnbench.config.network.spec import network_of
from cnnbench.data.normalize import Normalization
from cnnbench.errors import ConfigError
from cnnbench.export.formats import FORMATS, format_of, names, refuse_misnamed
from cnnbench.export.network import Exportable
from cnnbench.export.refusing import written
from cnnbench.machine import runtime
from cnnbench.model.builder import build
from tests.tools import tiny

SHAPE, CLASSES = (12, 12, 3), 4
SCALING = Normalization((1 / 60, 1 / 50, 1 / 70), (-2.0, -1.5, -1.0))
LAYERS: list[Any] = [
    {"Conv2D": {"filters": 6, "kernel_size": 3, "padding": "same", "use_bias": False}},
    "BatchNormalization",
    "ReLU",
    {"residual": {"layers": [{"Conv2D": {"filters": 6, "kernel_size": 3, "padding": "same"}}], "activation": "relu"}},
    {"DepthwiseConv2D": {"kernel_size": 3, "strides": 2, "padding": "same"}},
    {"Dropout": {"rate": 0.5}},
    {"MaxPooling2D": {"pool_size": 2}},
    "Flatten",
    {"Dense": {"units": 8, "activation": "relu"}},
    "classifier",
]


def source_of(layers: list[Any] = LAYERS) -> Exportable:
    """Return a network of these layers with the weights that it draws."""
    runtime.start("tensorflow")
    config = load_config(tiny(model__layers=layers))
    model = build(network_of(config.model), SHAPE, CLASSES, SCALING, 3, "everything")
    names = [f"class {k}" for k in range(CLASSES)]
    return Exportable(model, SHAPE, names, config, SCALING, calibration=lambda: images(100, seed=1))


def images(count: int, seed: int = 0) -> Any:
    """Return noise of all brightnesses, and black and white."""
    drawn = np.random.default_rng(seed).integers(0, 256, (count, *SHAPE)).astype(np.float32)
    drawn[0], drawn[1] = 0, 255
    return drawn


@pytest.fixture(scope="module")
def source() -> Exportable:
    return source_of()


@pytest.mark.parametrize("name", names(estimators=False))
def test_every_format_says_what_the_network_says(name: str, source: Exportable, tmp_path: Path) -> None:
    row = format_of(name)
    ask = written(row, source, tmp_path / f"model{row.suffix}")
    asked = images(9)
    expected = np.asarray(source.model(asked))
    assert np.ptp(expected, axis=0).max() > 0.1  # images differ
    assert ask(asked) == pytest.approx(expected, abs=0.05 if row.quantized else 1e-5)
    assert ask(asked[2:3]) == pytest.approx(expected[2:3], abs=0.05 if row.quantized else 1e-5)
    (tmp_path / "plain").touch()
    assert (tmp_path / f"model{row.suffix}").stat().st_mode & 0o066 == (tmp_path / "plain").stat().st_mode & 0o066


@pytest.mark.parametrize("name", ["litert", "safetensors"])
def test_the_same_file_is_written_again(name: str, source: Exportable, tmp_path: Path) -> None:
    row = format_of(name)
    for at in "ab":
        written(row, source, tmp_path / f"{at}{row.suffix}")
    assert (tmp_path / f"a{row.suffix}").read_bytes() == (tmp_path / f"b{row.suffix}").read_bytes()


def test_names_in_an_onnx_file(source: Exportable, tmp_path: Path) -> None:
    import onnx

    written(format_of("onnx"), source, tmp_path / "model.onnx")
    found = onnx.load(tmp_path / "model.onnx")
    assert [(value.name, value.type.tensor_type.shape.dim[0].dim_param) for value in found.graph.input] == [
        ("pixels", "batch")
    ]
    assert [value.name for value in found.graph.output] == ["probabilities"]
    assert found.metadata_props[0].value == '["class 0", "class 1", "class 2", "class 3"]'


def test_activations_that_the_converter_has_no_words_for(tmp_path: Path) -> None:
    squashed = [{"Activation": {"activation": name}} for name in ("gelu", "celu")]
    source = source_of([*squashed, "Flatten", "classifier"])
    ask = written(format_of("onnx"), source, tmp_path / "model.onnx")
    assert ask(images(4)) == pytest.approx(np.asarray(source.model(images(4))), abs=1e-5)


def test_a_quantised_file_takes_pixels_as_they_are(source: Exportable, tmp_path: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter

    written(format_of("litert-int8"), source, tmp_path / "model.tflite")
    interpreter = Interpreter(str(tmp_path / "model.tflite"))
    [given], [said] = interpreter.get_input_details(), interpreter.get_output_details()
    assert given["dtype"] == said["dtype"] == np.uint8
    assert given["quantization"] == (1.0, 0) and said["quantization"] == (1 / 256, 0)
    kinds = {detail["dtype"] for detail in interpreter.get_tensor_details()}
    assert np.float32 not in kinds


def test_an_unknown_format_is_told_with_the_closest() -> None:
    with pytest.raises(ConfigError, match=r"^--format onxx: unknown; allowed are keras, .*; did you mean onnx\?$"):
        format_of("onxx")


def test_a_package_that_is_absent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    row = replace(FORMATS["onnx"], needs={"no_such_module": "no-such-package", "keras": "keras"})
    monkeypatch.setitem(FORMATS, "onnx", row)  # type: ignore[arg-type]  # it is a dictionary
    with pytest.raises(ConfigError, match=r"^--format onnx: needs no-such-package, not installed; pip install"):
        format_of("onnx")


def test_files_end_as_their_format_has_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"model\.bin: expected a name that ends in \.onnx"):
        refuse_misnamed(FORMATS["onnx"], tmp_path / "model.bin")
    with pytest.raises(ConfigError, match="is there already and no SavedModel"):
        refuse_misnamed(FORMATS["savedmodel"], tmp_path)
