"""Folders that hold many runs: the only file that knows the names of the files in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ParentDir:
    """What every such folder has."""

    path: Path

    @property
    def status(self) -> Path:
        """State, why it ended, and the process that works or worked on it."""
        return self.path / "status.json"

    @property
    def report(self) -> Path:
        """The page."""
        return self.path / "report.html"

    @property
    def plots(self) -> Path:
        """Folder of PNG files."""
        return self.path / "plots"


@dataclass(frozen=True)
class RepeatsDir(ParentDir):
    """Paths of one configuration's repeats, `outputs/<name>/<time>-<hash>/`."""

    @property
    def plan(self) -> Path:
        """What is repeated: kind, values and the folders of the children; there before the first one runs."""
        return self.path / "repeats.json"

    @property
    def base(self) -> Path:
        """The resolved configuration that the children differ from in seed or fold."""
        return self.path / "base.yaml"

    @property
    def summary(self) -> Path:
        """Mean, standard deviation and interval of every metric."""
        return self.path / "summary.json"

    @property
    def curves(self) -> Path:
        """Mean, lowest and highest value of each curve per epoch."""
        return self.path / "curves.csv"

    def child(self, name: str) -> Path:
        """Return the run folder of one repeat, such as "seed-3" or "fold-1"."""
        return self.path / name


@dataclass(frozen=True)
class SweepDir(ParentDir):
    """Paths of one sweep, `outputs/<name>/`."""

    @property
    def sweep(self) -> Path:
        """The sweep file, complete in itself."""
        return self.path / "sweep.yaml"

    @property
    def study(self) -> Path:
        """Optuna's study, SQLite."""
        return self.path / "study.db"

    @property
    def kept(self) -> Path:
        """The trials as last seen from here, where the study lies elsewhere."""
        return self.path / "trials.json"

    @property
    def trials(self) -> Path:
        """Folder of the trials, a folder per point."""
        return self.path / "trials"

    @property
    def leaderboard(self) -> Path:
        """Every trial, ranked."""
        return self.path / "leaderboard.csv"

    @property
    def best(self) -> Path:
        """The best trial's configuration, ready to run."""
        return self.path / "best.yaml"

    def values(self, point: str) -> Path:
        """Return the file that says where in the space a point is."""
        return self.trials / point / "values.json"

    def run(self, point: str, seed: int) -> Path:
        """Return the run folder of one training of a point."""
        return self.trials / point / f"seed-{seed}"

    def runs_of(self, point: str) -> list[Path]:
        """Return the run folders of a point's trainings that have begun, by their seeds."""
        return sorted((path for path in (self.trials / point).glob("seed-*") if path.is_dir()), key=_seed)


def _seed(folder: Path) -> tuple[int, str]:
    number = folder.name.removeprefix("seed-")
    return (int(number) if number.isdigit() else -1), folder.name
