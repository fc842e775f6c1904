"""`robustness.json`: accuracy on corrupted and on wrongly prepared test images, and which of them were right."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnbench.errors import DataError
from cnnbench.files.checked import MAPPING, NUMBER, TEXT, WHOLE
from cnnbench.runs.json_file import JsonFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCORED = {"accuracy": NUMBER, "interval": (NUMBER, NUMBER), "right": TEXT}

ROBUSTNESS = JsonFile(
    {
        "corruptions?": {
            "images": WHOLE,
            "pixels": (WHOLE, WHOLE, WHOLE),
            "test_images?": MAPPING,
            "clean": SCORED,
            "kinds": [
                {
                    "kind": TEXT,
                    "pixels_sha256": TEXT,
                    "mean_accuracy": NUMBER,
                    "strengths": [{"strength": WHOLE, "value": NUMBER, **SCORED}],
                }
            ],
            "mean_accuracy": NUMBER,
            "mean_corruption_error": NUMBER,
        },
        "skews?": {
            "images": WHOLE,
            "trained_with": TEXT,
            "clean": SCORED,
            "kinds": [
                {"kind": TEXT, "title": TEXT, **SCORED, "difference": NUMBER, "difference_interval": (NUMBER, NUMBER)}
            ],
            "left_out": [{"kind": TEXT, "title": TEXT, "reason": TEXT}],
        },
    }
)


def images(path: Path, part: str) -> int:
    """Return of how many images the file has a part already, 0 where it has none; raises DataError."""
    return int(ROBUSTNESS.read(path).get(part, {}).get("images", 0))


def add(path: Path, part: str, found: Mapping[str, Any]) -> None:
    """Write one part of the file, "corruptions" or "skews", beside the other; raises DataError, OutputError."""
    ROBUSTNESS.write(path, {**ROBUSTNESS.read(path), part: dict(found)})


def packed(right: NDArray[np.bool_]) -> str:
    """Return which images were right as text, eight to a byte."""
    import numpy as np

    return base64.b64encode(np.packbits(right).tobytes()).decode("ascii")


def unpacked(path: Path, text: str, images: int) -> NDArray[np.bool_]:
    """Return which of so many images were right, shape (images,); raises DataError where the text does not tell."""
    import numpy as np

    try:
        bits = np.unpackbits(np.frombuffer(base64.b64decode(text, validate=True), np.uint8))
    except (ValueError, binascii.Error):
        bits = np.zeros(0, np.uint8)
    if not images <= len(bits) < images + 8:
        raise DataError(f"{path}: does not say which of its {images} images were right")
    return bits[:images].astype(np.bool_)
