"""One training: from a built model to the weights to evaluate, checkpointed each epoch."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up

from cnnbench.config.schema import Config
from cnnbench.data.augment import Augmenter
from cnnbench.data.pipeline import Failure, TrainingBatches, class_weight_vector, evaluation_steps
from cnnbench.data.types import Dataset, Split
from cnnbench.machine.runtime import has_gpu
from cnnbench.training import checkpoint
from cnnbench.training.budget import budget_of, refuse_too_short
from cnnbench.training.callbacks import KeepEpoch, KeepToBudget, OneBehind, ReseedEachEpoch, WatchSteps
from cnnbench.training.checkpoint import Checkpoint
from cnnbench.training.course import Course, Fitted
from cnnbench.training.dead_units import WatchDeadUnits, can_die, told
from cnnbench.training.distributed.team import Team
from cnnbench.training.epochs import Epochs, untrained
from cnnbench.training.monitor import Row, monitored
from cnnbench.training.rates import Rates, rates_of
from cnnbench.training.stages import stage_at, stages_of
from cnnbench.training.trainee import Trainee
from cnnbench.training.watch import Halt, Watch


def fit(model: Any, config: Config, dataset: Dataset, team: Team, course: Course) -> Fitted:
    """Train `model` with `team` and leave in it the weights that the configuration asks for.

    Where the chief resumes, all go on after the last epoch in its checkpoint. Raises TrainingError where the loss stops
    being finite or a member of the team is lost, DataError where a checkpoint does not fit the model. With no epochs
    the model stays as it is.
    """
    if config.train.epochs == 0:
        return untrained(course.keep)
    with team.losses_told():
        batches = _batches(config, dataset)
        trainee = Trainee(team.replica_of(model), config.train, team, batches.steps_per_epoch)
        monitor = monitored(config.train, dataset.validation is not None)
        epochs = Epochs(config, course.keep, monitor, stages_of(config))
        _restore(trainee, epochs)
        if config.train.budget_minutes is not None:
            clock = partial(_shared, team, course.clock)
            epochs.budget = budget_of(config.train, batches.steps_per_epoch, clock, epochs.history)
        halted = _fit_stages(trainee, batches, dataset, epochs, course)
        epochs.reason = halted or epochs.reason
        fitted = _finished(trainee, epochs, halted=halted)
        trainee.thaw()
        team.hand_back(trainee.model, model)
    return fitted


def _shared(team: Team, clock: Callable[[], float]) -> float:
    return team.of_chief(clock())


def _batches(config: Config, dataset: Dataset) -> TrainingBatches:
    return TrainingBatches(
        split=dataset.train,
        classes=len(dataset.class_names),
        batch_size=config.train.batch_size,
        seed=config.seed,
        augmenter=Augmenter(config.augment, config.seed),
        class_weights=class_weight_vector(config.train.class_weight, dataset.train.labels, dataset.class_names),
        draws=config.train.augment_draws or 1,
    )


def _restore(trainee: Trainee, epochs: Epochs) -> None:
    """Bring model and epochs to where the run was stopped."""
    keep = epochs.keep
    stopped = keep is not None and keep.resume and keep.last.exists()  # not so before its first epoch ended
    state = _recall(trainee, epochs, keep.last if keep is not None and stopped else None)
    epochs.history = [] if state is None else state.history
    if keep is not None and keep.resume:
        if state is not None:
            epochs.write_the_rest(keep, trainee, state.variables)
        keep.clear()


def _recall(trainee: Trainee, epochs: Epochs, path: Path | None) -> Checkpoint | None:
    """Bring the model, its optimizer too, to the end of an epoch, if there is a checkpoint of one."""
    state = trainee.team.load(path)
    if state is not None:
        trainee.recall(state, path or _OF_CHIEF, stage_at(epochs.stages, len(state.history)))
    return state


REHEARSED = 4  # batches
_OF_CHIEF = Path("the chief's checkpoint")


def _fit_stages(
    trainee: Trainee, batches: TrainingBatches, dataset: Dataset, epochs: Epochs, course: Course
) -> str | None:
    """Train stage after stage; return why a stage was halted in mid-epoch, or None."""
    callbacks = _callbacks(trainee, batches, epochs, course)
    for stage in epochs.stages:
        if epochs.history and epochs.is_enough():
            break
        if len(epochs.history) >= stage.last:
            continue
        if trainee.stage != stage:
            trainee.begin(stage, epochs.history)
        if epochs.budget is not None:
            epochs.budget.closing = _rehearsed(trainee, batches, dataset.validation, epochs.budget.clock)
            refuse_too_short(epochs.budget)
            if epochs.history and epochs.is_enough():
                break
        halted = _fit_epochs(trainee, batches, dataset.validation, epochs, callbacks)
        if halted:
            return halted
    return None


def _rehearsed(
    trainee: Trainee, batches: TrainingBatches, validation: Split | None, clock: Callable[[], float]
) -> float:
    """Return about how many seconds a validation takes, by its first batches once the network is compiled for it."""
    if validation is None:
        return 0.0
    held_out, steps = trainee.team.validation(validation, batches.classes, failure := Failure())
    steps = steps or evaluation_steps(validation)
    tried = min(steps, REHEARSED)
    try:
        trainee.model.evaluate(held_out, steps=1, verbose=0)
        began = clock()
        trainee.model.evaluate(held_out, steps=tried, verbose=0)
    except Exception:
        if failure.error is None:
            raise
        raise failure.error from None
    return (clock() - began) * steps / tried


def _fit_epochs(
    trainee: Trainee, batches: TrainingBatches, validation: Split | None, epochs: Epochs, callbacks: list[Any]
) -> str | None:
    """Feed Keras' own loop for the rest of a stage; return why it was halted in mid-epoch, or None."""
    model, team, failure = trainee.model, trainee.team, Failure()
    assert trainee.stage is not None
    stream = team.training(batches, len(epochs.history), failure)
    held_out, steps = (None, None) if validation is None else team.validation(validation, batches.classes, failure)
    try:
        model.fit(
            stream,
            validation_data=held_out,
            validation_steps=steps,
            steps_per_epoch=batches.steps_per_epoch,
            initial_epoch=len(epochs.history),
            epochs=trainee.stage.last,
            shuffle=False,  # the stream is shuffled
            verbose=0,
            callbacks=_told(callbacks, trainee, batches.steps_per_epoch),
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


def _told(callbacks: list[Any], trainee: Trainee, steps: int) -> Any:
    """Return the callbacks as `fit` is to call them."""
    if not has_gpu(keras.backend.backend()):
        return callbacks
    assert trainee.stage is not None
    return OneBehind(callbacks, trainee.model, epochs=trainee.stage.last, steps=steps)


def _callbacks(trainee: Trainee, batches: TrainingBatches, epochs: Epochs, course: Course) -> list[Any]:
    """Return what happens between steps and epochs, in this order."""
    team = trainee.team
    train, steps, seed = epochs.config.train, batches.steps_per_epoch, epochs.config.seed
    rates = rates_of(train, steps, epochs.stages)
    if rates is not None and epochs.keep is not None:
        epochs.keep.write_rates(rates.by_epochs(steps), len(epochs.history))
    watch = _watch(batches, epochs, team, course, rates)

    def keep(_: Any, row: Row) -> bool:
        enough = epochs.add(trainee, row)
        course.observer.on_epoch(watch.progress_at_end(row), row)
        return enough

    averaging = [keras.callbacks.SwapEMAWeights()] if train.ema is not None else []
    watched = train.watch_dead_units and any(map(can_die, trainee.model.layers))  # a head alone may have no relu
    dead = [WatchDeadUnits(trainee.model, batches.split)] if watched else []
    timed = [] if epochs.budget is None else [KeepToBudget(epochs.budget)]
    return [
        *timed,
        *averaging,
        ReseedEachEpoch(seed),
        *team.callbacks(seed, steps),
        WatchSteps(watch),
        *dead,
        KeepEpoch(keep),
    ]


def _watch(batches: TrainingBatches, epochs: Epochs, team: Team, course: Course, rates: Rates | None) -> Watch:
    train = epochs.config.train
    return Watch(
        images=len(batches.split),
        batch_size=train.batch_size,
        epochs=train.most_epochs,
        observer=course.observer,
        stop=course.stop,
        deadline=time.monotonic() + 60 * train.max_minutes if train.max_minutes else None,
        agree=team.agree,
        rates=rates,
        budget=epochs.budget,
    )


def _finished(trainee: Trainee, epochs: Epochs, halted: str | None) -> Fitted:
    if epochs.restores_best:
        _take_best(trainee, epochs)
    elif epochs.history and (halted or epochs.config.train.ema is not None):
        _load_last(trainee, epochs)
    fitted = epochs.fitted()
    return replace(fitted, notes=[*fitted.notes, *told(epochs.history)])


def _take_best(trainee: Trainee, epochs: Epochs) -> None:
    """Put the best epoch's weights into the model; raises DataError where the file holds those of other epochs."""
    path = None if epochs.keep is None else epochs.keep.best
    state = trainee.team.load(path)
    if state is not None:
        checkpoint.restore(trainee.model, state, path or _OF_CHIEF, optimizer=False)
    if path is not None and state is not None:
        epochs.refuse_another(state.history, path)


def _load_last(trainee: Trainee, epochs: Epochs) -> None:
    """Drop the steps of an unfinished epoch; with averaging, take the averages as the last epoch left them."""
    _recall(trainee, epochs, None if epochs.keep is None else epochs.keep.last)
    trainee.take_averages()
