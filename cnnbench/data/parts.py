"""The parts of a source whose images are files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from cnnbench.config.schema import Data
from cnnbench.data.files import ImageFolder, settled
from cnnbench.data.names import Names
from cnnbench.data.prepare import target
from cnnbench.data.types import Labels, Part, Weights

Files = tuple[Sequence[str], Labels, Weights | None]  # relative to the root, with a label and a weight each


def parts_of(root: Path, found: Mapping[str, Files], data: Data) -> dict[str, Part]:
    """Return the files of each split as a part that decodes them when they are asked for, all to one size.

    Raises DataError for mixed sizes without data.image_size.
    """
    every = Names.of(chain.from_iterable(files for files, _, _ in found.values()))
    wanted = settled(root, every, target(data, 3))
    return {
        split: Part(ImageFolder(root, files, wanted), labels, _told(files), weights)
        for split, (files, labels, weights) in found.items()
    }


def _told(files: Sequence[str]) -> Sequence[str]:
    """Return the names that are written down, which are the files' own almost always."""
    return files if all(as_text(file) == file for file in files) else [as_text(file) for file in files]


def without_bad(parts: Mapping[str, Part]) -> tuple[dict[str, Part], list[str]]:
    """Return the parts without the files that cannot be read, and what was wrong with these."""
    kept: dict[str, Part] = {}
    skipped: list[str] = []
    for split, part in parts.items():
        store = part.store
        assert isinstance(store, ImageFolder)
        problems = store.problems(np.arange(len(store)))
        good = np.setdiff1d(np.arange(len(store)), list(problems))
        kept[split] = Part(
            ImageFolder(store.root, Names.of(store.files[r] for r in good), store.target),
            part.labels[good],
            Names.of(part.names[r] for r in good),
            None if part.weights is None else part.weights[good],
        )
        skipped += problems.values()
    return kept, skipped


def as_text(name: str) -> str:
    """Return a file name that can be written as UTF-8, whatever bytes the file system has."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
