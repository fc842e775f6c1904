"""Finding the named data sets: in data.path, then $CNNBENCH_DATA, then Keras' own cache."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cnnbench.errors import DataError, MissingData


@dataclass(frozen=True)
class Layout:
    """The files of a data set and the folders of a place that may hold them, the original one first."""

    folders: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def about(self) -> str:
        """What to put into a place."""
        if self.folders[0] == ".":
            return ", ".join(self.files)
        return f"{self.folders[0]}/ with {', '.join(self.files)}"


IDX = tuple(f"{split}-{kind}-ubyte.gz" for split in ("train", "t10k") for kind in ("images-idx3", "labels-idx1"))
BATCHES = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")


def _cifar(folder: str) -> tuple[str, ...]:
    """Keras unpacks the archive into a folder of its own, named differently by different versions."""
    return folder, f"{folder}-target/{folder}", f"{folder}-target_extracted/{folder}"


LAYOUTS: dict[str, Layout] = {
    "mnist": Layout((".",), ("mnist.npz",)),
    "fashion_mnist": Layout(("fashion-mnist",), IDX),
    "cifar10": Layout(_cifar("cifar-10-batches-py"), BATCHES),
    "cifar100": Layout(_cifar("cifar-100-python"), ("train", "test")),
}


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


def find(name: str, path: str | None) -> Path | None:
    """Return the folder with all files of a named data set, or None.

    `path` may be the place that holds the set, its own folder, or its single file.
    """
    layout = LAYOUTS[name]
    for _, place in places(path):
        if place is None:
            continue
        if place.is_file() and layout.files == (place.name,):
            return place.parent
        for folder in (*layout.folders, "."):
            if all((place / folder / f).is_file() for f in layout.files):
                return place / folder
    return None


def not_found(name: str, path: str | None, reason: str) -> DataError:
    """Return the error that names the three places and what to put there."""
    looked = "; ".join(f"{what}: {place or 'not set'}" for what, place in places(path))
    return MissingData(
        f"{name}: not found and not downloaded ({reason}); looked in {looked}; put there {LAYOUTS[name].about}"
    )
