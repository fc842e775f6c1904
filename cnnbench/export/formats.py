"""The formats, a row each: what it is, how its file ends, what reads it, and how far it may be from the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.machine.runtime import Backend

PROBABILITY: Literal["probability"] = "probability"
ACCURACY: Literal["accuracy"] = "accuracy"
SIXTEEN_BITS = 0.05  # that probabilities may differ by, where the run computed in 16 bits and the file does in 32


@dataclass(frozen=True)
class Format:
    """A format that a run can be exported in.

    `module` is its file in `writers/`. `needs` has what is imported to write and to check it, by module and package.
    `measure` is what must not be larger than `tolerance`: the largest difference of a probability, or the share of
    right answers that is lost. `input` says what the file takes.
    """

    name: str
    suffix: str
    about: str
    module: str
    runtime: str
    needs: Mapping[str, str]
    tolerance: float
    input: str
    measure: Literal["probability", "accuracy"] = PROBABILITY
    backend: Backend | None = None
    quantized: bool = False
    of_estimators: bool = False

    @property
    def writer(self) -> Any:
        """Its file in `writers/`; see `Writer`."""
        return import_module(f"cnnbench.export.writers.{self.module}")

    @property
    def versions(self) -> dict[str, str]:
        """The packages that it is written and checked with."""
        return {package: version(package) for package in self.needs.values()}


FLOATS = "float32 pixel values 0..255"
_TENSORFLOW = {"tensorflow": "tensorflow", "keras": "keras"}
_LITERT = {**_TENSORFLOW, "ai_edge_litert": "ai-edge-litert"}
_ONNX = {**_TENSORFLOW, "tf2onnx": "tf2onnx", "onnx": "onnx", "onnxruntime": "onnxruntime"}

FORMATS: Mapping[str, Format] = {
    row.name: row
    for row in (
        Format("keras", ".keras", "Keras 3's own file", "keras_file", "Keras", {"keras": "keras"}, 1e-5, FLOATS),
        Format(
            "savedmodel",
            "",
            "TensorFlow's folder",
            "saved_model",
            "TensorFlow",
            _TENSORFLOW,
            1e-5,
            FLOATS,
            backend="tensorflow",
        ),
        Format(
            "onnx",
            ".onnx",
            "for ONNX Runtime and many others",
            "onnx_file",
            "ONNX Runtime",
            _ONNX,
            1e-4,
            FLOATS,
            backend="tensorflow",
        ),
        Format(
            "litert",
            ".tflite",
            "for phones, in float32",
            "litert",
            "LiteRT",
            _LITERT,
            1e-4,
            FLOATS,
            backend="tensorflow",
        ),
        Format(
            *(
                "litert-int8",
                ".tflite",
                "for phones and microcontrollers, in integers throughout",
                "litert_int8",
                "LiteRT",
            ),
            *(_LITERT, 0.01, "uint8 pixel values 0..255, by the scale and zero point in the file"),
            measure=ACCURACY,
            backend="tensorflow",
            quantized=True,
        ),
        Format(
            *(
                "safetensors",
                ".safetensors",
                "weights and the network's description, nothing that runs",
                "weights_file",
            ),
            *("cnnbench", {"keras": "keras", "safetensors": "safetensors"}, 1e-5, FLOATS),
        ),
        Format(
            *("skops", ".skops", "a fitted estimator of scikit-learn", "estimator_file", "scikit-learn"),
            *({"sklearn": "scikit-learn", "skops": "skops"}, 1e-6, "pixel values 0..255"),
            of_estimators=True,
        ),
    )
}


def format_of(name: str) -> Format:
    """Return the row of a format; raises ConfigError for an unknown one, or where a package of its is not there."""
    if name not in FORMATS:
        raise ConfigError(f"--format {name}: unknown; allowed are {', '.join(FORMATS)}{did_you_mean(name, FORMATS)}")
    absent = [package for module, package in FORMATS[name].needs.items() if find_spec(module) is None]
    if absent:
        told = f"{', '.join(absent)}, not installed; pip install 'cnnbench[export]' brings what formats need"
        raise ConfigError(f"--format {name}: needs {told}")
    return FORMATS[name]


def refuse_misnamed(row: Format, out: Path) -> None:
    """Raise ConfigError where a file is not called as files of its format are: other programs go by the ending."""
    if row.suffix and out.suffix != row.suffix:
        raise ConfigError(f"--out {out}: expected a name that ends in {row.suffix}, as --format {row.name} has it")
    if not row.suffix and out.exists() and not (out / "saved_model.pb").exists():
        raise ConfigError(f"--out {out}: is there already and no SavedModel; choose another name")


def names(estimators: bool) -> Sequence[str]:
    """Return the formats for estimators, or those for networks."""
    return [name for name, row in FORMATS.items() if row.of_estimators == estimators]
