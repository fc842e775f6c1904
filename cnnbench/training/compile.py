"""Optimizer, loss and metrics from the `train` section."""

from __future__ import annotations

from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up

from cnnbench.config.losses import Loss
from cnnbench.config.schema import Train
from cnnbench.training.schedules import build_schedule


def compile_model(model: Any, train: Train, steps_per_epoch: int, on_gpu: bool) -> None:
    """Compile `model` in place for one-hot labels."""
    model.compile(
        optimizer=build_optimizer(train, steps_per_epoch),
        loss=build_loss(train.loss),
        metrics=[
            keras.metrics.CategoricalAccuracy(name="accuracy"),
            keras.metrics.TruePositives(name="true_positives"),
        ],
        jit_compile="auto" if on_gpu or keras.backend.backend() == "jax" else False,  # XLA is slower on a CPU
    )


def build_optimizer(train: Train, steps_per_epoch: int) -> Any:
    """Return the Keras optimizer with its schedule."""
    arguments = train.optimizer.arguments | {"learning_rate": learning_rate(train, steps_per_epoch)}
    if train.ema is not None:
        arguments |= {"use_ema": True, "ema_momentum": train.ema}
    return getattr(keras.optimizers, train.optimizer.name)(**arguments)


def learning_rate(train: Train, steps_per_epoch: int) -> Any:
    """Return the Keras schedule, or the constant rate."""
    return build_schedule(train.schedule, train.optimizer.arguments["learning_rate"], steps_per_epoch, train.epochs)


def build_loss(loss: Loss) -> Any:
    """Return the Keras loss over one-hot labels and probabilities; its class here has Keras' own name."""
    return getattr(keras.losses, type(loss).__name__)(**loss.arguments)
