"""What a training is given besides network and data, and what it says when it is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cnnbench.machine.interrupt import StopRequest
from cnnbench.training.monitor import Row
from cnnbench.training.observer import Observer


@dataclass(frozen=True)
class Keep:
    """Where a training writes to: its checkpoints, and what takes history and learning rates.

    `write_rates` takes points (epochs gone, learning rate) and how many epochs are done already; `note` the number of
    epochs that are checkpointed. With `resume` the training goes on after the last checkpoint, and `clear` removes what
    was measured and drawn before, once the checkpoint has turned out to be good.
    """

    last: Path
    best: Path
    write_history: Callable[[Sequence[Row]], None]
    write_rates: Callable[[Sequence[tuple[float, float]], int], None]
    note: Callable[[int], None]
    clear: Callable[[], None]
    resume: bool = False


@dataclass(frozen=True)
class Course:
    """Who watches a training, what asks it to stop, and what it keeps; nothing where another process does.

    `clock` gives the seconds of a budget of time.
    """

    observer: Observer
    stop: StopRequest
    keep: Keep | None = None
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Fitted:
    """How a training ended: `kept` says which weights the model holds now, those of `kept_epoch` if it is any.

    `notes` say what was done besides. `measured` has what a row of the history has, of a training without epochs:
    seconds, and accuracy on training images.
    """

    history: Sequence[Row]
    best_epoch: int | None
    kept_epoch: int | None
    monitor: str
    reason: str
    kept: str
    notes: Sequence[str] = ()
    measured: Mapping[str, float] = field(default_factory=dict)
