"""One training: shuffled batches, a step for each, and after each epoch what every learner keeps of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from cnnbench.config.schedules import ReduceLROnPlateau
from cnnbench.config.schema import Config, Train
from cnnbench.data.augment import Augmenter
from cnnbench.data.pipeline import TrainingBatches, class_weight_vector, evaluation_batch, evaluation_steps
from cnnbench.data.types import Dataset, Images, Split
from cnnbench.learners.numpy.layer import Array
from cnnbench.learners.numpy.losses import Loss, loss_of
from cnnbench.learners.numpy.network import Network, accuracy, true_positives
from cnnbench.learners.numpy.optimizers import optimizer_of
from cnnbench.learners.numpy.trainee import Trainee
from cnnbench.training.budget import budget_of, refuse_too_short
from cnnbench.training.course import Course, Fitted
from cnnbench.training.epochs import Epochs
from cnnbench.training.monitor import monitored, plateau_rate, row_of
from cnnbench.training.plain_schedules import Rate, rate_of
from cnnbench.training.rates import rates_of
from cnnbench.training.stages import stages_of
from cnnbench.training.watch import Halt, Watch


def fit(network: Network, config: Config, dataset: Dataset, course: Course) -> Fitted:
    """Train a network and leave in it the weights that the configuration asks for.

    Where it resumes, it goes on after the last epoch in its checkpoint. Raises TrainingError where the loss stops being
    finite, DataError where a checkpoint does not fit.
    """
    train, batches = config.train, _batches(config, dataset)
    trainee = Trainee(network, optimizer_of(train.optimizer, _rate(train, batches.steps_per_epoch), network.weights))
    epochs = Epochs(config, course.keep, monitored(train, dataset.validation is not None), stages_of(config))
    _restore(trainee, epochs)
    if train.budget_minutes is not None:
        epochs.budget = budget_of(train, batches.steps_per_epoch, course.clock, epochs.history)
        epochs.budget.closing = _rehearsed(trainee, batches, dataset.validation, loss_of(train.loss), course.clock)
        refuse_too_short(epochs.budget)
    try:
        _fit_epochs(trainee, batches, dataset.validation, epochs, course)
    except Halt as halt:
        epochs.reason = str(halt)
        if epochs.history and epochs.keep is not None and not epochs.restores_best:
            trainee.recall(epochs.keep.last, optimizer=True)  # the steps of an unfinished epoch are left out
    if epochs.restores_best and epochs.keep is not None:
        epochs.refuse_another(trainee.recall(epochs.keep.best, optimizer=False), epochs.keep.best)
    return epochs.fitted()


def _batches(config: Config, dataset: Dataset) -> TrainingBatches:
    weights = class_weight_vector(config.train.class_weight, dataset.train.labels, dataset.class_names)
    nothing = Augmenter([], config.seed)
    return TrainingBatches(
        dataset.train, len(dataset.class_names), config.train.batch_size, config.seed, nothing, weights
    )


def _rate(train: Train, steps: int) -> Rate:
    return rate_of(train.schedule, train.optimizer.arguments["learning_rate"], steps, train.epochs)


def _restore(trainee: Trainee, epochs: Epochs) -> None:
    """Bring network, optimizer and epochs to where the run was stopped, and clear what it had measured."""
    keep, schedule = epochs.keep, epochs.config.train.schedule
    if keep is None or not keep.resume:
        return
    if keep.last.exists():  # not so before its first epoch ended
        epochs.history = trainee.recall(keep.last, optimizer=True)
        if isinstance(schedule, ReduceLROnPlateau):
            rate = plateau_rate(epochs.history, schedule, trainee.optimizer.rate(0))
            trainee.optimizer.rate = lambda step: rate
        epochs.write_the_rest(keep, trainee, trainee.state())
    keep.clear()


def _fit_epochs(
    trainee: Trainee, batches: TrainingBatches, validation: Split | None, epochs: Epochs, course: Course
) -> None:
    """Train what is left of the epochs; raises Halt where it is stopped in the midst of one."""
    watch = _watch(batches, epochs, course)
    loss, classes = loss_of(epochs.config.train.loss), batches.classes
    for epoch in range(len(epochs.history), epochs.config.train.most_epochs):
        if epochs.history and epochs.is_enough():
            break
        trainee.network.begin_epoch(epochs.config.seed, epoch)
        if epochs.budget is not None:
            epochs.budget.begin(epoch)
            trainee.take_rate(epochs.budget.rate)
        watch.begin(epoch, trainee.optimizer.rate(trainee.optimizer.step))
        logs = _epoch(trainee, batches, epoch, loss, watch)
        if validation is not None:
            logs |= _validated(trainee.network, validation, classes, loss)
        row = row_of(epoch, logs | watch.end(logs.get("val_accuracy")))
        enough = epochs.add(trainee, row)
        course.observer.on_epoch(watch.progress_at_end(row), row)
        if enough:
            break


def _epoch(trainee: Trainee, batches: TrainingBatches, epoch: int, loss: Loss, watch: Watch) -> dict[str, float]:
    """Take a step for each batch of an epoch; return the means of loss and accuracy over its images."""
    network, seen, logs = trainee.network, 0, {"accuracy": 0.0, "loss": 0.0, "true_positives": 0.0}
    for step, (images, targets, weights) in enumerate(_of_epoch(batches, epoch), start=1):
        probabilities, lost = network.learn(images, targets, loss, weights)
        trainee.optimizer.apply(network.weights, network.gradients)
        seen += len(images)
        share = len(images) / seen
        logs["loss"] += (lost - logs["loss"]) * share
        logs["accuracy"] += (accuracy(probabilities, targets) - logs["accuracy"]) * share
        logs["true_positives"] += true_positives(probabilities, targets)
        if watch.budget is not None:
            watch.budget.after_step()
            trainee.take_rate(watch.budget.rate)
        watch.after_step(step, logs)
        if watch.budget is not None and watch.budget.is_over:
            break
    return logs


def _of_epoch(batches: TrainingBatches, epoch: int) -> Iterator[tuple[Images, Array, Array | None]]:
    """Yield images, one-hot targets, and weights where images have any, of each batch of an epoch."""
    raw, classes = batches.raw(epoch), batches.classes
    for _ in range(batches.steps_per_epoch):
        images, rows, _ = next(raw)
        targets = rows[:, :classes]
        if batches.split.weights is not None:
            yield images, targets, rows[:, classes]
        else:
            yield images, targets, None if batches.class_weights is None else targets @ batches.class_weights


def _validated(network: Network, split: Split, classes: int, loss: Loss) -> dict[str, float]:
    """Return loss and accuracy of a split in inference mode."""
    batches = (evaluation_batch(split, classes, index) for index in range(evaluation_steps(split)))
    found = [(network(images), targets) for images, targets in batches]
    p, t = (np.concatenate(parts) for parts in zip(*found, strict=True))
    means = {"val_accuracy": accuracy(p, t), "val_loss": float(loss.of_images(p, t).mean(dtype=np.float64))}
    return {**means, "val_true_positives": true_positives(p, t)}


def _rehearsed(
    trainee: Trainee, batches: TrainingBatches, validation: Split | None, loss: Loss, clock: Callable[[], float]
) -> float:
    """Return about how many seconds a validation takes, by its first batch."""
    if validation is None:
        return 0.0
    began = clock()
    images, targets = evaluation_batch(validation, batches.classes, 0)
    loss.of_images(trainee.network(images), targets)
    return (clock() - began) * evaluation_steps(validation)


def _watch(batches: TrainingBatches, epochs: Epochs, course: Course) -> Watch:
    train, steps = epochs.config.train, batches.steps_per_epoch
    rates = rates_of(train, steps, epochs.stages)
    if rates is not None and epochs.keep is not None:
        epochs.keep.write_rates(rates.by_epochs(steps), len(epochs.history))
    deadline = time.monotonic() + 60 * train.max_minutes if train.max_minutes else None
    images = len(batches.split)
    return Watch(
        images,
        train.batch_size,
        train.most_epochs,
        course.observer,
        course.stop,
        deadline,
        rates=rates,
        budget=epochs.budget,
    )
