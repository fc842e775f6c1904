"""Optimizer, loss and metrics from the `train` section."""

from __future__ import annotations

from typing import Any

from cnnbench.config.schema import Loss, Train


def compile_model(model: Any, train: Train, steps_per_epoch: int, on_gpu: bool) -> None:
    """Compile `model` in place for one-hot labels."""
    import keras

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
    """Return the Keras optimizer with its schedule; arguments not given are Keras' defaults."""
    import keras

    arguments = dict(train.optimizer.model_extra or {})
    arguments["learning_rate"] = learning_rate(train, steps_per_epoch)
    if train.ema is not None:
        arguments |= {"use_ema": True, "ema_momentum": train.ema}
    return getattr(keras.optimizers, train.optimizer.name)(**arguments)


def learning_rate(train: Train, steps_per_epoch: int) -> Any:
    """Return the Keras schedule, or the constant rate; Keras' default for the optimizer where none is given."""
    import keras

    from cnnbench.training.schedules import build_schedule

    rate = (train.optimizer.model_extra or {}).get("learning_rate")
    if not rate:
        rate = keras.ops.convert_to_numpy(getattr(keras.optimizers, train.optimizer.name)().learning_rate)
    return build_schedule(train.schedule, float(rate), steps_per_epoch, train.epochs)


def build_loss(loss: Loss) -> Any:
    """Return the Keras loss over one-hot labels and probabilities."""
    import keras

    smoothing = {"label_smoothing": loss.label_smoothing} if loss.label_smoothing else {}
    if loss.name == "categorical_crossentropy":
        return keras.losses.CategoricalCrossentropy(**smoothing)
    if loss.name == "binary_crossentropy":
        return keras.losses.BinaryCrossentropy(**smoothing)
    if loss.name == "categorical_focal_crossentropy":
        gamma = 2.0 if loss.gamma is None else loss.gamma
        alpha = 0.25 if loss.alpha is None else loss.alpha
        return keras.losses.CategoricalFocalCrossentropy(alpha=alpha, gamma=gamma, **smoothing)
    errors = {
        "mean_squared_error": keras.losses.MeanSquaredError,
        "mean_squared_logarithmic_error": keras.losses.MeanSquaredLogarithmicError,
        "mean_absolute_error": keras.losses.MeanAbsoluteError,
    }
    return errors[loss.name]()
