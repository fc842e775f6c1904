"""Whatever keeps to the protocol of a learner is carried out, measured and written down like a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from cnnbench.config.load import load_config
from cnnbench.config.schema import Config
from cnnbench.data.examples import Examples
from cnnbench.data.types import Dataset, Split
from cnnbench.experiment import execute
from cnnbench.experiment.options import Options
from cnnbench.learners.learner import Learner, Task
from cnnbench.runs.folder import RunDir
from cnnbench.training.course import Course, Fitted
from tests.tools import tiny


@dataclass
class Frequencies:
    """Learns how frequent each class is, and answers every image with that; nothing in it can be counted."""

    suffix: ClassVar[str] = ".skops"
    gives_probabilities: ClassVar[bool] = True
    config: Config
    dataset: Dataset
    environment: Mapping[str, Any]
    notes: Sequence[str] = ("learnt by counting",)
    chief: bool = True
    weights: Mapping[str, Any] | None = None
    examples: Examples | None = None
    shares: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def build(self) -> None:
        self.shares = np.zeros(len(self.dataset.class_names))

    def describe(self) -> Mapping[str, Any]:
        return {}

    def stages(self) -> Sequence[Mapping[str, Any]]:
        return []

    def fit(self, course: Course) -> Fitted:
        assert course.keep is not None
        self.shares = np.bincount(self.dataset.train.labels, minlength=len(self.shares)) / len(self.dataset.train)
        row = {"epoch": 1.0, "loss": 2.0, "accuracy": float(self.shares.max()), "seconds": 0.5}
        course.keep.write_history([row])
        course.keep.note(1)
        return Fitted([row], 1, 1, "loss", "all counted", "epoch 1, the last")

    def predict(self, split: Split) -> NDArray[np.float32]:
        return np.tile(self.shares.astype(np.float32), (len(split), 1))

    def save(self, path: Path) -> None:
        path.write_text(str(self.shares.tolist()))


def counting(task: Task) -> Learner:
    environment = {"learner": "counting", "devices": ["a finger"], "precision": "float64", "packages": {}}
    return Frequencies(task.config, task.dataset, environment)


def test_a_learner_that_is_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute, "learner_of", counting)
    result = execute.execute(load_config(tiny()), Options(output=tmp_path))
    run, test = RunDir(result.path), result.metrics
    assert (result.status["state"], result.status["reason"]) == ("done", "all counted")
    assert result.status["notes"][0] == "learnt by counting"
    frequent = max(test["per_class"], key=lambda row: row["recall"])
    assert frequent["recall"] == 1 and test["accuracy"] == pytest.approx(frequent["support"] / test["images"])
    assert "parameters" not in test and "macs" not in test
    assert len(run.predictions.read_text().splitlines()) == 1 + test["images"]
    assert run.model == run.model_of(".skops") and run.model.read_text().startswith("[")
    assert len(result.history) == 1 and "a finger" in run.report.read_text()
