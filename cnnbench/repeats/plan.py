"""What is repeated: a configuration with other seeds, or on other folds of its training images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cnnbench.config.load import dump_yaml, load_run_config
from cnnbench.config.schema import Config, Fold
from cnnbench.runs.named import stands_for
from cnnbench.runs.parents import RepeatsDir
from cnnbench.runs.plan import CHILD, create_repeats
from cnnbench.runs.plan import read_plan as read_repeats_plan

Kind = Literal["seeds", "folds"]
MOST = 1_000  # runs: a mistyped number must not plan for ever


@dataclass(frozen=True)
class Plan:
    """The runs that belong together: `values` are their seeds, or the numbers of their folds, from 1.

    `base` is the configuration that they differ from in seed or fold alone, `changes` what makes it out of its file.
    """

    kind: Kind
    values: Sequence[int]
    base: Config
    smoke: bool = False
    backend: str | None = None
    track: tuple[str, ...] = ()
    command: str | None = None
    changes: tuple[str, ...] = ()

    @property
    def children(self) -> dict[str, Config]:
        """Name of each run's folder and what is run there."""
        return {f"{CHILD[self.kind]}-{value}": self._config_of(value) for value in self.values}

    def _config_of(self, value: int) -> Config:
        if self.kind == "seeds":
            return self.base.model_copy(update={"seed": value})
        return with_fold(self.base, Fold(index=value, of=len(self.values)))


def with_fold(config: Config, fold: Fold | None) -> Config:
    """Return the configuration with this fold for validation."""
    return config.model_copy(update={"data": config.data.model_copy(update={"fold": fold})})


def create_parent(root: Path, plan: Plan) -> RepeatsDir:
    """Create `root/<name>/<time>-<hash>/` with the plan inside, atomically; raises OutputError."""
    return create_repeats(root / plan.base.name, _as_json(plan), dump_yaml(plan.base))


def _as_json(plan: Plan) -> dict[str, Any]:
    return {
        "kind": plan.kind,
        "values": list(plan.values),
        "children": list(plan.children),
        "name": plan.base.name,
        "smoke": plan.smoke,
        "backend": plan.backend,
        "track": list(plan.track),
        "command": plan.command,
        "changes": list(plan.changes),
    }


def read_plan(parent: RepeatsDir) -> Plan:
    """Return the plan of a folder, to go on with it; raises ConfigError."""
    found = read_repeats_plan(parent.plan)
    return Plan(
        kind=found["kind"],
        values=found["values"],
        base=load_run_config(parent.base),
        smoke=bool(found.get("smoke")),
        backend=found.get("backend"),
        track=tuple(found.get("track") or ()),
        command=found.get("command"),
        changes=tuple(found.get("changes") or ()),
    )


def parent_at(path: Path) -> RepeatsDir | None:
    """Return the folder of repeats that `path` stands for, None where that is something else.

    Raises ConfigError where nothing is there.
    """
    found = stands_for(path)
    return RepeatsDir(found.path) if found.kind == "repeats" else None
