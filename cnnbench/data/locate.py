"""Finding the named data sets: in data.path, then $CNNBENCH_DATA, then Keras' own cache."""

from __future__ import annotations

import os
from pathlib import Path

from cnnbench.catalogue.sources import Published
from cnnbench.errors import DataError, MissingData


def keras_cache() -> Path:
    """Return the folder Keras downloads data sets to, which follows $KERAS_HOME."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def download_folder() -> Path:
    """Return where downloads go: $CNNBENCH_DATA where it is set, else Keras' cache."""
    given = os.environ.get("CNNBENCH_DATA")
    return Path(given) if given else keras_cache()


def places(path: str | None) -> list[tuple[str, Path | None]]:
    """Return the three places, each with what it is called and the folder, None where it is not set."""
    given = os.environ.get("CNNBENCH_DATA")
    return [
        ("data.path", Path(path).expanduser() if path else None),
        ("$CNNBENCH_DATA", Path(given) if given else None),
        ("Keras' cache", keras_cache()),
    ]


def find(published: Published, path: str | None) -> Path | None:
    """Return the folder with all files of a named data set, or None.

    `path` may be the place that holds the set, its own folder, or its single file.
    """
    for _, place in places(path):
        if place is None:
            continue
        if place.is_file() and published.files == (place.name,):
            return place.parent
        for folder in (*published.folders, "."):
            if all((place / folder / f).is_file() for f in published.files):
                return place / folder
    return None


def not_found(name: str, published: Published, path: str | None, reason: str) -> DataError:
    """Return the error that names the three places and what to put there."""
    looked = "; ".join(f"{what}: {place or 'not set'}" for what, place in places(path))
    return MissingData(
        f"{name}: not found and not downloaded ({reason}); looked in {looked}; put there {published.about}"
    )
