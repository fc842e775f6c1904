"""`split.json`: which images a run uses for what, written when it begins and read by all that look at it later."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cnnbench.catalogue.sources import with_options
from cnnbench.config.load import load_run_config
from cnnbench.config.schema import Data
from cnnbench.data.record import Record, record_of
from cnnbench.errors import ConfigError, DataError
from cnnbench.files.checked import WHOLE, Kind, mistake
from cnnbench.runs.folder import RunDir
from cnnbench.runs.json_file import JsonFile

PART = Kind(
    "a split", lambda value: value is None or mistake(value, {"images": WHOLE, "per_class": {"*": WHOLE}}) is None
)

SPLIT = JsonFile({"train?": PART, "validation?": PART, "test?": PART})

# What decides which images there are to train, validate and test on; the others tell how to divide and prepare them.
IMAGES = ("source", "path", "test", "split_seed", "subset", "on_bad_image", *with_options())


def recorded(path: Path | None) -> Record | None:
    """Return what the run in a folder recorded of its data, None where there is no run or it has not come that far.

    Raises DataError where the file is damaged.
    """
    if path is None or not (split := RunDir(path).split).exists():
        return None
    found = SPLIT.read(split)
    try:
        return record_of(found, path)
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise DataError(f"{split}: does not say which images the run uses ({type(e).__name__}: {e})") from None


def sibling(runs: Iterable[Path], data: Data) -> Path | None:
    """Return the first of the run folders that has recorded images which `data` asks for too, None where none has.

    Runs of the same repeats or sweep use the same images, also where the data have changed between them.
    """
    return next((path for path in runs if _uses(RunDir(path), data)), None)


def _uses(run: RunDir, data: Data) -> bool:
    if not run.split.exists():
        return False
    try:
        other = load_run_config(run.config).data
    except ConfigError:  # damaged, which is not what this is about
        return False
    return all(getattr(other, key) == getattr(data, key) for key in IMAGES)
