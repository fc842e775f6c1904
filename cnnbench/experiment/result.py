"""What a finished run returns to Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbench.config.schema import Config
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run


@dataclass(frozen=True)
class Result:
    """A run's results, read from its folder; `metrics` is measured on the test split.

    `history` has one mapping per epoch, column name to number.
    """

    path: Path
    config: Config
    status: Mapping[str, Any]
    history: Sequence[Mapping[str, float]]
    metrics: Mapping[str, Any]

    @classmethod
    def read(cls, run: RunDir, config: Config) -> Result:
        """Read a finished run's folder."""
        told = Run(run.path)
        return cls(run.path, config, told.status, told.history, told.metrics or {})

    @property
    def accuracy(self) -> float:
        """Accuracy on the test split."""
        return float(self.metrics["accuracy"])

    @property
    def report(self) -> Path:
        """The page with everything to look at."""
        return RunDir(self.path).report

    def load_model(self) -> Any:
        """Return the trained Keras model; it takes pixel values 0..255, shape (n, H, W, C), and normalises itself."""
        from cnnbench.machine import runtime
        from cnnbench.model.archive import load_model

        runtime.start()
        return load_model(RunDir(self.path).model)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "path": str(self.path),
            "report": str(self.report),
            "status": dict(self.status),
            "metrics": dict(self.metrics),
        }
