from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import cnnbench
from cnnbench.catalogue.sources import module_of, sources, with_options
from cnnbench.config.schema import Data
from cnnbench.config.static import static_classes, static_shape
from cnnbench.data.load import load_data


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


def test_the_manual_names_every_source_and_its_keys() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    (row,) = (line for line in manual.splitlines() if line.startswith("| `source` |"))
    assert set(re.findall(r"`([a-z0-9_]+)`", row)) == {"source", *sources()}
    for name in with_options():
        assert f"| `{name}: {{" in manual, name


def test_the_page_of_data_sets_says_the_licence_of_every_source() -> None:
    page = (Path(__file__).parents[2] / "docs" / "data-sets.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|", page, flags=re.MULTILINE))
    assert list(told) and set(told) == set(sources())
    for name, source in sources().items():
        nothing = {"not stated"} if source.published else {"yours to know", "none needed"}
        assert told[name] in ({source.licence} if source.licence else nothing), name


def test_no_other_file_names_a_source() -> None:
    package = Path(cnnbench.__file__).parent
    names = {name for name, source in sources().items() if not source.generated}  # those stand in for others
    for path in sorted(package.rglob("*.py")):
        if path.parent.name != "sources":
            words = set(re.findall(r"[\"']([a-z0-9_]+)[\"']", path.read_text(encoding="utf-8")))
            assert words & names <= ({"digits"} if path.name == "schema.py" else set()), path  # the default


NEW_SOURCE = """
from dataclasses import dataclass
from cnnbench.catalogue.sources import Facts, Source, key

@dataclass(frozen=True)
class Options:
    '''How bright it is.'''
    level: int = key(7, "grey value of all pixels")

SOURCE = Source("all of one grey", Facts((4, 4, 1), ("one", "two"), 20), options=Options, also=("gray",))

def load(data, place):
    import numpy as np
    from cnnbench.data.stores import ArrayStore
    from cnnbench.data.types import Given, Part
    images = np.full((20, 4, 4, 1), data.options.level, np.uint8)
    return Given(("one", "two"), Part(ArrayStore(images), np.arange(20) % 2))
"""

USE_IT = """
import cnnbench.data.sources
cnnbench.data.sources.__path__.append({folder!r})
from cnnbench.cli.complete import overrides
from cnnbench.config.json_schema import experiment_schema
from cnnbench.config.kinds import names_of
from cnnbench.config.load import dump_yaml, load_config
from cnnbench.data.catalogue import overview
from cnnbench.data.load import load_dataset
from cnnbench.errors import ConfigError

print(names_of("data")["grey"], "|", names_of("keys")["data.grey.level"])
print([row["images"] for row in overview() if row["name"] == "grey"])
print(experiment_schema()["$defs"]["Grey"]["properties"]["level"]["default"])
plain = {{"name": "x", "data": {{"source": "grey"}}, "model": {{"layers": ["Flatten", "classifier"]}}}}
config = load_config(plain, ["data.grey.level=9"])
print(load_dataset(config).train.images([0]).max(), "level: 9" in dump_yaml(config))
try:
    load_config(plain, ["data.source=gray", "data.grey.levle=1"])
except ConfigError as e:
    print(*(line.rpartition("; ")[2] for line in e.problems), sep=", ")
"""


def test_a_new_source_costs_one_file(tmp_path: Path) -> None:
    (tmp_path / "grey.py").write_text(NEW_SOURCE)
    code = USE_IT.format(folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "all of one grey | grey value of all pixels",
        "['20']",
        "7",
        "9 True",
        "did you mean grey?, did you mean level?",
    ]


def test_facts_and_overview_need_no_numpy() -> None:
    code = (
        "import sys, cnnbench.data.catalogue as c; c.overview(); "
        "print([m for m in ('numpy', 'PIL', 'sklearn', 'tensorflow', 'keras') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
