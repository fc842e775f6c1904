"""What is handed to an engine and what comes back: jobs, verdicts and events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

# "disk" and "data" are what failed around a training, so that it can go on once they are there again.
State = Literal["done", "pruned", "failed", "interrupted", "disk", "data"]


@dataclass(frozen=True)
class Job:
    """One run in a process of its own. Its run folder is `folder`; what it prints goes to `folder` + ".log".

    `config` is the resolved configuration as YAML. A folder that holds a stopped run is gone on with. With `judged`
    the run waits after each epoch for `Engine.answer`. `minutes` is its limit of wall time. `like` is another run whose
    images a new one is to use.
    """

    key: str
    folder: Path
    config: str
    smoke: bool = False
    offline: bool = False
    backend: str | None = None
    report: bool = True
    judged: bool = False
    minutes: float | None = None
    command: str | None = None
    track: tuple[str, ...] = ()
    like: Path | None = None


@dataclass(frozen=True)
class Epoch:
    """A job has finished an epoch; `row` is what its history.csv got."""

    job: Job
    row: Mapping[str, float]
    epochs: int


@dataclass(frozen=True)
class Ended:
    """A job is over. `log` is the tail of what it printed, empty where it is done; `seconds` its wall time."""

    job: Job
    state: State
    reason: str
    log: str
    seconds: float


Event = Epoch | Ended


class Engine(Protocol):
    """Runs jobs on `slots` places; used as a context manager, whose end leaves no process behind."""

    slots: int

    def start(self, job: Job) -> None:
        """Begin a job on a free slot."""

    def next_event(self, timeout: float) -> Event | None:
        """Return what happened next, None where nothing did for `timeout` seconds."""

    def answer(self, job: Job, go_on: bool) -> None:
        """Tell a judged job whether to go on after the epoch it has just finished."""

    def stop(self) -> None:
        """Ask every job to stop after what it has is saved; each then ends as interrupted."""
