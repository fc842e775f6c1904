"""What a folder of repeats holds, read back: the plan and the runs as far as they have come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnbench.errors import DataError
from cnnbench.runs.parents import RepeatsDir
from cnnbench.runs.plan import read_plan
from cnnbench.runs.run import Run
from cnnbench.runs.status import STATUS


@dataclass(frozen=True)
class Repeats:
    """Everything that summary and report of repeated runs are made of."""

    folder: RepeatsDir
    plan: Mapping[str, Any]
    status: Mapping[str, Any]
    children: Sequence[Run]

    @property
    def finished(self) -> Sequence[Run]:
        """The runs that have been trained and tested."""
        return [child for child in self.children if child.is_done]

    @property
    def count(self) -> str:
        """How many of the runs have finished: "5 runs" or "4 of 5 runs"."""
        done, wanted = len(self.finished), len(self.children)
        return f"{wanted} runs" if done == wanted else f"{done} of {wanted} runs"


def read_repeats(folder: RepeatsDir) -> Repeats:
    """Read a folder of repeats; raises ConfigError for files that cannot be read, DataError for runs that do not match.

    Runs do not match where they were tested on different images, as when files changed between them.
    """
    plan = read_plan(folder.plan)
    children = [Run(folder.child(name)) for name in plan["children"]]
    found = Repeats(folder, plan, STATUS.read(folder.status), children)
    tested = {child.path.name: child.metrics["data"]["test_images"] for child in found.finished if child.metrics}
    differing = [name for name, images in tested.items() if images != next(iter(tested.values()))]
    if differing:
        raise DataError(f"{folder.path}: {differing[0]} was tested on other images than {next(iter(tested))}")
    return found
