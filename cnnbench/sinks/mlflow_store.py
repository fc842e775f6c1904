"""MLflow's SQLite file beside the run folders: made whole by one process while the others wait."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cnnbench.files.sqlite import sqlite_url
from cnnbench.files.whole import whole_file


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one process after the other look and create: runs of a sweep begin at the same time."""
    with (folder / ".mlflow.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def prepared(uri: str) -> Iterator[None]:
    """Begin a run at MLflow, alone where that is an SQLite file, whose tables are then all there; a server has its own.

    MLflow makes the tables of a new file in a hundred steps, which another process, or a kill, must not come between.
    """
    from sqlalchemy.engine import make_url

    file = make_url(uri).database if uri.startswith("sqlite:") else None
    if not file or file == ":memory:":
        yield
        return
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    with alone(path.parent):
        try:
            if not path.exists():
                _make(path)
            yield
        finally:
            _remove_empty(Path(uri.removeprefix("sqlite:///")).parent)


def _make(path: Path) -> None:
    from mlflow.tracking import MlflowClient

    with whole_file(path) as part:
        MlflowClient(tracking_uri=sqlite_url(part)).search_experiments(max_results=1)


def _remove_empty(folder: Path) -> None:
    """Remove the folder that MLflow makes of an address as it is written, with %3F for a question mark."""
    while "%" in str(folder):
        with suppress(OSError):
            folder.rmdir()
        folder = folder.parent
