"""What a training tells whoever watches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cnnbench.training.monitor import Row


@dataclass(frozen=True)
class Progress:
    """Where a training is: epochs and steps count from 1.

    `learning_rate` is that of the step, `val_accuracy` the last epoch's, None before there is one.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    accuracy: float
    val_accuracy: float | None
    learning_rate: float
    images_per_second: float
    seconds_left: float | None


class Observer(Protocol):
    """Watches a training; called from the training's own thread, so it must be quick.

    `notes` is what a run's status is to tell of the watching itself.
    """

    @property
    def notes(self) -> Sequence[str]:
        """See above."""

    def on_stage(self, text: str) -> None:
        """Something that takes a while begins, such as reading data."""

    def on_step(self, progress: Progress) -> None:
        """A step has ended."""

    def on_epoch(self, progress: Progress, row: Row) -> None:
        """An epoch has ended; `row` is what history.csv got."""

    def on_note(self, text: str) -> None:
        """Something is worth a line and does not stop the run."""


class Silent:
    """An observer that shows nothing."""

    notes: Sequence[str] = ()

    def on_stage(self, text: str) -> None:
        """Ignore the stage."""

    def on_step(self, progress: Progress) -> None:
        """Ignore the step."""

    def on_epoch(self, progress: Progress, row: Row) -> None:
        """Ignore the epoch."""

    def on_note(self, text: str) -> None:
        """Ignore the note."""
