"""How a run is carried out, as opposed to what it computes."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from cnnbench.config.schema import Config
from cnnbench.machine.runtime import Backend
from cnnbench.runs.folder import RunDir
from cnnbench.training.observer import Observer, Silent

# Puts somebody beside the observer of a run, from its begin to its end, such as the sinks it is also reported to.
Watch = Callable[[RunDir, Config, Observer], AbstractContextManager[Observer]]


def unwatched(run: RunDir, config: Config, observer: Observer) -> AbstractContextManager[Observer]:
    """Let the observer alone watch the run."""
    return nullcontext(observer)


@dataclass(frozen=True)
class Options:
    """How a run is carried out, as opposed to what it computes.

    `folder` is the run folder itself, for who gives it a name; else one is created below `output`. `report` draws plots
    and page at the end. `watch` is who else watches it. `changes` are the `key.path=value`
    that made the configuration out of its file; they are written down. `like` is another run's folder, whose images a
    new run is to use. `clock` gives the seconds of `train.budget_minutes`.
    """

    output: Path = Path("outputs")
    folder: Path | None = None
    resume: Path | None = None
    smoke: bool = False
    offline: bool = False
    backend: Backend | None = None
    command: str | None = None
    report: bool = True
    changes: tuple[str, ...] = ()
    like: Path | None = None
    observer: Observer = field(default_factory=Silent)
    watch: Watch = unwatched
    clock: Callable[[], float] = time.monotonic
