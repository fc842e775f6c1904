"""`explain.json` and `explain.npz`: what a run's model looked at in some images, in numbers and in pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.errors import DataError
from cnnbench.files.checked import NUMBER, TEXT, WHOLE
from cnnbench.files.npz import read_arrays
from cnnbench.files.whole import whole_file
from cnnbench.runs.json_file import JsonFile
from cnnbench.runs.samples import are_pictures

_MAP = {
    **{"kind": TEXT, "class": TEXT},
    **{f"{how}{of}": NUMBER for how in ("deletion", "insertion") for of in ("", "_random")},
    **{key: NUMBER.or_nothing() for key in ("after_shuffling", "sum", "difference")},
    "steps?": WHOLE.or_nothing(),
}
_NEIGHBOUR = {"index": WHOLE, "class": TEXT, "distance": NUMBER}
EXPLAINED = JsonFile(
    {
        "chosen": TEXT,
        "effort?": {"gradient_steps": WHOLE, "apart": NUMBER, "pixel_steps": WHOLE, "random_maps": WHOLE},
        "images": [
            {
                **{"name": TEXT, "true": TEXT.or_nothing(), "predicted": TEXT, "probability": NUMBER.or_nothing()},
                **{"maps": [_MAP], "nearest": [_NEIGHBOUR]},
            }
        ],
        "layers": [{"name": TEXT, "kind": TEXT, "maps": WHOLE}],
        "filters": TEXT.or_nothing(),
        "maps_layer": TEXT.or_nothing(),
        "dead_units": {"*": NUMBER},
        "embedding?": {
            "features": WHOLE,
            "of": WHOLE,
            "explained": (NUMBER, NUMBER),
            "perplexity": NUMBER.or_nothing(),
        },
        "points": [{"index": WHOLE, "true": TEXT, "predicted": TEXT}],
        "classes": [TEXT],
        "training": WHOLE,
        "left_out": [TEXT],
    }
)


@dataclass(frozen=True)
class Explained:
    """What was found, in numbers and in pictures.

    `facts` are as `EXPLAINED` has them. `arrays` are `images` (m, H, W, C) uint8, `maps` (k, H, W) of -1..1 in the
    order of the images' maps, `layer_i` (n, h, w) int8 of -127..127 for each layer, `neighbours` (m, k, H, W, C) uint8,
    and where there are any `filters` (n, h, w, C) uint8, `thumbnails` (p, h, w, C) uint8, `pca` and `tsne` (p, 2).
    """

    facts: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]

    @property
    def images(self) -> Sequence[Mapping[str, Any]]:
        """What was found of each image."""
        found: Sequence[Mapping[str, Any]] = self.facts["images"]
        return found

    @property
    def maps(self) -> Sequence[Sequence[NDArray[np.float32]]]:
        """The maps of each image."""
        rest = iter(self.arrays["maps"].astype(np.float32))
        return [[next(rest) for _ in image["maps"]] for image in self.images]


def write_explained(path: Path, pictures: Path, found: Explained) -> None:
    """Write both files; raises OutputError."""
    with whole_file(pictures) as part:
        np.savez_compressed(part, **found.arrays)  # type: ignore[arg-type]  # NumPy's stub takes them for its own
    EXPLAINED.write(path, found.facts)


def read_explained(path: Path, pictures: Path) -> Explained | None:
    """Read both files, None where nothing was explained; raises DataError where they do not fit each other."""
    if not path.exists() or not pictures.exists():
        return None
    found = Explained(EXPLAINED.read(path), read_arrays(pictures))
    if not _fits(found):
        raise DataError(f"{pictures}: does not fit {path.name} beside it")
    return found


def _fits(found: Explained) -> bool:
    facts, arrays = found.facts, found.arrays
    images, maps = arrays.get("images", np.empty(0)), arrays.get("maps", np.empty(0))
    counted = len(images) == len(found.images) and len(maps) == sum(len(image["maps"]) for image in found.images)
    pictures = are_pictures(images, 4) and maps.ndim == 3 and _is_finite(maps) and maps.shape[1:] == images.shape[1:3]
    layers = [arrays.get(f"layer_{at}", np.empty(0)) for at in range(len(facts["layers"]))]
    of_layers = all(layer.ndim == 3 and layer.dtype == np.int8 and layer.size for layer in layers)
    filters = facts["filters"] is None or are_pictures(arrays.get("filters", np.empty(0)), 4)
    return counted and pictures and of_layers and filters and _neighbours_fit(found) and _points_fit(found)


def _neighbours_fit(found: Explained) -> bool:
    nearest = {len(image["nearest"]) for image in found.images}
    if nearest <= {0}:
        return True
    pictures = found.arrays.get("neighbours", np.empty(0))
    return are_pictures(pictures, 5) and len(nearest) == 1 and pictures.shape[:2] == (len(found.images), *nearest)


def _points_fit(found: Explained) -> bool:
    points = len(found.facts["points"])
    if not points:
        return True
    places = [found.arrays[name] for name in ("pca", "tsne") if name in found.arrays]
    thumbnails = found.arrays.get("thumbnails", np.empty(0))
    return (
        "embedding" in found.facts
        and are_pictures(thumbnails, 4)
        and len(thumbnails) == points
        and bool(places)
        and all(one.shape == (points, 2) and _is_finite(one) for one in places)
    )


def _is_finite(array: NDArray[Any]) -> bool:
    return array.dtype.kind == "f" and bool(np.isfinite(array).all())
