"""`exports/FORMAT.json` and `.npz`: what the check of an exported file found, and the images that it sees otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.errors import DataError
from cnnbench.files.checked import FLAG, NUMBER, TEXT, WHOLE
from cnnbench.files.npz import read_arrays
from cnnbench.files.whole import own_folder, whole_file
from cnnbench.runs.folder import RunDir
from cnnbench.runs.json_file import JsonFile
from cnnbench.runs.samples import are_pictures

FLIP = {"index": WHOLE, "name": TEXT, "true": TEXT, "run": TEXT, "exported": TEXT}
EXPORT = JsonFile(
    {
        **{"format": TEXT, "file": TEXT, "bytes": WHOLE, "sha256": TEXT, "runtime": TEXT, "versions": {"*": TEXT}},
        **{"images": WHOLE, "of": WHOLE, "largest_difference": NUMBER, "mean_difference": NUMBER, "furthest": WHOLE},
        **{"accuracy": NUMBER, "run_accuracy": NUMBER, "difference": NUMBER, "interval": (NUMBER, NUMBER)},
        **{"flipped": WHOLE, "flips": [FLIP], "measure": TEXT, "tolerance": NUMBER, "passed": FLAG},
        **{"latency_ms": {"median": NUMBER, "p95": NUMBER, "calls": WHOLE}, "images_per_second": NUMBER},
        **{"threads": WHOLE, "calibration_images?": WHOLE, "notes?": [TEXT]},
    }
)


@dataclass(frozen=True)
class Exported:
    """What was found of one file, and pictures of the first images of `flips`: (m, H, W, C) uint8."""

    found: Mapping[str, Any]
    images: NDArray[np.uint8] | None


def write_export(run: RunDir, found: Mapping[str, Any], images: NDArray[np.uint8]) -> None:
    """Write what was found of a file, in place of that of an earlier one of its format; raises OutputError."""
    folder = own_folder(run.path, run.exports.name)
    with whole_file(folder / f"{found['format']}.npz") as part:
        np.savez_compressed(part, images=images)
    EXPORT.write(folder / f"{found['format']}.json", found)


def read_exports(run: RunDir) -> list[Exported]:
    """Return what was found of files of each format; raises DataError for one that is damaged."""
    return [
        Exported(EXPORT.read(path), _images(path.with_suffix(".npz"))) for path in sorted(run.exports.glob("*.json"))
    ]


def _images(path: Path) -> NDArray[np.uint8] | None:
    if not path.exists():
        return None
    images = read_arrays(path, ("images",))["images"]
    if images.size and not are_pictures(images, 4):
        raise DataError(f"{path}: does not hold pictures")
    return images if images.size else None
