"""What published networks were trained on: pixels 0..255, less a mean and divided by a deviation for each channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Preprocessing:
    """(pixel - mean) / std of red, green and blue; with `bgr` the first kernel was trained on blue, green and red."""

    about: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    bgr: bool = False


PREPROCESSINGS: Mapping[str, Preprocessing] = {
    "torchvision": Preprocessing(
        "by mean and deviation of ImageNet", (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
    ),
    "caffe": Preprocessing(
        "less ImageNet's mean, channels blue, green, red", (123.68, 116.779, 103.939), (1.0, 1.0, 1.0), bgr=True
    ),
    "inception": Preprocessing("from -1 to 1", (127.5, 127.5, 127.5), (127.5, 127.5, 127.5)),
    "efficientnet-lite": Preprocessing("less 127, divided by 128", (127.0, 127.0, 127.0), (128.0, 128.0, 128.0)),
}
