"""What is profiled: the training of a configuration, prepared up to its first step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from cnnbench.config.schema import Config
from cnnbench.profiling.clock import Spread, Work

WHOLE = "whole step"


class Subject(Protocol):
    """A training whose steps can be taken one by one; `images` is how many there are to train on."""

    config: Config
    images: int

    @property
    def about(self) -> Mapping[str, Any]:
        """What it is computed on."""

    def parts(self) -> Mapping[str, Work]:
        """Return what is timed of a step, in its order."""

    def told(self, times: Mapping[str, Spread]) -> Mapping[str, Spread]:
        """Return the parts of a step out of what was timed of them."""

    def layers(self) -> Sequence[tuple[str, str, Work]]:
        """Return name, kind and work of each layer, and nothing where they cannot be timed one by one."""

    def step(self, batch_size: int) -> Work:
        """Return a training step of so many images."""

    def peak_bytes(self, work: Work) -> int | None:
        """Return the most memory that is taken while it works, None where nobody says."""
