"""Plausible wrong preprocessings, each as what has to be fed to a model that has the right one inside.

A model of a run takes pixel values 0..255 and normalises them itself: its first step is x * scale + offset. Somebody
who rebuilds its network elsewhere prepares images with code of his own, and that may do another thing, w(x). What the
network behind the first step then sees is seen here too, by feeding (w(x) - offset) / scale: the first step makes w(x)
of it. Such pixel values lie outside 0..255 at times, which no step of a model minds; rounding to single precision is
the only difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.normalize import IMAGENET, Normalization
from cnnbench.data.prepare import Filter

Feed = Callable[[NDArray[np.float32], Normalization], NDArray[Any] | None]  # None where there is no such mistake


@dataclass(frozen=True)
class Skew:
    """A wrong preprocessing; `feed` returns what the model is fed in place of images (n, H, W, C).

    One with a `resample` is of how images are scaled.
    """

    name: str
    title: str
    feed: Feed
    resample: Filter = "bilinear"


def trained_with(normalization: Normalization) -> str:
    """Return what a model makes of 0 and 255, as `0 becomes -1, 255 becomes 1`, per channel where these differ."""
    ends = [
        "/".join(dict.fromkeys(f"{value:.3g}" for value in _ends(normalization, at).tolist())) for at in (0.0, 255.0)
    ]
    return f"0 becomes {ends[0]}, 255 becomes {ends[1]}"


def _ends(normalization: Normalization, value: float) -> NDArray[np.float64]:
    scaled = value * np.array(normalization.scale) + np.array(normalization.offset)
    return np.asarray(scaled + 0.0)  # no minus before a zero


def _seen_as(wrong: Callable[[NDArray[np.float32]], NDArray[Any]]) -> Feed:
    """Return what is fed so that the network sees what a wrong normalisation makes of pixel values."""

    def feed(images: NDArray[np.float32], right: Normalization) -> NDArray[Any]:
        return np.asarray((wrong(images) - np.array(right.offset)) / np.array(right.scale))

    return feed


def _imagenet(images: NDArray[np.float32], right: Normalization) -> NDArray[Any] | None:
    if images.shape[3] != 3:
        return None
    return _seen_as(lambda x: (x / 255 - np.array(IMAGENET.mean)) / np.array(IMAGENET.std))(images, right)


def _transposed(images: NDArray[np.float32], right: Normalization) -> NDArray[Any] | None:
    return images.transpose(0, 2, 1, 3) if images.shape[1] == images.shape[2] else None


def _reversed_colors(images: NDArray[np.float32], right: Normalization) -> NDArray[Any] | None:
    return images[..., ::-1] if images.shape[3] == 3 else None


def _grey(images: NDArray[np.float32], right: Normalization) -> NDArray[Any] | None:
    if images.shape[3] != 3:
        return None
    luminance = np.rint(images @ np.array([0.299, 0.587, 0.114], np.float32))  # ITU-R 601, as Pillow's mode L
    return np.repeat(luminance[..., None], 3, axis=3)


def _as_they_are(images: NDArray[np.float32], right: Normalization) -> NDArray[Any]:
    return images


SKEWS = (
    Skew("unit", "0..1: divided by 255, no more", _seen_as(lambda x: x / 255)),
    Skew("symmetric", "-1..1: divided by 127.5, less 1", _seen_as(lambda x: x / 127.5 - 1)),
    Skew("imagenet", "mean and deviation of ImageNet", _imagenet),
    Skew("none", "no normalisation: 0..255 as they are", _seen_as(lambda x: x)),
    Skew("undivided", "right constants, not divided by 255 before", lambda x, right: x * 255),
    Skew("divided_twice", "right constants, divided by 255 twice", lambda x, right: x / 255),
    Skew("bgr", "BGR: blue first, red last", _reversed_colors),
    Skew("grey", "grey in all three channels", _grey),
    Skew("transposed", "rows and columns swapped", _transposed),
    Skew("plain_bilinear", "scaled bilinearly without antialiasing", _as_they_are, "plain bilinear"),
    Skew("nearest", "scaled by the nearest pixel", _as_they_are, "nearest"),
    Skew("bicubic", "scaled bicubically", _as_they_are, "bicubic"),
)
