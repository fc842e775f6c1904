"""Whether a network fits this machine's memory, before a backend tries: it would end the process without a word."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from cnnbench.config.network.shapes import LayerShape
from cnnbench.errors import TrainingError
from cnnbench.machine.slots import free_bytes

_BYTES = 4  # of a float32


def refuse_size(layers: Sequence[LayerShape], copies: int = 1, images: int = 1) -> None:
    """Raise TrainingError where a network needs more memory than is free.

    `copies` says how many numbers are kept for each weight, `images` how many go through it at once.
    """
    need, there = needed_bytes(layers, copies, images), free_bytes()
    if need > there:
        raise TrainingError(
            f"out of memory: {sum(layer.parameters for layer in layers)} weights and a batch need {_gib(need)} at"
            f" least, {_gib(there)} are free; a smaller train.batch_size, data.image_size or network needs less"
        )


def needed_bytes(layers: Sequence[LayerShape], copies: int, images: int) -> int:
    """Return the least that a network takes: its weights and the largest of its layers' outputs."""
    weights = sum(layer.parameters for layer in layers)
    largest = max(prod(layer.output_shape) for layer in layers)
    return _BYTES * (weights * copies + images * largest)


def _gib(size: float) -> str:
    return f"{size / 2**30:.1f} GiB"
