"""Runs of the same repeats or sweep use the same images, also where the data have changed between them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cnnbench.catalogue.sources import with_options
from cnnbench.config.load import load_run_config
from cnnbench.config.schema import Data
from cnnbench.data.record import Record, read_record
from cnnbench.errors import ConfigError
from cnnbench.runs.folder import RunDir

# What decides which images there are to train, validate and test on; the others tell how to divide and prepare them.
IMAGES = ("source", "path", "test", "split_seed", "subset", "on_bad_image", *with_options())


def sibling(runs: Iterable[Path], data: Data) -> Path | None:
    """Return the first of the run folders that has recorded images which `data` asks for too, None where none has."""
    return next((path for path in runs if _uses(RunDir(path), data)), None)


def recorded(path: Path | None) -> Record | None:
    """Return what the run in a folder recorded of its data, None where there is no run or it has not come that far."""
    return None if path is None else read_record(RunDir(path))


def _uses(run: RunDir, data: Data) -> bool:
    if not run.split.exists():
        return False
    try:
        other = load_run_config(run.config).data
    except ConfigError:  # damaged, which is not what this is about
        return False
    return all(getattr(other, key) == getattr(data, key) for key in IMAGES)
