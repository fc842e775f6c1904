"""Reading folders of images: root/<class>/..., or root/train|val|test/<class>/..., classes nested as they like.

Hidden files and what file systems leave behind are ignored, and so are other files beside the class folders that are
no images.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnbench.config.class_names import refuse_unreadable
from cnnbench.config.schema import Data
from cnnbench.data.files import refuse
from cnnbench.data.layout import Layout, find_layout
from cnnbench.data.names import Names
from cnnbench.data.parts import parts_of, without_bad
from cnnbench.data.types import Given, Labels, Part
from cnnbench.data.walk import below, entries, is_folder, is_image
from cnnbench.errors import DataError, MissingData, did_you_mean


@dataclass(frozen=True)
class Listing:
    """Image files below a folder, relative to the root, with the index of their class; and what is no image."""

    class_names: Sequence[str]
    files: Names
    labels: Labels
    problems: Sequence[str]


def read_folder(root: Path, data: Data) -> Given:
    """Return the images below `root` as stores that decode them when they are asked for.

    With `on_bad_image: skip` every file is decoded once to find the bad ones; else whoever uses the files does
    it. Raises DataError for classes that are empty or differ between splits, mixed sizes
    without data.image_size, and bad files unless they are skipped.
    """
    skip = data.on_bad_image == "skip"
    layout = find_layout(root)
    listings = {split: list_images(root, folder) for split, folder in layout.splits.items()}
    if not skip:
        refuse([p for listing in listings.values() for p in listing.problems])
    train = listings[layout.train]
    _same_classes(root, layout, listings)
    parts = parts_of(root, {split: (each.files, each.labels, None) for split, each in listings.items()}, data)
    skipped = [p for listing in listings.values() for p in listing.problems]
    if skip:
        parts, bad = without_bad(parts)
        skipped += bad
    for split, part in parts.items():
        _no_empty_class(root / layout.splits[split], part, train.class_names)
    return Given(
        train.class_names,
        parts[layout.train],
        parts.get("val"),
        parts.get("test"),
        notes=(f"{root}", *layout.told()),
        skipped=skipped,
    )


def list_images(root: Path, folder: str) -> Listing:
    """Return the image files of every class folder in `root/folder`; "." is the root itself."""
    top = root / folder
    classes = [e.name for e in entries(top) if is_folder(e)]
    if len(classes) < 2:
        raise (DataError if classes else MissingData)(
            f"{top}: {len(classes)} class folders; there must be at least 2, one per class"
        )
    problems = [f"{e.path}: lies in no class folder" for e in entries(top) if is_image(e.name) and not is_folder(e)]
    images = [0] * len(classes)

    def files() -> Iterator[str]:
        for k, name in enumerate(classes):
            for file in below(root, top / name):
                if is_image(file):
                    images[k] += 1
                    yield file
                else:
                    problems.append(f"{root / file}: not an image file ({Path(file).suffix or 'no extension'})")

    names = Names.of(files())
    return Listing(tuple(classes), names, np.repeat(np.arange(len(classes)), images), problems)


def image_files_below(root: Path) -> Names:
    """Return every image file below a folder, in whatever class or split."""
    return Names.of(filter(is_image, below(root, root)))


def _same_classes(root: Path, layout: Layout, listings: dict[str, Listing]) -> None:
    refuse_unreadable(root, list(dict.fromkeys(name for listing in listings.values() for name in listing.class_names)))
    train = layout.splits[layout.train], listings[layout.train].class_names
    for split, listing in listings.items():
        other = layout.splits[split], listing.class_names
        for (here, names), (there, known) in ((other, train), (train, other)):
            for name in names:
                if name not in known:
                    hint = did_you_mean(name, known)
                    raise DataError(f"{root}: class {name!r} is in {here} but not in {there}{hint}")


def _no_empty_class(top: Path, part: Part, class_names: Sequence[str]) -> None:
    empty = np.flatnonzero(np.bincount(part.labels, minlength=len(class_names)) == 0)
    if len(empty):
        raise DataError(f"{top / class_names[empty[0]]}: a class folder without images")
