"""Images a second and memory by batch size, and the largest batch that fits."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np

from cnnbench.errors import explained
from cnnbench.machine.slots import free_bytes
from cnnbench.profiling.clock import Work, in_turns
from cnnbench.profiling.found import Size, Suggestion
from cnnbench.profiling.subject import Subject
from cnnbench.text import count

FACTORS = (0.5, 1, 2, 4, 8, 16)  # of the configured size; rising, for what was taken once is not always given back


def by_size(subject: Subject, deadline: float) -> tuple[list[Size], int | None]:
    """Return what was measured of each size, the smallest first, and the size that was tried and did not fit."""
    works: dict[int, Work] = {}
    peaks: dict[int, int | None] = {}
    too_large = None
    half = time.monotonic() + (deadline - time.monotonic()) / 2  # for finding out which ones there is time for
    slowest = 0.0
    for size in _candidates(subject):
        if works and time.monotonic() + 2 * slowest > half:
            break
        began = time.monotonic()
        try:
            works[size] = subject.step(size)
            works[size]()  # what is compiled takes memory too
            peaks[size] = subject.peak_bytes(works[size])
        except Exception as e:  # each backend has an error of its own where memory ends
            if explained(e) is None:
                raise
            works.pop(size, None)
            too_large = size
            break
        slowest = max(slowest, time.monotonic() - began)
    found = in_turns({str(size): works[size] for size in sorted(works)}, deadline)
    return [Size(int(name), spread, peaks[int(name)]) for name, spread in found.items()], too_large


def _candidates(subject: Subject) -> Iterator[int]:
    size = subject.config.train.batch_size
    sizes = [round(size * factor) for factor in FACTORS]
    yield from dict.fromkeys(each for each in sizes if each == size or 1 <= each <= subject.images)


def fitting(sizes: Sequence[Size], configured: int, too_large: int | None) -> tuple[int, str] | None:
    """Return the largest batch that fits and how that is known: tried, or going by what each further image took.

    Smaller batches than the configured one tell nothing of that: its memory had been taken before.
    """
    known = [(one.images, one.peak_bytes) for one in sizes if one.peak_bytes is not None and one.images >= configured]
    if too_large is not None and sizes:
        return sizes[-1].images, f"tried; {too_large} images are too many"
    if len(known) < 2:
        return None
    images, peaks = np.array(known, float).T
    per_image, rest = np.polyfit(images, peaks, 1)
    free = free_bytes()
    if per_image <= 0 or not np.isfinite(free):
        return None
    most = int((free + peaks.min() - rest) // per_image)  # of images, whether there are so many or not
    return most, f"not tried: by {count(round(per_image))} bytes that each further image took, in what is free now"


def larger_or_smaller(sizes: Sequence[Size], configured: int) -> Suggestion | None:
    """Return the size with most images a second, where it has measurably more than the configured one."""
    own = next((size for size in sizes if size.images == configured), None)
    if own is None:
        return None
    best = max(sizes, key=lambda size: size.per_second.median)
    if not own.per_second.is_below(best.per_second):
        return None
    gain = best.per_second.median / own.per_second.median
    return Suggestion(
        f"train.batch_size={best.images}",
        f"{gain:.2f} times the images a second of {configured}; what is learnt changes too: compare before you keep it",
    )
