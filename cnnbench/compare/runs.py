"""What is compared: finished runs, and groups of runs of one configuration."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cnnbench.catalogue.measures import measure as row
from cnnbench.compare.answers import majority
from cnnbench.compare.measures import measures
from cnnbench.config.schema import in_full
from cnnbench.errors import ConfigError, DataError
from cnnbench.files.checked import Unreadable
from cnnbench.runs.predictions import Predictions
from cnnbench.runs.run import Run
from cnnbench.statistics.intervals import Mean, mean_interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["run", "seeds", "folds", "trial"]
MEASURED = ("accuracy", "images", "accuracy_interval", "macro", "per_class")
TRAINED_BY = ("model", "data", "augment", "train")  # what a result depends on besides the seed


@dataclass(frozen=True)
class LeftOut:
    """A folder that is not compared, and why."""

    path: Path
    reason: str


class Finished(Run):
    """A run that was trained and tested to the end, by what is compared of it."""

    @property
    def measured(self) -> Mapping[str, Any]:
        """Its `metrics.json`, which is there."""
        assert self.metrics is not None
        return self.metrics

    @property
    def seed(self) -> int:
        """What its weights, batches and validation split are drawn by."""
        return int(self.config.get("seed", 0))

    @property
    def smoke(self) -> bool:
        """Whether it was shrunk, so that its numbers say nothing."""
        return bool(self.status.get("smoke"))

    @property
    def repeat(self) -> tuple[int, str]:
        """Which repeat of its configuration it is: seed and fold."""
        return self.seed, json.dumps(self.config.get("data", {}).get("fold"), sort_keys=True)

    @property
    def configuration(self) -> str:
        """Everything that its result depends on besides the seed, defaults written out, as text to compare by."""
        full = in_full(self.config)
        if isinstance(train := full.get("train"), dict):  # which did not always say what it was computed by
            full["train"] = {"backend": self.environment.get("backend"), **train}
        return json.dumps([full.get(key) for key in TRAINED_BY], sort_keys=True, default=str)

    @property
    def test_images(self) -> str:
        """What tells its test images from others; its own path where it does not say."""
        told = self.measured.get("data", {}).get("test_images") or {"path": str(self.path)}
        return json.dumps([told, [line["class"] for line in self.measured["per_class"]]], sort_keys=True)

    @cached_property
    def measures(self) -> Mapping[str, float]:
        """Every number of its metrics by dotted path."""
        return measures(self.measured)

    @cached_property
    def answers(self) -> Predictions:
        """What it predicted for every test image; raises ConfigError where that is gone, DataError where damaged."""
        if self.predictions is None:
            raise ConfigError(f"{self.folder.predictions}: cannot be read (No such file or directory)")
        return self.predictions

    @cached_property
    def validation(self) -> str | None:
        """A digest of which images validated it, None where it does not say."""
        try:
            held_out = self.split["validation"]
            if held_out and "content" in held_out:
                return str(held_out["content"]["sha256"])
        except (DataError, KeyError, TypeError):
            return None
        return hashlib.sha256(json.dumps(held_out, sort_keys=True).encode()).hexdigest() if held_out else None

    @property
    def epochs(self) -> int:
        """Epochs it was trained for."""
        return int(self.status.get("epoch") or len(self.history))

    @property
    def images_per_second(self) -> float | None:
        """Median speed over its epochs."""
        speeds = sorted(row["images_per_second"] for row in self.history if "images_per_second" in row)
        return speeds[len(speeds) // 2] if speeds else None


@dataclass(frozen=True)
class Group:
    """Runs of one configuration, at least one; `name` tells it from the other groups.

    `label` names what sets a trial apart from others of its sweep, empty for anything else. `of` is how many runs there
    would be, had all of them ended well.
    """

    name: str
    path: Path
    runs: tuple[Finished, ...]
    kind: Kind
    of: int = 1
    label: str = ""

    @property
    def single(self) -> bool:
        """Whether it is one run."""
        return len(self.runs) == 1

    @property
    def smoke(self) -> bool:
        """Whether any of its runs is a smoke run."""
        return any(run.smoke for run in self.runs)

    @property
    def images(self) -> int:
        """Test images of each run."""
        return int(self.runs[0].measured["images"])

    @property
    def classes(self) -> Sequence[str]:
        """Names of the classes."""
        return self.runs[0].class_names

    @cached_property
    def answers(self) -> Predictions:
        """What most of its runs predict for every test image; raises as `Finished.answers` does."""
        return majority([run.answers for run in self.runs])

    @cached_property
    def matrix(self) -> NDArray[np.int64]:
        """Test images of all its runs by true and predicted class, (k, k); raises as `Finished.answers` does."""
        return sum((run.answers.confusion_matrix() for run in self.runs[1:]), self.runs[0].answers.confusion_matrix())

    def values(self, measure: str) -> list[float]:
        """Return a measure of every run, nothing where a run does not have it."""
        found = [run.measures.get(measure) for run in self.runs]
        return [value for value in found if value is not None] if None not in found else []

    def mean(self, measure: str) -> Mean | None:
        """Return a measure's mean over the runs, None where one does not have it."""
        values = self.values(measure)
        return mean_interval(values, row(measure).bounds) if values else None

    @property
    def accuracy_interval(self) -> tuple[float, float] | None:
        """Wilson's interval of one run, the t interval of several, None for several that all agree."""
        if not self.single:
            mean = self.mean("accuracy")
            return mean.interval if mean is not None else None
        low, high = self.runs[0].measured["accuracy_interval"]
        return float(low), float(high)


def read_run(path: Path) -> Finished | LeftOut:
    """Return the run at `path`, or why it cannot be compared."""
    run = Finished(path)
    if not run.folder.status.exists():
        return LeftOut(path, f"not a run folder (it has no {run.folder.status.name})")
    try:
        status, metrics, _, _ = run.status, run.metrics, run.config, run.history
    except Unreadable as e:
        return LeftOut(path, str(e).removeprefix(f"{path}/"))
    if status.get("state") != "done":
        reason = status.get("reason")
        return LeftOut(path, f"{status.get('state', 'unknown')}" + (f": {reason}" if reason else ""))
    lacking = [key for key in MEASURED if key not in (metrics or {})]
    if metrics is None or lacking:
        return LeftOut(path, f"metrics.json has no {', '.join(lacking)}")
    return run
