"""What the check of a file found, as it is written into the run, and the judgement that goes with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.pixels import as_pixels
from cnnbench.export.check import Flip, Parity
from cnnbench.export.formats import PROBABILITY, Format
from cnnbench.machine.cpu import available_cores

PICTURES = 24  # of images that flip, kept for the page


def found_of(
    row: Format, path: Path, parity: Parity, tolerance: float, of: int, names: Sequence[str]
) -> dict[str, Any]:
    """Return what `exports/FORMAT.json` holds of a file that was compared on some `of` so many test images."""
    return {
        "format": row.name,
        "file": path.name,
        "bytes": bytes_of(path),
        "sha256": digest(path),
        "runtime": row.runtime,
        "versions": row.versions,
        "images": len(parity.split),
        "of": of,
        "largest_difference": parity.largest,
        "mean_difference": parity.mean,
        "furthest": int(parity.split.rows[parity.furthest]),
        "accuracy": parity.accuracy,
        "run_accuracy": parity.run_accuracy,
        "difference": parity.counts.difference,
        "interval": list(parity.interval),
        "flipped": len(parity.flips),
        "flips": [_flip(parity, flip, names) for flip in parity.flips],
        "measure": row.measure,
        "tolerance": tolerance,
        "passed": measured(row, parity) <= tolerance,
        "latency_ms": {"median": parity.speed.median, "p95": parity.speed.p95, "calls": parity.speed.calls},
        "images_per_second": parity.speed.images_per_second,
        "threads": available_cores(),
    }


def measured(row: Format, parity: Parity) -> float:
    """Return what the format's tolerance is held against."""
    return parity.largest if row.measure == PROBABILITY else -parity.counts.difference


def pictures(parity: Parity) -> NDArray[np.uint8]:
    """Return the first images that flip, (m, H, W, C)."""
    at = np.array([flip.at for flip in parity.flips[:PICTURES]], np.int64)
    return as_pixels(parity.split.images(at)) if len(at) else np.zeros((0, *parity.split.store.shape), np.uint8)


def _flip(parity: Parity, flip: Flip, names: Sequence[str]) -> Mapping[str, Any]:
    """Name an image by its index in the data set, as `predictions.csv` does."""
    return {
        "index": int(parity.split.rows[flip.at]),
        "name": parity.split.names[flip.at] if parity.split.names else "",
        "true": names[flip.true],
        "run": names[flip.run],
        "exported": names[flip.exported],
    }


def files_of(path: Path) -> list[Path]:
    """Return the files of what was exported, a file or a folder, in the order of their names."""
    return sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


def bytes_of(path: Path) -> int:
    """Return the size of a file, or of all in a folder."""
    return sum(file.stat().st_size for file in files_of(path))


def digest(path: Path) -> str:
    """Return the SHA-256 of a file; of a folder, of its files one after the other."""
    found = hashlib.sha256()
    for file in files_of(path):
        found.update(file.read_bytes())
    return found.hexdigest()
