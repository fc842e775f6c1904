"""The test images of a run as wrong preprocessings would feed them, what each costs, and which explains an accuracy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.prepare import Filter
from cnnbench.data.types import Split
from cnnbench.learners.learner import Trained
from cnnbench.robustness.corrupt import Right, is_right, scored, slices
from cnnbench.robustness.skews import SKEWS, Skew, trained_with
from cnnbench.statistics.images import Agreement, difference_interval
from cnnbench.text import count

NOT_SCALED = "no test image is scaled on its way to the model"
NO_SUCH = {
    "transposed": "images are not square, and would not fit",
    "bgr": "images have one channel",
    "grey": "images have one channel",
    "imagenet": "images have one channel",
}
CLOSE = 1e-5  # of values, relative: what single precision leaves of doing and undoing a normalisation


def measure(
    trained: Trained, split: Split, resampled: Mapping[Filter, Split], show: Callable[[str], None]
) -> dict[str, Any]:
    """Return what `robustness.json` holds of wrong preprocessings.

    `resampled` has the split with its images scaled by other filters, nothing where none is scaled.
    """
    tried = [skew for skew in SKEWS if skew.resample == "bilinear" or skew.resample in resampled]
    right = {skew.name: np.zeros(len(split), np.bool_) for skew in tried}
    clean, differ = np.zeros(len(split), np.bool_), _Differing([skew.name for skew in tried])
    for at in slices(len(split), trained.at_once):
        show(f"feeding images wrongly, {count(int(at[0]))} of {count(len(split))} done")
        images = np.asarray(split.images(at), np.float32)
        fed = {skew.name: _fed(skew, trained, images, resampled, at) for skew in tried}
        there = {name: each for name, each in fed.items() if each is not None}
        clean[at] = is_right(trained, images, split.labels[at])
        differ.look({"right": images, **there}, trained)
        for name, each in there.items():
            right[name][at] = is_right(trained, each, split.labels[at])
    reasons = {skew.name: NOT_SCALED for skew in SKEWS if skew not in tried} | differ.reasons()
    shown = [skew for skew in tried if skew.name not in reasons]
    return {
        "images": len(split),
        "trained_with": trained_with(trained.normalization),
        "clean": scored(clean),
        "kinds": [_row(skew, right[skew.name], clean) for skew in shown],
        "left_out": [
            {"kind": skew.name, "title": skew.title, "reason": reasons[skew.name]}
            for skew in SKEWS
            if skew.name in reasons
        ],
    }


def explains(found: Mapping[str, Any], accuracy: float) -> list[Mapping[str, Any]]:
    """Return the wrong preprocessings whose accuracy's 95 % interval holds a given accuracy, the closest first."""
    meeting = [row for row in found["kinds"] if row["interval"][0] <= accuracy <= row["interval"][1]]
    return sorted(meeting, key=lambda row: abs(row["accuracy"] - accuracy))


class _Differing:
    """Which ways of feeding differ: from the right one, and from those before them, on any image seen so far."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._absent: set[str] = set()
        self._same = {(a, b) for at, a in enumerate(names) for b in ("right", *names[:at])}

    def look(self, fed: Mapping[str, NDArray[np.float32]], trained: Trained) -> None:
        """Compare, as the network sees them, what some images are fed as."""
        self._absent |= set(self._names) - fed.keys()
        scale, offset = (np.array(v, np.float64) for v in (trained.normalization.scale, trained.normalization.offset))
        seen = {name: each * scale + offset for name, each in fed.items()}
        self._same = {
            (a, b)
            for a, b in self._same
            if a in seen and b in seen and np.allclose(seen[a], seen[b], rtol=CLOSE, atol=CLOSE * np.abs(seen[b]).max())
        }

    def reasons(self) -> dict[str, str]:
        """Return why some say nothing of their own."""
        absent = {name: NO_SUCH[name] for name in self._absent}
        titles = {skew.name: skew.title for skew in SKEWS}
        alike: dict[str, str] = {}
        for name in self._names:
            others = [b for a, b in self._same if a == name and name not in absent]
            if "right" in others:
                alike[name] = "the same as the right one here"
            elif others:
                alike[name] = f"the same as “{titles[min(others, key=self._names.index)]}” here"
        return absent | alike


def _fed(
    skew: Skew,
    trained: Trained,
    images: NDArray[np.float32],
    resampled: Mapping[Filter, Split],
    at: NDArray[np.int64],
) -> NDArray[np.float32] | None:
    given = images if skew.resample == "bilinear" else np.asarray(resampled[skew.resample].images(at), np.float32)
    made = skew.feed(given, trained.normalization)
    return None if made is None else np.ascontiguousarray(made, np.float32)


def _row(skew: Skew, right: Right, clean: Right) -> dict[str, Any]:
    both, only_wrong, only_clean = int((right & clean).sum()), int((right & ~clean).sum()), int((clean & ~right).sum())
    counts = Agreement(both, only_wrong, only_clean, len(right) - both - only_wrong - only_clean)
    return {
        "kind": skew.name,
        "title": skew.title,
        **scored(right),
        "difference": counts.difference,
        "difference_interval": list(difference_interval(counts)),
    }
