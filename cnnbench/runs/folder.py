"""The run folder: the only file that knows the names of the files in it."""

from __future__ import annotations

import csv
import errno
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbench.errors import ConfigError, DataError, OutputError, first_line
from cnnbench.files.checked import checked, read_bytes, read_json
from cnnbench.files.whole import appears, new_folder, unwritable
from cnnbench.runs import written

CONFIG = "config.yaml"
STATUS = "status.json"
METRICS = "metrics.json"


@dataclass(frozen=True)
class RunDir:
    """Paths of one run folder, and reading them back."""

    path: Path

    @property
    def config(self) -> Path:
        """The resolved configuration; runs again as it is."""
        return self.path / CONFIG

    @property
    def environment(self) -> Path:
        """Versions, devices, git commit and command."""
        return self.path / "environment.json"

    @property
    def status(self) -> Path:
        """State, epoch and why the run ended."""
        return self.path / STATUS

    @property
    def history(self) -> Path:
        """One row per epoch."""
        return self.path / "history.csv"

    @property
    def learning_rate(self) -> Path:
        """Learning rate by epochs gone, of a schedule that moves it within epochs; no file of others."""
        return self.path / "learning_rate.csv"

    @property
    def metrics(self) -> Path:
        """Everything measured on the test split."""
        return self.path / METRICS

    @property
    def predictions(self) -> Path:
        """Index, true class, predicted class and probabilities of every test image."""
        return self.path / "predictions.csv"

    @property
    def confusion_matrix(self) -> Path:
        """Counts; rows are true classes, columns predicted ones."""
        return self.path / "confusion_matrix.csv"

    @property
    def classification_report(self) -> Path:
        """Precision, recall, F1 and support per class as text."""
        return self.path / "classification_report.txt"

    @property
    def split(self) -> Path:
        """Which images were held out."""
        return self.path / "split.json"

    @property
    def layers(self) -> Path:
        """Layer, output shape, parameters and MACs."""
        return self.path / "layers.json"

    @property
    def model(self) -> Path:
        """The trained model with its preprocessing."""
        return self.path / "model.keras"

    @property
    def samples(self) -> Path:
        """Test images the report shows (`samples.npz`: images, indices, kinds)."""
        return self.path / "samples.npz"

    @property
    def augmentation(self) -> Path:
        """Training images before and after augmentation (`augmentation.npz`: before, after)."""
        return self.path / "augmentation.npz"

    @property
    def last_checkpoint(self) -> Path:
        """State after the last finished epoch; what `--resume` needs."""
        return self.path / "checkpoints" / "last.npz"

    @property
    def best_checkpoint(self) -> Path:
        """State after the best epoch."""
        return self.path / "checkpoints" / "best.npz"

    @property
    def plots(self) -> Path:
        """Folder of PNG files."""
        return self.path / "plots"

    @property
    def report(self) -> Path:
        """The self-contained page."""
        return self.path / "report.html"

    def remove_results(self) -> None:
        """Remove what was measured and drawn, which going on will replace, and what a kill left half-written."""
        measured = (self.metrics, self.predictions, self.samples, self.confusion_matrix, self.classification_report)
        for path in (*measured, self.report, *self.path.rglob(".*.part*")):
            try:
                path.unlink(missing_ok=True)
            except OSError as e:
                raise OutputError(f"{path}: cannot be removed ({e.strerror})") from e

    def read_status(self) -> dict[str, Any]:
        """Return `status.json`; raises ConfigError where the folder is not a run, DataError where it is damaged."""
        return self._read(self.status, written.STATUS)

    def read_environment(self) -> dict[str, Any]:
        """Return `environment.json`, or {} where the run has not come that far; raises DataError."""
        return self._read(self.environment, written.ENVIRONMENT) if self.environment.exists() else {}

    def read_metrics(self) -> dict[str, Any] | None:
        """Return `metrics.json`, or None where the run has not been evaluated; raises DataError."""
        return self._read(self.metrics, written.METRICS) if self.metrics.exists() else None

    def read_all_metrics(self) -> dict[str, Any] | None:
        """Return `metrics.json` as `read_metrics` does; raises DataError also where a measure of a test is missing."""
        found = self.read_metrics()
        return None if found is None else checked(self.metrics, found, written.MEASURED)

    def read_layers(self) -> dict[str, Any]:
        """Return `layers.json`; raises ConfigError where there is none, DataError where it is damaged."""
        return self._read(self.layers, written.LAYERS)

    def read_split(self) -> dict[str, Any]:
        """Return `split.json`, or {} where the run has not come that far; raises DataError."""
        return self._read(self.split, written.SPLIT) if self.split.exists() else {}

    def read_history(self) -> list[dict[str, float]]:
        """Return one mapping per epoch, column name to number; empty cells are left out. Raises DataError."""
        return self._read_numbers(self.history, "epoch")

    def read_rates(self) -> list[dict[str, float]]:
        """Return `epoch` (how many have gone) and `learning_rate` of some steps, in order. Raises DataError."""
        return self._read_numbers(self.learning_rate, "epoch", "learning_rate")

    def _read_numbers(self, path: Path, *columns: str) -> list[dict[str, float]]:
        if not path.exists():
            return []
        try:
            rows = csv.DictReader(io.StringIO(read_bytes(path).decode("utf-8"), newline=""))
            found = [{k: float(v) for k, v in row.items() if v != ""} for row in rows]
        except (ValueError, TypeError, csv.Error) as e:
            raise DataError(f"{path}: not a table of numbers ({first_line(e)})") from None
        if any(column not in row for row in found for column in columns):
            raise DataError(f"{path}: not a table of epochs (one has no {' or no '.join(columns)})")
        return found

    def _read(self, path: Path, wanted: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return read_json(path, wanted)
        except FileNotFoundError:
            raise ConfigError(f"{self.path}: not a run folder (it has no {path.name})") from None


def create(root: Path, name: str, config_text: str) -> RunDir:
    """Create `root/name/<time>-<hash>/` holding `config.yaml` atomically and return it.

    The folder appears with its configuration inside or not at all; runs started in the same second differ in the
    hash, which is drawn from the configuration and a random number. Raises OutputError.
    """
    return RunDir(new_folder(root / name, {CONFIG: config_text}))


def create_at(path: Path, config_text: str) -> RunDir:
    """Create the run folder `path` holding `config.yaml`, atomically; raises OutputError, also where it is there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not appears(path, {CONFIG: config_text}):
            raise FileExistsError(errno.EEXIST, "it is there already")
    except OSError as e:
        raise unwritable(path, e) from e
    return RunDir(path)
