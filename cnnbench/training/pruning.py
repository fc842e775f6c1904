"""Pruning by magnitude, as dense-sparse-dense training does it.

Han et al., 2017, "DSD: Dense-Sparse-Dense Training for Deep Neural Networks" (ICLR), section 2: in every layer alike,
the first one too, the given share of the weights that are smallest in magnitude is set to zero and held there; biases
and normalisation are left as they are. The last phase trains all weights again, the pruned ones from zero on, at a
lower rate (the paper's is a tenth).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops  # noqa: TID253 - reached only once Keras is up
from numpy.typing import NDArray

KERNELS = ("kernel", "depthwise_kernel", "pointwise_kernel")  # names of Keras' variables


def kernels_of(model: Any) -> list[tuple[str, Any]]:
    """Return (name of the layer, variable) of all that is pruned: the kernels of convolutions and dense layers."""
    return [
        (layer.name, variable)
        for layer in model.layers
        for variable in layer.trainable_variables
        if variable.name in KERNELS
    ]


def prune(model: Any, sparsity: float) -> None:
    """Set the smallest weights of each kernel to zero, and the masks of the model's optimizer accordingly."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    for _, variable in kernels_of(model):
        values = np.asarray(ops.convert_to_numpy(variable))
        kept = largest(values, sparsity)
        optimizer.mask(variable).assign(kept)
        variable.assign(values * kept)


def largest(values: NDArray[Any], sparsity: float) -> NDArray[Any]:
    """Return ones where the largest magnitudes are and zeros elsewhere, same shape and dtype."""
    kept, count = np.ones(values.size, values.dtype), pruned(values.size, sparsity)
    kept[np.argpartition(np.abs(values), count, axis=None)[:count]] = 0
    return kept.reshape(values.shape)


def pruned(size: int, sparsity: float) -> int:
    """Return how many weights of a kernel are set to zero; never all of them."""
    return min(round(size * sparsity), size - 1)
