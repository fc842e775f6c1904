from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import cnnbench
from cnnbench.catalogue.sources import module_of, sources
from cnnbench.config.schema import Data
from cnnbench.config.static import static_classes, static_shape
from cnnbench.data.load import load_data

STAND_INS = ("smoke", "inspection")  # these put generated images in the place of others


@pytest.mark.parametrize(
    ("data", "shape", "classes"),
    [
        ({"source": "digits"}, (8, 8, 1), 10),
        ({"source": "cifar100"}, (32, 32, 3), 100),
        ({"source": "mnist", "image_size": 32}, (32, 32, 1), 10),
        ({"source": "cifar10", "color": "mean", "image_size": [20, 30]}, (20, 30, 1), 10),
        ({"source": "synthetic"}, (32, 32, 3), 10),
        ({"source": "synthetic", "synthetic": {"classes": 4, "shape": [9, 8, 1]}}, (9, 8, 1), 4),
        ({"source": "image_folder"}, None, None),
        ({"source": "image_folder", "image_size": 64}, (64, 64, 3), None),
        ({"source": "image_folder", "image_size": 64, "color": "luminance"}, (64, 64, 1), None),
        ({"source": "npz", "image_size": 64}, None, None),
        ({"source": "npz", "image_size": 64, "color": "rgb"}, (64, 64, 3), None),
    ],
)
def test_what_is_known_without_a_file(data: dict[str, Any], shape: object, classes: int | None) -> None:
    assert static_shape(Data.model_validate(data)) == shape
    assert static_classes(Data.model_validate(data)) == classes


@pytest.mark.parametrize("change", [{}, {"image_size": [10, 12]}, {"color": "rgb"}])
@pytest.mark.parametrize("source", ["digits", "synthetic"])
def test_what_is_known_is_true(source: str, change: dict[str, Any]) -> None:
    data = Data.model_validate({"source": source, **change})
    dataset = load_data(data)
    assert dataset.input_shape == static_shape(data) and len(dataset.class_names) == static_classes(data)


@pytest.mark.parametrize("name", sources())
def test_a_source_is_one_file_with_a_row_and_a_reader(name: str) -> None:
    source, module = sources()[name], module_of(name)
    assert callable(module.load) and callable(getattr(module, "find", None)) == source.image_files
    assert source.about and not (source.own and source.published)
    assert name in Data.model_json_schema()["properties"]["source"]["enum"]
    assert (name in Data.model_fields) == (source.options is not None)


def test_no_other_file_names_a_source() -> None:
    package = Path(cnnbench.__file__).parent
    own = {"cnnbench/config/schema.py": {"digits"}}  # what a file that names none gets
    for path in sorted(package.rglob("*.py")):
        words = set(re.findall(r"[\"']([a-z0-9_]+)[\"']", path.read_text(encoding="utf-8"))) & set(sources())
        if path.parent.name != "sources" and path.stem not in STAND_INS:
            allowed = own.get(str(path.relative_to(package.parent)), set())
            assert words <= allowed, path


def test_facts_and_overview_need_no_numpy() -> None:
    code = (
        "import sys, cnnbench.data.catalogue as c; c.overview(); "
        "print([m for m in ('numpy', 'PIL', 'sklearn', 'tensorflow', 'keras') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
