"""Maps over an image that say what a class's score depends on, one function for each way to get one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnnbench.explain.effort import FULL, Effort
from cnnbench.explain.subjects.subject import Floats, Network, Subject

STEPS = 32  # of integrated gradients, doubled while more than `GAP` is missing
GAP, LEAST = 0.01, 0.001  # may be missing: this share of what the map should sum up to, or so much of a probability
AT_ONCE, PIXELS = 32, 32 * 128 * 128  # images, and pixels of them, that gradients are asked for at once
PATCHES = 6  # that fit beside each other into an image


@dataclass(frozen=True)
class Completeness:
    """What a map sums up to, and what it should: p(image) - p(baseline), as Sundararajan et al. show in section 3.

    `steps` are those that it was summed up in.
    """

    sum: float
    difference: float
    steps: int


@dataclass(frozen=True)
class Map:
    """A map over an image, (H, W): above 0 what speaks for the class, below 0 what speaks against it."""

    values: Floats
    completeness: Completeness | None = None


def grad_cam(network: Network, image: Floats, label: int) -> Map:
    """Weigh the last convolution's maps by how the class's score y, before the softmax, rises with each.

    L = ReLU(Σ_k α_k A^k) with α_k = mean over places of ∂y/∂A^k, brought to the image's size bilinearly. Selvaraju et
    al., 2017, "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", section 3.
    """
    maps, gradients = network.maps_and_gradients(image[None], label)
    weights = gradients[0].mean(axis=(0, 1))
    return Map(_resized(np.maximum((maps[0] * weights).sum(axis=-1), 0), image.shape))


def integrated_gradients(
    network: Network, image: Floats, label: int, baseline: Floats, most_steps: int = FULL.gradient_steps
) -> Map:
    """Sum up how the class's probability p rises on the straight way from an image of nothing but `baseline`.

    (x - x') · ∫ ∂p/∂x (x' + α (x - x')) dα, summed over channels; the integral by its midpoints, twice as many while
    the map misses more than 1 % of p(x) - p(x'), and more than 0.001, up to `most_steps`. Sundararajan et al., 2017,
    "Axiomatic Attribution for Deep Networks", sections 3 and 5.
    """
    nothing = np.broadcast_to(baseline, image.shape)
    ends, _ = network.chance_and_gradient(np.stack([nothing, image]), label)
    difference, steps = float(ends[1] - ends[0]), STEPS
    while True:
        values = ((image - nothing) * _mean_gradient(network, nothing, image, label, steps)).sum(axis=-1)
        total = float(values.sum(dtype=np.float64))
        if 2 * steps > most_steps or abs(total - difference) <= max(GAP * abs(difference), LEAST):
            return Map(values.astype(np.float32), Completeness(total, difference, steps))
        steps *= 2


def occlusion(subject: Subject, image: Floats, labels: Sequence[int], apart: float = FULL.apart) -> list[Map]:
    """Return for each class how much less probable it is, on average, where a patch over a place hides it.

    Patches are a sixth of the image, this share of one `apart`, and of the `baseline`. Zeiler and Fergus, 2014,
    "Visualizing and Understanding Convolutional Networks", section 4.2.
    """
    height, width, _ = image.shape
    boxes = [(top, left) for top in _starts(height, apart) for left in _starts(width, apart)]
    hidden = np.repeat(image[None], len(boxes), axis=0)
    covered = np.zeros((len(boxes), height, width), np.float32)
    for at, ((top, bottom), (left, right)) in enumerate(boxes):
        hidden[at, top:bottom, left:right] = subject.baseline
        covered[at, top:bottom, left:right] = 1
    chances = subject.predict(np.concatenate([image[None], hidden]))
    drops = chances[0] - chances[1:]
    return [Map(np.einsum("b,bhw->hw", drops[:, k], covered) / covered.sum(axis=0)) for k in labels]


def of_every_kind(subject: Subject, image: Floats, labels: Sequence[int], asked: Effort = FULL) -> dict[str, list[Map]]:
    """Return the maps of an image (H, W, C) for each class, by the name of the kind that this model bears."""
    network = subject.network
    found: dict[str, list[Map]] = {}
    if network is not None:
        if network.maps_layer is not None:
            found["grad_cam"] = [grad_cam(network, image, k) for k in labels]
        found["integrated_gradients"] = [
            integrated_gradients(network, image, k, subject.baseline, asked.gradient_steps) for k in labels
        ]
    return {**found, "occlusion": occlusion(subject, image, labels, asked.apart)}


def _starts(side: int, apart: float) -> list[tuple[int, int]]:
    """Return where patches begin and end along a side."""
    size = min(side, max(2, round(side / PATCHES)))
    starts = [*range(0, side - size, max(1, int(size * apart))), side - size]
    return [(start, start + size) for start in starts]


def _mean_gradient(network: Network, nothing: Floats, image: Floats, label: int, steps: int) -> Floats:
    """Return the mean of ∂p/∂x at the midpoints of so many steps from `nothing` to the image."""
    shares = ((np.arange(steps) + 0.5) / steps).astype(np.float32)[:, None, None, None]
    total = np.zeros(image.shape, np.float64)
    at_once = max(1, min(AT_ONCE, PIXELS // (image.shape[0] * image.shape[1])))
    for start in range(0, steps, at_once):
        some = nothing + shares[start : start + at_once] * (image - nothing)
        total += network.chance_and_gradient(some, label)[1].sum(axis=0, dtype=np.float64)
    mean: Floats = (total / steps).astype(np.float32)
    return mean


def _resized(values: Floats, shape: tuple[int, ...]) -> Floats:
    from PIL import Image

    picture = Image.fromarray(np.asarray(values, np.float32))
    return np.asarray(picture.resize((shape[1], shape[0]), Image.Resampling.BILINEAR), np.float32)
