"""The folder of a study: its runs, by what decides their numbers, and what is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cnnbench.config.schema import Config
from cnnbench.studies.file import Scale
from cnnbench.sweep.define.identity import identity


@dataclass(frozen=True)
class StudyDir:
    """Paths of a study's folder, `outputs/<study>`, of the small scale `outputs/<study>-small`."""

    path: Path

    @classmethod
    def of(cls, root: Path, name: str, scale: Scale) -> StudyDir:
        """Return the folder of a study at a scale."""
        return cls(root / (name if scale == "full" else f"{name}-{scale}"))

    def run(self, config: Config, seed: int) -> Path:
        """Return the folder of a run; rows that ask for the same numbers share it."""
        return self.path / "runs" / identity(config) / f"seed-{seed}"

    @property
    def page(self) -> Path:
        """The page."""
        return self.path / "report.html"

    @property
    def markdown(self) -> Path:
        """The table for a text."""
        return self.path / "results.md"

    @property
    def csv(self) -> Path:
        """The table for a program, a line per published number and claim."""
        return self.path / "results.csv"
