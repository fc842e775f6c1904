"""What a sink is: a place besides the run folder that a run is reported to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cnnbench.training.monitor import Row


class Sink(Protocol):
    """Takes what a run has so far; it remembers itself what it was told, so that it can be told again after a failure.

    `name` is that of `--track`, `failure` what to say where it raises, such as "could not be reached".
    """

    name: str
    failure: str

    def update(self, history: Sequence[Row]) -> None:
        """Take the configuration, where it has not got it, and the epochs it has not got."""

    def finish(self, history: Sequence[Row]) -> None:
        """Take the rest from the run folder: last epochs, state, test results, plots and model."""
