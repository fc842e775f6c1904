"""Optimizer, loss and metrics from the `train` section."""

from __future__ import annotations

from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up

from cnnbench.config.losses import Loss
from cnnbench.config.schema import Train
from cnnbench.training.layerwise import factors_of, layerwise
from cnnbench.training.metrics import TruePositives
from cnnbench.training.optimizers import decaying_at_one_rate, optimizer_class
from cnnbench.training.pruning import kernels_of
from cnnbench.training.schedules import build_schedule, later
from cnnbench.training.stages import Stage, whole


def compile_model(model: Any, train: Train, steps_per_epoch: int, on_gpu: bool, stage: Stage | None = None) -> None:
    """Compile `model` in place for one-hot labels and a stage of its training, or all of it."""
    model.compile(
        optimizer=build_optimizer(train, steps_per_epoch, stage, model),
        loss=build_loss(train.loss),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy"), TruePositives()],
        jit_compile="auto" if on_gpu or keras.backend.backend() == "jax" else False,  # XLA is slower on a CPU
    )
    if keras.backend.backend() == "tensorflow" and not on_gpu:
        from cnnbench.training.fused import fuse

        fuse(model)


def build_optimizer(train: Train, steps_per_epoch: int, stage: Stage | None = None, model: Any = None) -> Any:
    """Return the Keras optimizer with its schedule, and with what the layers of `model` need of their own."""
    arguments = train.optimizer.arguments | {"learning_rate": learning_rate(train, steps_per_epoch, stage)}
    if train.ema is not None:
        arguments |= {"use_ema": True, "ema_momentum": train.ema}
    make, factors = optimizer_class(train.optimizer.name), train.learning_rate_factors
    sparse = stage is not None and stage.sparsity is not None
    if factors is None and not sparse:
        return decaying_at_one_rate(make(**arguments))
    optimizer = layerwise(make)(**arguments)
    masked = [variable.path for _, variable in kernels_of(model)] if sparse else []
    optimizer.configure(factors_of(model, factors or {}), masked)
    return optimizer


def learning_rate(train: Train, steps_per_epoch: int, stage: Stage | None = None) -> Any:
    """Return the Keras schedule over the optimizer's steps in a stage, which count from 0, or the constant rate.

    Over a budget of time it is not known by steps: a callback moves the rate.
    """
    stage = stage or whole(train)
    if train.budget_minutes is not None:
        return stage.rate
    gone = (stage.first - 1 - stage.since) * steps_per_epoch
    return later(build_schedule(train.schedule, stage.rate, steps_per_epoch, stage.scheduled), gone)


def build_loss(loss: Loss) -> Any:
    """Return the Keras loss over one-hot labels and probabilities; its class here has Keras' own name."""
    return getattr(keras.losses, type(loss).__name__)(**loss.arguments)
