"""What a folder of repeats holds, read back: the plan and the runs as far as they have come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnbench.errors import DataError
from cnnbench.repeats.plan import read_record
from cnnbench.runs.folder import RunDir
from cnnbench.runs.parents import RepeatsDir


@dataclass(frozen=True)
class Child:
    """One of the runs; `metrics` is None until it is finished."""

    name: str
    run: RunDir
    status: Mapping[str, Any]
    history: Sequence[Mapping[str, float]]
    metrics: Mapping[str, Any] | None

    @classmethod
    def read(cls, name: str, run: RunDir) -> Child:
        """Read a run's folder, which may not be there yet; raises ConfigError."""
        status = run.read_status() if run.status.exists() else {}
        metrics = run.read_metrics() if status.get("state") == "done" else None
        return cls(name, run, status, run.read_history(), metrics)

    @property
    def kept(self) -> Mapping[str, float]:
        """The row of the history whose weights were kept and tested; {} where none was."""
        return next((row for row in self.history if row["epoch"] == self.status.get("kept_epoch")), {})


@dataclass(frozen=True)
class Repeats:
    """Everything that summary and report of repeated runs are made of."""

    folder: RepeatsDir
    plan: Mapping[str, Any]
    status: Mapping[str, Any]
    children: Sequence[Child]

    @property
    def finished(self) -> Sequence[Child]:
        """The runs that have been trained and tested."""
        return [child for child in self.children if child.metrics is not None]

    @property
    def count(self) -> str:
        """How many of the runs have finished: "5 runs" or "4 of 5 runs"."""
        done, wanted = len(self.finished), len(self.children)
        return f"{wanted} runs" if done == wanted else f"{done} of {wanted} runs"


def read_repeats(folder: RepeatsDir) -> Repeats:
    """Read a folder of repeats; raises ConfigError for files that cannot be read, DataError for runs that do not match.

    Runs do not match where they were tested on different images, as when files changed between them.
    """
    plan = read_record(folder)
    status = RunDir(folder.path).read_status() if folder.status.exists() else {}
    children = [Child.read(name, RunDir(folder.child(name))) for name in plan["children"]]
    found = Repeats(folder, plan, status, children)
    tested = {child.name: child.metrics["data"]["test_images"] for child in found.finished if child.metrics}
    differing = [name for name, images in tested.items() if images != next(iter(tested.values()))]
    if differing:
        raise DataError(f"{folder.path}: {differing[0]} was tested on other images than {next(iter(tested))}")
    return found
