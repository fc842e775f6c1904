from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from cnnbench.catalogue.sources import SOURCES
from cnnbench.config.schema import Data, Synthetic
from cnnbench.config.static import static_classes, static_shape
from cnnbench.data.load import NAMED, OWN, load_data


@pytest.mark.parametrize(
    ("data", "shape", "classes"),
    [
        ({"source": "digits"}, (8, 8, 1), 10),
        ({"source": "cifar100"}, (32, 32, 3), 100),
        ({"source": "mnist", "image_size": 32}, (32, 32, 1), 10),
        ({"source": "cifar10", "color": "mean", "image_size": (20, 30)}, (20, 30, 1), 10),
        ({"source": "synthetic"}, (32, 32, 3), 10),
        ({"source": "synthetic", "synthetic": Synthetic(classes=4, shape=(9, 8, 1))}, (9, 8, 1), 4),
        ({"source": "image_folder"}, None, None),
        ({"source": "image_folder", "image_size": 64}, (64, 64, 3), None),
        ({"source": "image_folder", "image_size": 64, "color": "luminance"}, (64, 64, 1), None),
        ({"source": "npz", "image_size": 64}, None, None),
        ({"source": "npz", "image_size": 64, "color": "rgb"}, (64, 64, 3), None),
    ],
)
def test_what_is_known_without_a_file(data: dict[str, Any], shape: object, classes: int | None) -> None:
    assert static_shape(Data(**data)) == shape and static_classes(Data(**data)) == classes


@pytest.mark.parametrize("change", [{}, {"image_size": (10, 12)}, {"color": "rgb"}])
@pytest.mark.parametrize("source", ["digits", "synthetic"])
def test_what_is_known_is_true(source: str, change: dict[str, Any]) -> None:
    data = Data(source=source, **change)  # type: ignore[arg-type]  # a source's name
    dataset = load_data(data)
    assert dataset.input_shape == static_shape(data) and len(dataset.class_names) == static_classes(data)


def test_every_source_of_the_schema_has_facts_and_a_loader() -> None:
    names = set(Data.model_json_schema()["properties"]["source"]["enum"])
    assert set(SOURCES) == names == set(NAMED) | set(OWN)


def test_facts_and_overview_need_no_numpy() -> None:
    code = (
        "import sys, cnnbench.data.catalogue as c; c.overview(); "
        "print([m for m in ('numpy', 'PIL', 'sklearn', 'tensorflow', 'keras') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
