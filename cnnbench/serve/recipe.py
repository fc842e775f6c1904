"""What it takes to make the application, in this process or in a replica on another machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from cnnbench.machine.runtime import Backend
from cnnbench.serve.app import application
from cnnbench.serve.limits import Limits
from cnnbench.serve.served import open_served


@dataclass(frozen=True)
class Recipe:
    """A run's folder and what was asked for; `most` and `wait` are those of batches, `wait` in seconds."""

    run: Path
    backend: Backend | None
    most: int
    limits: Limits
    wait: float
    token: str | None

    def application(self, show: Callable[[str], None] = lambda _: None) -> FastAPI:
        """Open the run and return its application; raises ConfigError, DataError."""
        served = open_served(self.run, self.backend, self.most, show)
        return application(served, self.limits, self.wait, self.token)
