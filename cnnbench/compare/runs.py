"""What is compared: finished runs as their folders tell of them, and groups of runs of one configuration."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml

from cnnbench.catalogue.measures import measure as row
from cnnbench.compare.answers import Answers, majority, read_answers
from cnnbench.compare.measures import measures
from cnnbench.config.schema import in_full
from cnnbench.files.checked import Unreadable, checked, read_bytes
from cnnbench.runs.folder import RunDir
from cnnbench.runs.written import CONFIG
from cnnbench.statistics.intervals import Mean, mean_interval

Kind = Literal["run", "seeds", "folds", "trial"]
MEASURED = ("accuracy", "images", "accuracy_interval", "macro", "log_loss", "per_class")
TRAINED_BY = ("model", "data", "augment", "train")  # what a result depends on besides the seed


@dataclass(frozen=True)
class LeftOut:
    """A folder that is not compared, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Run:
    """A run that was trained and tested to the end."""

    path: Path
    config: Mapping[str, Any]
    status: Mapping[str, Any]
    metrics: Mapping[str, Any]

    @property
    def folder(self) -> RunDir:
        """Its run folder."""
        return RunDir(self.path)

    @property
    def name(self) -> str:
        """The name of its experiment."""
        return str(self.config.get("name") or self.path.parent.name)

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
        full = {**self.config, "train": in_full(self.config.get("train", {}))}
        return json.dumps([full.get(key) for key in TRAINED_BY], sort_keys=True, default=str)

    @property
    def test_images(self) -> str:
        """What tells its test images from others; its own path where it does not say."""
        told = self.metrics.get("data", {}).get("test_images") or {"path": str(self.path)}
        return json.dumps([told, [line["class"] for line in self.metrics["per_class"]]], sort_keys=True)

    @cached_property
    def measures(self) -> Mapping[str, float]:
        """Every number of its metrics by dotted path."""
        return measures(self.metrics)

    @cached_property
    def answers(self) -> Answers:
        """What it predicted for every test image; raises ConfigError where predictions.csv cannot be read."""
        return read_answers(self.folder.predictions)

    @cached_property
    def history(self) -> Sequence[Mapping[str, float]]:
        """One row per epoch."""
        return self.folder.read_history()

    @cached_property
    def validation(self) -> str | None:
        """A digest of which images validated it, None where it does not say."""
        try:
            held_out = json.loads(self.folder.split.read_text(encoding="utf-8"))["validation"]
            if held_out and "content" in held_out:
                return str(held_out["content"]["sha256"])
        except (OSError, ValueError, KeyError, TypeError):
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
    runs: tuple[Run, ...]
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
        return int(self.runs[0].metrics["images"])

    @property
    def classes(self) -> Sequence[str]:
        """Names of the classes."""
        return [str(line["class"]) for line in self.runs[0].metrics["per_class"]]

    @cached_property
    def answers(self) -> Answers:
        """What most of its runs predict for every test image; raises ConfigError as `Run.answers` does."""
        return majority([run.answers for run in self.runs])

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
        low, high = self.runs[0].metrics["accuracy_interval"]
        return float(low), float(high)


def read_run(path: Path) -> Run | LeftOut:
    """Return the run at `path`, or why it cannot be compared."""
    folder = RunDir(path)
    try:
        status = folder.read_status()
        metrics = folder.read_metrics()
        config = yaml.safe_load(read_bytes(folder.config).decode("utf-8"))
        config = checked(folder.config, config, CONFIG)
        folder.read_history()
    except Unreadable as e:
        return LeftOut(path, str(e).removeprefix(f"{path}: ").removeprefix(f"{path}/"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return LeftOut(path, f"{folder.config.name}: cannot be read")
    if status.get("state") != "done":
        reason = status.get("reason")
        return LeftOut(path, f"{status.get('state', 'unknown')}" + (f": {reason}" if reason else ""))
    lacking = [key for key in MEASURED if key not in (metrics or {})]
    if metrics is None or lacking:
        return LeftOut(path, f"metrics.json has no {', '.join(lacking)}")
    return Run(path, config, status, metrics)
