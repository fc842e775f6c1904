"""What a format cannot say is refused with the layer's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnbench.errors import ConfigError
from cnnbench.export.formats import format_of
from cnnbench.export.refusing import written
from tests.export.test_formats import source_of


@pytest.mark.parametrize(("name", "interpolation"), [("litert", "bicubic"), ("onnx", "lanczos3")])
def test_the_layer_is_named(name: str, interpolation: str, tmp_path: Path) -> None:
    layers = [{"UpSampling2D": {"interpolation": interpolation, "name": "larger"}}, "Flatten", "classifier"]
    told = rf"^--format {name}: cannot say what the layer larger does \(UpSampling2D\)$"
    with pytest.raises(ConfigError, match=told):
        written(format_of(name), source_of(layers), tmp_path / f"net{format_of(name).suffix}")
