"""One training: from a built model to the weights to evaluate, checkpointed each epoch."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up

from cnnbench.config.schema import Config
from cnnbench.data.augment import Augmenter
from cnnbench.data.pipeline import Failure, TrainingBatches, class_weight_vector
from cnnbench.data.types import Dataset, Split
from cnnbench.errors import DataError
from cnnbench.machine.runtime import has_gpu
from cnnbench.training import checkpoint
from cnnbench.training.callbacks import Halt, KeepEpoch, ReseedEachEpoch, WatchSteps
from cnnbench.training.checkpoint import Checkpoint
from cnnbench.training.compile import compile_model
from cnnbench.training.course import Course, Fitted
from cnnbench.training.distributed.team import Team
from cnnbench.training.epochs import Epochs
from cnnbench.training.monitor import Row, monitored
from cnnbench.training.rates import Rates, rates_of


def fit(model: Any, config: Config, dataset: Dataset, team: Team, course: Course) -> Fitted:
    """Train `model` with `team` and leave in it the weights that the configuration asks for.

    Where the chief resumes, all go on after the last epoch in its checkpoint. Raises TrainingError where the loss stops
    being finite or a member of the team is lost, DataError where a checkpoint does not fit the model.
    """
    with team.losses_told():
        batches = _batches(config, dataset)
        trained = team.replica_of(model, lambda made: _compile(made, config, batches.steps_per_epoch))
        epochs = Epochs(config, course.keep, monitored(config.train, dataset.validation is not None))
        _restore(trained, epochs, team)
        halted = None
        if not (epochs.history and epochs.is_enough()):
            halted = _fit_epochs(trained, batches, dataset.validation, epochs, team, course)
        epochs.reason = halted or epochs.reason
        fitted = _finished(trained, epochs, team, halted=halted)
        team.hand_back(trained, model)
    return fitted


def _batches(config: Config, dataset: Dataset) -> TrainingBatches:
    return TrainingBatches(
        split=dataset.train,
        classes=len(dataset.class_names),
        batch_size=config.train.batch_size,
        seed=config.seed,
        augmenter=Augmenter(config.augment, config.seed),
        class_weights=class_weight_vector(config.train.class_weight, dataset.train.labels, dataset.class_names),
    )


def _compile(model: Any, config: Config, steps: int) -> None:
    compile_model(model, config.train, steps, has_gpu(keras.backend.backend()))
    model.optimizer.build(model.trainable_variables)


def _restore(model: Any, epochs: Epochs, team: Team) -> None:
    """Bring model and epochs to where the run was stopped."""
    keep = epochs.keep
    stopped = keep is not None and keep.resume and keep.last.exists()  # not so before its first epoch ended
    state = _take_over(model, keep.last if keep is not None and stopped else None, team, optimizer=True)
    epochs.history = [] if state is None else state.history
    if keep is not None and keep.resume:
        if state is not None:
            epochs.write_the_rest(keep, model)
        keep.clear()


def _take_over(model: Any, path: Path | None, team: Team, *, optimizer: bool) -> Checkpoint | None:
    state = team.load(path)
    if state is not None:
        checkpoint.restore(model, state, path or Path("the chief's checkpoint"), optimizer=optimizer)
    return state


def _fit_epochs(
    model: Any, batches: TrainingBatches, validation: Split | None, epochs: Epochs, team: Team, course: Course
) -> str | None:
    """Feed Keras' own loop; return why it was halted in mid-epoch, or None."""
    failure = Failure()
    stream = team.training(batches, len(epochs.history), failure)
    held_out, steps = (None, None) if validation is None else team.validation(validation, batches.classes, failure)
    try:
        model.fit(
            stream,
            validation_data=held_out,
            validation_steps=steps,
            steps_per_epoch=batches.steps_per_epoch,
            initial_epoch=len(epochs.history),
            epochs=epochs.config.train.epochs,
            shuffle=False,  # the stream is shuffled
            verbose=0,
            callbacks=_callbacks(batches, epochs, team, course),
        )
    except Halt as halt:
        return str(halt)
    except Exception:
        if failure.error is None:
            raise
        raise failure.error from None
    finally:
        if hasattr(stream, "close"):
            stream.close()
    return None


def _callbacks(batches: TrainingBatches, epochs: Epochs, team: Team, course: Course) -> list[Any]:
    """Return what happens between steps and epochs, in this order."""
    train, steps, seed = epochs.config.train, batches.steps_per_epoch, epochs.config.seed
    rates = rates_of(train, steps)
    if rates is not None and epochs.keep is not None:
        epochs.keep.write_rates(rates.by_epochs(steps), len(epochs.history))
    watch = _watch(batches, epochs, team, course, rates)

    def keep(model: Any, row: Row) -> bool:
        enough = epochs.add(model, row)
        course.observer.on_epoch(watch.progress_at_end(row), row)
        return enough

    averaging = [keras.callbacks.SwapEMAWeights()] if train.ema is not None else []
    return [*averaging, ReseedEachEpoch(seed), *team.callbacks(seed, steps), watch, KeepEpoch(keep)]


def _watch(batches: TrainingBatches, epochs: Epochs, team: Team, course: Course, rates: Rates | None) -> WatchSteps:
    train = epochs.config.train
    return WatchSteps(
        images=len(batches.split),
        batch_size=train.batch_size,
        epochs=train.epochs,
        observer=course.observer,
        stop=course.stop,
        deadline=time.monotonic() + 60 * train.max_minutes if train.max_minutes else None,
        agree=team.agree,
        rates=rates,
    )


def _finished(model: Any, epochs: Epochs, team: Team, halted: str | None) -> Fitted:
    stopping = epochs.config.train.early_stopping
    restore_best = stopping is not None and stopping.restore_best
    best = epochs.best
    kept = f"epoch {best}, the best by {epochs.monitor}" if restore_best else f"epoch {len(epochs.history)}, the last"
    if best is None:
        kept = "an unfinished first epoch"
    elif restore_best:
        _take_best(model, epochs, team)
    elif halted or epochs.config.train.ema is not None:
        _load_last(model, epochs, team)
    return Fitted(
        history=epochs.history,
        best_epoch=best,
        kept_epoch=best if restore_best else len(epochs.history) or None,
        monitor=epochs.monitor,
        reason=epochs.reason,
        kept=kept,
    )


def _take_best(model: Any, epochs: Epochs, team: Team) -> None:
    """Put the best epoch's weights into the model; raises DataError where the file holds those of other epochs."""
    path = None if epochs.keep is None else epochs.keep.best
    state = _take_over(model, path, team, optimizer=False)
    if path is not None and state is not None and not state.is_after(epochs.history[: epochs.best]):
        raise DataError(
            f"{path}: holds epoch {len(state.history)} of another course, not epoch {epochs.best} of this run"
        )


def _load_last(model: Any, epochs: Epochs, team: Team) -> None:
    """Drop the steps of an unfinished epoch; with averaging, take the averages as the last epoch left them."""
    _take_over(model, None if epochs.keep is None else epochs.keep.last, team, optimizer=True)
    averages = checkpoint.averaged_weights(model)
    for variable in model.trainable_variables:
        if variable.path in averages:
            variable.assign(averages[variable.path])
