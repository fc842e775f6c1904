"""The run folder: the only file that knows the names of the files in it.

Every file appears whole or not at all: written beside, flushed to disk, renamed.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cnnbench import written
from cnnbench.age import age
from cnnbench.csv_text import as_csv
from cnnbench.errors import ConfigError, DataError, OutputError, first_line

CONFIG = "config.yaml"
STATUS = "status.json"
METRICS = "metrics.json"


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; on success it is flushed to disk and renamed to `path`.

    Raises OutputError where the disk is full or the place cannot be written to.
    """
    part = path.parent / f".{path.stem}.{secrets.token_hex(4)}.part{path.suffix}"
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        with part.open("rb+") as f:
            os.fsync(f.fileno())
        part.replace(path)
    except OSError as e:
        raise _unwritable(path, e) from e
    finally:
        with suppress(OSError):
            part.unlink()


def _unwritable(path: Path, error: OSError) -> OutputError:
    reason = f"{path.parent} is not a folder" if isinstance(error, FileExistsError) else error.strerror
    return OutputError(f"{path}: cannot be written ({reason or first_line(error)})")


def refuse_gone(folder: Path) -> None:
    """Raise OutputError where a folder of results is there no more: it would come back with one file in it."""
    if not folder.is_dir():
        raise OutputError(f"{folder}: cannot be written to (it is gone: moved away or removed)")


def own_folder(folder: Path, *names: str) -> Path:
    """Return the folder of this name inside a folder of results, created where it is not there yet.

    Raises OutputError where it is a link, for what that leads to belongs to somebody else.
    """
    refuse_gone(folder)
    for name in names:
        refuse_link(folder := folder / name)
        try:
            folder.mkdir(exist_ok=True)
        except FileExistsError:
            raise OutputError(f"{folder}: cannot be written to (it is not a folder)") from None
        except OSError as e:
            raise _unwritable(folder, e) from e
    return folder


def refuse_link(*paths: Path) -> None:
    """Raise OutputError where one of the names inside a folder of results is a link, which may lead out of it."""
    for path in paths:
        if path.is_symlink():
            raise OutputError(f"{path}: cannot be written to (it is a link, and may lead out of {path.parent})")


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` as a whole; bytes of a file name that are no UTF-8 become an escape."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8", errors="backslashreplace")


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON; NaN and infinity become null."""
    write_text(path, json.dumps(_finite(value), indent=2, ensure_ascii=False) + "\n")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV table with a header row, text in it guarded against spreadsheets."""
    write_text(path, as_csv(header, rows))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, Mapping):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return value


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
        return None if found is None else written.checked(self.metrics, found, written.MEASURED)

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
            rows = csv.DictReader(io.StringIO(written.read_bytes(path).decode("utf-8"), newline=""))
            found = [{k: float(v) for k, v in row.items() if v != ""} for row in rows]
        except (ValueError, TypeError, csv.Error) as e:
            raise DataError(f"{path}: not a table of numbers ({first_line(e)})") from None
        if any(column not in row for row in found for column in columns):
            raise DataError(f"{path}: not a table of epochs (one has no {' or no '.join(columns)})")
        return found

    def _read(self, path: Path, wanted: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return written.read_json(path, wanted)
        except FileNotFoundError:
            raise ConfigError(f"{self.path}: not a run folder (it has no {path.name})") from None


def create(root: Path, name: str, config_text: str) -> RunDir:
    """Create `root/name/<time>-<hash>/` holding `config.yaml` atomically and return it.

    The folder appears with its configuration inside or not at all; runs started in the same second differ in the
    hash, which is drawn from the configuration and a random number. Raises OutputError.
    """
    return RunDir(new_folder(root / name, {CONFIG: config_text}))


def new_folder(parent: Path, files: Mapping[str, str]) -> Path:
    """Create `parent/<time>-<hash>/` holding these text files, atomically, and return it; raises OutputError."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        while (path := _named_folder(parent, files)) is None:
            pass
    except OSError as e:
        raise _unwritable(parent, e) from e
    return path


def _named_folder(parent: Path, files: Mapping[str, str]) -> Path | None:
    """Return a new folder below `parent` with the files inside, or None where its name is taken."""
    digest = hashlib.sha256((secrets.token_hex(8) + "".join(files.values())).encode()).hexdigest()[:8]
    path = parent / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{digest}"
    return path if _appears(path, files) else None


def _appears(path: Path, files: Mapping[str, str]) -> bool:
    """Create a folder with the files inside; return False where its name is taken."""
    part = Path(tempfile.mkdtemp(prefix=".new-", dir=path.parent))
    try:
        part.chmod(0o755)
        for name, text in files.items():
            write_text(part / name, text)
        part.rename(path)
    except OSError:
        if not path.exists():
            raise
        return False
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return True


def create_at(path: Path, config_text: str) -> RunDir:
    """Create the run folder `path` holding `config.yaml`, atomically; raises OutputError, also where it is there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not _appears(path, {CONFIG: config_text}):
            raise FileExistsError(errno.EEXIST, "it is there already")
    except OSError as e:
        raise _unwritable(path, e) from e
    return RunDir(path)


def find_runs(root: Path) -> list[RunDir]:
    """Return every run below `root`, oldest first; those of one repetition in the order of their numbers."""
    inside = [p.relative_to(root) for p in root.glob(f"**/{CONFIG}")]
    found = [root / p for p in inside if not any(part.startswith(".") for part in p.parts)]
    return [RunDir(p.parent) for p in sorted(found, key=age)]
