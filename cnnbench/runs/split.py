"""`split.json`: which images a run uses for what, written when it begins and read by all that look at it later."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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


def images_of(data: Data) -> str:
    """Return what `data` says of which images there are: the same text for all that use the same."""
    return data.model_dump_json(include=set(IMAGES))


class Siblings:
    """Runs by the images that they have recorded, of folders that become more; each is read once.

    Runs of the same repeats or sweep use the same images, also where the data have changed between them.
    """

    def __init__(self, runs: Callable[[], Iterable[Path]]) -> None:
        self._runs = runs
        self._read: set[Path] = set()
        self._first: dict[str, Path] = {}

    def of(self, data: Data) -> Path | None:
        """Return a run that has recorded images which `data` asks for too, None where none has."""
        wanted = images_of(data)
        if wanted not in self._first:
            for path in self._runs():
                if path not in self._read and self._note(path) == wanted:
                    break
        return self._first.get(wanted)

    def _note(self, path: Path) -> str | None:
        run = RunDir(path)
        if not run.split.exists():
            return None  # it has not come that far yet
        self._read.add(path)
        try:
            images = images_of(load_run_config(run.config).data)
        except ConfigError:  # damaged, which is not what this is about
            return None
        self._first.setdefault(images, path)
        return images


def sibling(runs: Iterable[Path], data: Data) -> Path | None:
    """Return the first of the run folders that has recorded images which `data` asks for too, None where none has."""
    return Siblings(lambda: runs).of(data)
