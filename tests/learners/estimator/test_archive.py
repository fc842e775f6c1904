"""`model.skops` is read without running anything, and nothing else than an estimator's steps is taken from it."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier

from cnnbench.errors import DataError
from cnnbench.learners.estimator.archive import Saved, read, write
from cnnbench.learners.estimator.features import Normalize, Pixels

IMAGES = np.random.default_rng(0).integers(0, 255, (40, 3, 3, 1)).astype(np.uint8)
LABELS = np.arange(40) % 4


def fitted() -> Pipeline:
    steps = [("normalize", Normalize((1 / 255,), (0.0,))), ("pixels", Pixels())]
    return Pipeline([*steps, ("DecisionTreeClassifier", DecisionTreeClassifier(random_state=0))]).fit(IMAGES, LABELS)


def saved(path: Path, pipeline: Any = None) -> Path:
    write(Saved(pipeline or fitted(), (3, 3, 1), 4), path)
    return path


def rewritten(path: Path, change: Callable[[str], str]) -> None:
    """Change the text that says what is in the file."""
    with ZipFile(path) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    inside["schema.json"] = change(inside["schema.json"].decode()).encode()
    with ZipFile(path, "w") as archive:
        for name, content in inside.items():
            archive.writestr(name, content)


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    found = read(saved(tmp_path / "model.skops"))
    assert found.input_shape == (3, 3, 1) and found.classes == 4
    assert found.pipeline.predict(IMAGES).tolist() == fitted().predict(IMAGES).tolist()


def test_a_type_that_is_not_trusted_is_refused_and_not_run(tmp_path: Path) -> None:
    path = saved(tmp_path / "model.skops")

    def to_system(text: str) -> str:
        content = text.replace('"__class__": "Pixels"', '"__class__": "Popen"')
        return content.replace('"__module__": "cnnbench.learners.estimator.features"', '"__module__": "subprocess"')

    rewritten(path, to_system)
    with pytest.raises(DataError, match=r"model\.skops: not a model that can be read \(Untrusted types.*subprocess"):
        read(path)


def test_a_pickle_in_its_place_is_not_unpickled(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "ran",)

    (tmp_path / "model.skops").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(DataError, match="not a model that can be read"):
        read(tmp_path / "model.skops")
    assert not (tmp_path / "ran").exists()


def test_steps_that_are_not_made_here_are_refused(tmp_path: Path) -> None:
    tree = fitted().steps[-1]
    saved(tmp_path / "model.skops", Pipeline([("normalize", FunctionTransformer()), tree]))
    with pytest.raises(DataError, match="something else than an estimator's steps"):
        read(tmp_path / "model.skops")
    from skops import io  # which imports all of scikit-learn, and would do so in every process that collects tests

    io.dump({"pipeline": 3, "input_shape": [3, 3, 1], "classes": 4}, tmp_path / "model.skops")
    with pytest.raises(DataError, match="something else than an estimator's steps"):
        read(tmp_path / "model.skops")


@pytest.mark.parametrize(("field", "value"), [("left_child", 10_000), ("right_child", 0), ("feature", 99)])
def test_a_tree_whose_nodes_lead_elsewhere_is_refused(field: str, value: int, tmp_path: Path) -> None:
    """scikit-learn follows them without looking, out of its memory or for ever."""
    pipeline = fitted()
    tree = pipeline[-1].tree_
    state = tree.__getstate__()
    state["nodes"] = state["nodes"].copy()
    state["nodes"][field][0] = value
    tree.__setstate__(state)
    with pytest.raises(DataError, match="something else than an estimator's steps"):
        read(saved(tmp_path / "model.skops", pipeline))


def test_what_says_to_be_far_larger_than_its_file_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("schema.json", bytes(80 * 2**20))
    with pytest.raises(DataError, match=r"model\.skops: says to hold 0\.1 GiB in a file of 0\.\d MiB; not read"):
        read(path)


def test_a_damaged_file_is_a_line(tmp_path: Path) -> None:
    path = saved(tmp_path / "model.skops")
    rewritten(path, lambda text: json.dumps({**json.loads(text), "content": {}}))
    with pytest.raises(DataError, match="not a model that can be read"):
        read(path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match="not a model that can be read"):
        read(path)
