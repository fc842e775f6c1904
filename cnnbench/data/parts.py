"""The parts of a source whose images are files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from cnnbench.config.schema import Data
from cnnbench.data.files import ImageFolder, settled
from cnnbench.data.prepare import target
from cnnbench.data.types import Labels, Part, Weights

Files = tuple[Sequence[str], Labels, Weights | None]  # relative to the root, with a label and a weight each


def parts_of(root: Path, found: Mapping[str, Files], data: Data) -> dict[str, Part]:
    """Return the files of each split as a part that decodes them when they are asked for, all to one size.

    Raises DataError for mixed sizes without data.image_size.
    """
    wanted = settled(root, [file for files, _, _ in found.values() for file in files], target(data, 3))
    return {
        split: Part(ImageFolder(root, files, wanted), labels, [as_text(file) for file in files], weights)
        for split, (files, labels, weights) in found.items()
    }


def without_bad(parts: Mapping[str, Part]) -> tuple[dict[str, Part], list[str]]:
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
            None if part.weights is None else part.weights[good],
        )
        skipped += problems.values()
    return kept, skipped


def as_text(name: str) -> str:
    """Return a file name that can be written as UTF-8, whatever bytes the file system has."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
