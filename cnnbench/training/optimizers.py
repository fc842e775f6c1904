"""Optimizers by name: Keras' own, and what Keras lacks, written in `keras.ops` so that it runs on every backend."""

from __future__ import annotations

from typing import Any

import keras  # noqa: TID253 - defines a Keras class; reached only once Keras is up
from keras import ops  # noqa: TID253


@keras.saving.register_keras_serializable(package="cnnbench")
class ConvMuon(keras.optimizers.Muon):  # type: ignore[misc]  # Keras ships no types
    """Muon for kernels of convolutions, Adam at `adam_lr_ratio` of the rate for everything else.

    Jordan et al., 2024, "Muon: an optimizer for hidden layers in neural networks", and its use in Jordan's airbench:
    a kernel (h, w, inputs, filters) is a matrix (h * w * inputs, filters), whose momentum is made orthogonal; after
    each step the kernel has the norm sqrt(filters) again, so that the rate is the angle by which it turns. That asks
    for a normalisation behind every convolution. Keras' Muon leaves kernels of convolutions to Adam.
    """

    def __init__(
        self,
        learning_rate: Any = 0.05,
        momentum: float = 0.6,
        nesterov: bool = True,
        ns_steps: int = 5,
        adam_lr_ratio: float = 0.05,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        fixed = {"weight_decay": None, "rms_rate": None}  # the norm is fixed, and the angle wants no factor
        super().__init__(
            learning_rate,
            momentum=momentum,
            nesterov=nesterov,
            ns_steps=ns_steps,
            adam_lr_ratio=adam_lr_ratio,
            adam_beta_1=adam_beta_1,
            adam_beta_2=adam_beta_2,
            adam_weight_decay=adam_weight_decay,
            **{**kwargs, **fixed},
        )

    def _should_use_adamw(self, variable: Any) -> bool:
        """Keras' hook: whether a variable is none of Muon's; a depthwise kernel has one filter a channel."""
        return len(variable.shape) != 4 or variable.shape[-1] == 1

    def _muon_update_step(self, gradient: Any, variable: Any, lr: Any, m: Any) -> None:
        """Keras' hook: turn one kernel."""
        filters = variable.shape[-1]
        self.assign(m, m * self.momentum + gradient)
        direction = gradient + self.momentum * m if self.nesterov else m
        matrix = ops.cast(ops.reshape(direction, (-1, filters)), _precision())
        orthogonal = ops.cast(self.zeropower_via_newtonschulz5(matrix, self.ns_steps), variable.dtype)
        turned = variable - lr * ops.reshape(orthogonal, variable.shape)
        self.assign(variable, turned * (filters**0.5 / ops.norm(ops.reshape(turned, (-1,)))))


def _precision() -> str:
    """Return in what kernels are made orthogonal: bfloat16, as Jordan does it, where the network computes in it."""
    computed: str = keras.config.dtype_policy().compute_dtype
    return "bfloat16" if computed == "bfloat16" else "float32"


OWN_OPTIMIZERS: dict[str, type[keras.optimizers.Optimizer]] = {"ConvMuon": ConvMuon}


def optimizer_class(name: str) -> Any:
    """Return the class of an optimizer that a file names."""
    return OWN_OPTIMIZERS.get(name) or getattr(keras.optimizers, name)


def decaying_at_one_rate(optimizer: Any) -> Any:
    """Return a Keras optimizer whose weight decay asks for the learning rate once per step; Keras' at every variable.

    A schedule is traced, compiled and computed as often. Where TensorFlow trains on several devices Keras' own way
    stays.
    """
    if optimizer.weight_decay is None or _is_replicated():
        return optimizer
    decay = optimizer._apply_weight_decay

    def decayed(variables: Any) -> None:
        rate = optimizer.learning_rate
        optimizer._get_current_learning_rate = lambda: rate
        try:
            decay(variables)
        finally:
            del optimizer._get_current_learning_rate

    optimizer._apply_weight_decay = decayed
    return optimizer


def _is_replicated() -> bool:
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return bool(tf.distribute.has_strategy())
