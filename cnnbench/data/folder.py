"""The source image_folder: root/<class>/..., or root/train|val|test/<class>/..., classes nested as they like.

Names are sorted, so that a listing is the same everywhere. Hidden files and what file managers leave behind are
ignored, and so are other files beside the class folders that are no images. Symbolic links are followed, also
out of the root: it is the user's own folder and is only read; a link back to a folder above it is not entered.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnbench.config.schema import Data
from cnnbench.data.files import EXTENSIONS, ImageFolder, common_size, refuse
from cnnbench.data.prepare import target
from cnnbench.data.types import Labels, Part, Source
from cnnbench.errors import DataError, did_you_mean

SPLITS = ("train", "val", "test")
IGNORED = frozenset({"Thumbs.db", "desktop.ini", "__MACOSX"})


@dataclass(frozen=True)
class Listing:
    """Image files below a folder, relative to the root, with the index of their class; and what is no image."""

    class_names: Sequence[str]
    files: Sequence[str]
    labels: Labels
    problems: Sequence[str]


def load_image_folder(data: Data) -> Source:
    """Return the images below `data.path` as stores that decode them when they are asked for.

    With `on_bad_image: skip` every file is decoded once to find the bad ones; else whoever uses the files does
    it. Raises DataError for a missing folder, classes that are empty or differ between splits, mixed sizes
    without data.image_size, and bad files unless they are skipped.
    """
    root = _root(data)
    skip = data.on_bad_image == "skip"
    listings = {split: list_images(root, split) for split in _splits(root)}
    if not skip:
        refuse([p for listing in listings.values() for p in listing.problems])
    train = listings["train" if "train" in listings else "."]
    _same_classes(root, listings)
    parts = _parts(root, listings, data)
    skipped = [p for listing in listings.values() for p in listing.problems]
    if skip:
        parts, bad = _without_bad(parts)
        skipped += bad
    for split, part in parts.items():
        _no_empty_class(root / split, part, train.class_names)
    return Source(
        train.class_names,
        parts["train" if "train" in parts else "."],
        parts.get("val"),
        parts.get("test"),
        notes=(f"{root}",),
        skipped=skipped,
    )


def list_images(root: Path, split: str) -> Listing:
    """Return the image files of every class folder in `root/split`; split "." is the root itself."""
    top = root / split
    classes = [e.name for e in _entries(top) if e.is_dir()]
    if len(classes) < 2:
        raise DataError(f"{top}: {len(classes)} class folders; there must be at least 2, one per class")
    files: list[str] = []
    labels: list[int] = []
    problems = [f"{e.path}: lies in no class folder" for e in _entries(top) if e.is_file() and _is_image(e.name)]
    for k, name in enumerate(classes):
        for file in _below(root, top / name):
            if _is_image(file):
                files.append(file)
                labels.append(k)
            else:
                problems.append(f"{root / file}: not an image file ({Path(file).suffix or 'no extension'})")
    return Listing(tuple(map(_text, classes)), files, np.array(labels, np.int64), problems)


def found_files(data: Data) -> tuple[Path, dict[str, str]]:
    """Return the folder of the data and every image file below it, in whatever class or split, by its name as text."""
    root = _root(data)
    return root, {_text(file): file for file in _below(root, root) if _is_image(file)}


def _root(data: Data) -> Path:
    if data.path is None:
        raise DataError("data.path: source image_folder needs the path of a folder")
    root = Path(data.path).expanduser()
    if not root.is_dir():
        raise DataError(f"{root}: {'not a folder' if root.exists() else 'no such folder'}")
    return root


def _splits(root: Path) -> Sequence[str]:
    """Return the splits the root holds, or "." where its folders are classes."""
    names = [e.name for e in _entries(root) if e.is_dir()]
    if "train" not in names:
        if names and set(names) <= set(SPLITS):
            raise DataError(f"{root}: has {' and '.join(names)} but no train")
        return ["."]
    if not any(e.is_dir() for e in _entries(root / "train")):
        return ["."]  # a class that is called train
    for name in names:
        if name not in SPLITS:
            raise DataError(f"{root}: {name} beside train; allowed are train, val, test{did_you_mean(name, SPLITS)}")
    return [s for s in SPLITS if s in names]


def _same_classes(root: Path, listings: dict[str, Listing]) -> None:
    reference = next(iter(listings.values())).class_names
    for split, listing in listings.items():
        for name in sorted(set(listing.class_names) ^ set(reference)):
            where = split if name in listing.class_names else "train"
            other = "train" if where == split else split
            raise DataError(f"{root}: class {name!r} is in {where} but not in {other}")


def _parts(root: Path, listings: dict[str, Listing], data: Data) -> dict[str, Part]:
    wanted = target(data, 3)
    if wanted.size is None:
        wanted = common_size(root, [f for listing in listings.values() for f in listing.files], wanted)
    return {
        split: Part(ImageFolder(root, listing.files, wanted), listing.labels, [_text(f) for f in listing.files])
        for split, listing in listings.items()
    }


def _without_bad(parts: dict[str, Part]) -> tuple[dict[str, Part], list[str]]:
    """Return the parts without the files that cannot be read, and what was wrong with these."""
    kept: dict[str, Part] = {}
    skipped: list[str] = []
    for split, part in parts.items():
        store = part.store
        assert isinstance(store, ImageFolder)
        problems = store.problems(np.arange(len(store)))
        good = [r for r in range(len(store)) if r not in problems]
        kept[split] = Part(
            ImageFolder(store.root, [store.files[r] for r in good], store.target),
            part.labels[good],
            [part.names[r] for r in good],
        )
        skipped += problems.values()
    return kept, skipped


def _no_empty_class(top: Path, part: Part, class_names: Sequence[str]) -> None:
    empty = np.flatnonzero(np.bincount(part.labels, minlength=len(class_names)) == 0)
    if len(empty):
        raise DataError(f"{top / class_names[empty[0]]}: a class folder without images")


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted((e for e in found if not _ignored(e.name)), key=lambda e: e.name)
    except OSError as e:
        raise DataError(f"{folder}: {e.strerror}") from None


def _below(root: Path, folder: Path) -> list[str]:
    """Return every file below a folder relative to the root, sorted within its folder, folder by folder."""
    found = []
    for at, folders, files in os.walk(folder, onerror=_refuse_unreadable, followlinks=True):
        here, inside = Path(at), (d for d in sorted(folders) if not _ignored(d))
        folders[:] = [d for d in inside if not here.resolve().is_relative_to((here / d).resolve())]
        prefix = here.relative_to(root).as_posix()
        found += [f"{prefix}/{f}" for f in sorted(files) if not _ignored(f)]
    return found


def _refuse_unreadable(error: OSError) -> None:
    raise DataError(f"{error.filename}: {error.strerror}") from None


def _ignored(name: str) -> bool:
    return name.startswith(".") or name in IGNORED


def _is_image(name: str) -> bool:
    return Path(name).suffix.lower() in EXTENSIONS


def _text(name: str) -> str:
    """Return a file name that can be written as UTF-8, whatever bytes the file system has."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
