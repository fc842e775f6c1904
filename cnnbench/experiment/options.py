"""How a run is carried out, as opposed to what it computes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.training.observer import Observer, Silent

if TYPE_CHECKING:
    from cnnbench.machine.runtime import Backend


@dataclass(frozen=True)
class Options:
    """How a run is carried out, as opposed to what it computes.

    `folder` is the run folder itself, for who gives it a name; else one is created below `output`. `report` draws plots
    and page at the end. `track` names the sinks that the run is also reported to. `changes` are the `key.path=value`
    that made the configuration out of its file; they are written down. `like` is another run's folder, whose images a
    new run is to use.
    """

    output: Path = Path("outputs")
    folder: Path | None = None
    resume: Path | None = None
    smoke: bool = False
    offline: bool = False
    backend: Backend | None = None
    command: str | None = None
    report: bool = True
    track: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    like: Path | None = None
    observer: Observer = field(default_factory=Silent)
