"""One training: from a built model to the weights to evaluate, checkpointed each epoch."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnbench.config.schedules import ReduceLROnPlateau
from cnnbench.config.schema import Config
from cnnbench.data.types import Dataset, Split
from cnnbench.errors import DataError, TrainingError
from cnnbench.files.whole import write_csv
from cnnbench.machine.interrupt import StopRequest
from cnnbench.runs.folder import RunDir
from cnnbench.training import checkpoint
from cnnbench.training.checkpoint import Checkpoint
from cnnbench.training.distributed.team import Team
from cnnbench.training.monitor import Row, best_epoch, has_run_out_of_patience, monitored, plateau_factor
from cnnbench.training.observer import Observer
from cnnbench.training.rates import rates_of, write_rates

if TYPE_CHECKING:
    from cnnbench.data.pipeline import TrainingBatches

HISTORY_COLUMNS = (
    "epoch",
    "loss",
    "accuracy",
    "true_positives",
    "val_loss",
    "val_accuracy",
    "val_true_positives",
    "learning_rate",
    "seconds",
    "images_per_second",
)


@dataclass(frozen=True)
class Fitted:
    """How a training ended: `kept` says which weights the model holds now, those of `kept_epoch` if it is any."""

    history: Sequence[Row]
    best_epoch: int | None
    kept_epoch: int | None
    monitor: str
    reason: str
    kept: str


@dataclass
class _Epochs:
    """Keeps finished epochs: checkpoint, history file, best epoch, patience and plateau."""

    config: Config
    run: RunDir | None
    monitor: str
    note: Callable[[int], None]
    history: list[Row] = field(default_factory=list)
    reason: str = "all epochs done"

    def keep(self, model: Any, row: Row) -> bool:
        """Write one epoch down; return whether training is to stop."""
        self.history.append(row)
        _refuse_unusable(row, self.monitor)
        factor = plateau_factor(self.history, self.config.train.schedule)
        if factor is not None:
            _lower_rate(model, factor, self.config)
        if self.run is not None:
            self._write(self.run, model)
        self.note(len(self.history))
        return self.is_enough()

    def _write(self, run: RunDir, model: Any) -> None:
        """Write the last epoch first: whatever else is missing after a kill is made from it again."""
        checkpoint.save_last(run.last_checkpoint, model, self.history)
        self.write_the_rest(run, model)

    def write_the_rest(self, run: RunDir, model: Any) -> None:
        """Write what follows from the state after the last epoch, which `model` is in."""
        if self.best == len(self.history):
            checkpoint.save_best(run.best_checkpoint, model, self.history)
        write_history(run, self.history)

    def is_enough(self) -> bool:
        """Return whether patience has run out, and note why training ends."""
        stopping = self.config.train.early_stopping
        if not has_run_out_of_patience(self.history, stopping):
            return False
        assert stopping is not None
        if len(self.history) < self.config.train.epochs:
            self.reason = f"{self.monitor} did not improve for {stopping.patience} epochs"
        return True

    @property
    def best(self) -> int | None:
        """The best epoch so far."""
        return best_epoch(self.history, self.monitor, self._min_delta) if self.history else None

    @property
    def _min_delta(self) -> float:
        stopping = self.config.train.early_stopping
        return stopping.min_delta if stopping is not None else 0.0


def fit(
    model: Any,
    config: Config,
    dataset: Dataset,
    run: RunDir | None,
    *,
    team: Team,
    observer: Observer,
    note_epoch: Callable[[int], None],
    stop: StopRequest,
    resume: bool,
) -> Fitted:
    """Train `model` with `team` and leave in it the weights that the configuration asks for.

    `run` is None in a process that is not the team's chief. `note_epoch` is told the number of checkpointed epochs
    after each. With the chief's `resume` all go on after the last epoch in the run folder's checkpoint. Raises
    TrainingError where the loss stops being finite or a member of the team is lost, DataError where a checkpoint does
    not fit the model.
    """
    with team.losses_told():
        batches = _batches(config, dataset)
        trained = team.replica_of(model, lambda made: _compile(made, config, batches.steps_per_epoch))
        epochs = _Epochs(config, run, monitored(config.train, dataset.validation is not None), note_epoch)
        _restore(trained, epochs, team, resume)
        halted = None
        if not (epochs.history and epochs.is_enough()):
            halted = _fit_epochs(trained, batches, dataset.validation, epochs, team, observer, stop)
        epochs.reason = halted or epochs.reason
        fitted = _finished(trained, epochs, team, halted=halted)
        team.hand_back(trained, model)
    return fitted


def _batches(config: Config, dataset: Dataset) -> Any:
    from cnnbench.data.augment import Augmenter
    from cnnbench.data.pipeline import TrainingBatches, class_weight_vector

    return TrainingBatches(
        split=dataset.train,
        classes=len(dataset.class_names),
        batch_size=config.train.batch_size,
        seed=config.seed,
        augmenter=Augmenter(config.augment, config.seed),
        class_weights=class_weight_vector(config.train.class_weight, dataset.train.labels, dataset.class_names),
    )


def _compile(model: Any, config: Config, steps: int) -> None:
    import keras

    from cnnbench.machine.runtime import has_gpu
    from cnnbench.training.compile import compile_model

    compile_model(model, config.train, steps, has_gpu(keras.backend.backend()))
    model.optimizer.build(model.trainable_variables)


def _restore(model: Any, epochs: _Epochs, team: Team, resume: bool) -> None:
    """Bring model and epochs to where the run was stopped."""
    run = epochs.run
    stopped = run is not None and resume and run.last_checkpoint.exists()  # not so before its first epoch ended
    state = _take_over(model, run.last_checkpoint if run is not None and stopped else None, team, optimizer=True)
    epochs.history = [] if state is None else state.history
    if run is not None and resume:
        if state is not None:
            epochs.write_the_rest(run, model)
        run.remove_results()  # not before the checkpoint has turned out to be good


def _take_over(model: Any, path: Path | None, team: Team, *, optimizer: bool) -> Checkpoint | None:
    state = team.load(path)
    if state is not None:
        checkpoint.restore(model, state, path or Path("the chief's checkpoint"), optimizer=optimizer)
    return state


def _fit_epochs(
    model: Any,
    batches: TrainingBatches,
    validation: Split | None,
    epochs: _Epochs,
    team: Team,
    observer: Observer,
    stop: StopRequest,
) -> str | None:
    """Feed Keras' own loop; return why it was halted in mid-epoch, or None."""
    from cnnbench.data.pipeline import Failure

    failure = Failure()
    stream = team.training(batches, len(epochs.history), failure)
    held_out = (None, None) if validation is None else team.validation(validation, batches.classes, failure)
    try:
        return _run_loop(model, batches, stream, held_out, epochs, team, observer, stop)
    except Exception:
        if failure.error is None:
            raise
        raise failure.error from None
    finally:
        if hasattr(stream, "close"):
            stream.close()


def _run_loop(
    model: Any,
    batches: TrainingBatches,
    stream: Any,
    held_out: tuple[Any, int | None],
    epochs: _Epochs,
    team: Team,
    observer: Observer,
    stop: StopRequest,
) -> str | None:
    import keras

    from cnnbench.training.callbacks import Halt, KeepEpoch, ReseedEachEpoch, WatchSteps

    train, steps = epochs.config.train, batches.steps_per_epoch
    rates = rates_of(train, steps)
    if rates is not None and epochs.run is not None:
        write_rates(epochs.run, rates, steps, done=len(epochs.history))
    watch = WatchSteps(
        images=len(batches.split),
        batch_size=train.batch_size,
        epochs=train.epochs,
        observer=observer,
        stop=stop,
        deadline=time.monotonic() + 60 * train.max_minutes if train.max_minutes else None,
        agree=team.agree,
        rates=rates,
    )

    def keep(model: Any, row: Row) -> bool:
        enough = epochs.keep(model, row)
        observer.on_epoch(watch.progress_at_end(row), row)
        return enough

    averaging = [keras.callbacks.SwapEMAWeights()] if train.ema is not None else []
    try:
        model.fit(
            stream,
            validation_data=held_out[0],
            validation_steps=held_out[1],
            steps_per_epoch=steps,
            initial_epoch=len(epochs.history),
            epochs=train.epochs,
            shuffle=False,  # the stream is shuffled
            verbose=0,
            callbacks=[
                *averaging,
                ReseedEachEpoch(epochs.config.seed),
                *team.callbacks(epochs.config.seed, steps),
                watch,
                KeepEpoch(keep),
            ],
        )
    except Halt as halt:
        return str(halt)
    return None


def _finished(model: Any, epochs: _Epochs, team: Team, halted: str | None) -> Fitted:
    run, stopping = epochs.run, epochs.config.train.early_stopping
    restore_best = stopping is not None and stopping.restore_best
    best = epochs.best
    kept = f"epoch {best}, the best by {epochs.monitor}" if restore_best else f"epoch {len(epochs.history)}, the last"
    if best is None:
        kept = "an unfinished first epoch"
    elif restore_best:
        _take_best(model, epochs, team)
    elif halted or epochs.config.train.ema is not None:
        _load_last(model, None if run is None else run.last_checkpoint, team)
    return Fitted(
        history=epochs.history,
        best_epoch=best,
        kept_epoch=best if restore_best else len(epochs.history) or None,
        monitor=epochs.monitor,
        reason=epochs.reason,
        kept=kept,
    )


def _take_best(model: Any, epochs: _Epochs, team: Team) -> None:
    """Put the best epoch's weights into the model; raises DataError where the file holds those of other epochs."""
    path = None if epochs.run is None else epochs.run.best_checkpoint
    state = _take_over(model, path, team, optimizer=False)
    if path is not None and state is not None and not state.is_after(epochs.history[: epochs.best]):
        raise DataError(
            f"{path}: holds epoch {len(state.history)} of another course, not epoch {epochs.best} of this run"
        )


def _load_last(model: Any, path: Path | None, team: Team) -> None:
    """Drop the steps of an unfinished epoch; with averaging, take the averages as the last epoch left them."""
    _take_over(model, path, team, optimizer=True)
    averages = checkpoint.averaged_weights(model)
    for variable in model.trainable_variables:
        if variable.path in averages:
            variable.assign(averages[variable.path])


def _lower_rate(model: Any, factor: float, config: Config) -> None:
    import keras

    schedule = config.train.schedule
    assert isinstance(schedule, ReduceLROnPlateau)
    rate = float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
    model.optimizer.learning_rate = max(rate * factor, schedule.min_learning_rate)


def _refuse_unusable(row: Row, monitor: str) -> None:
    value = row.get(monitor)
    if value is None:
        raise DataError(f"train.early_stopping.monitor: {monitor} needs a validation split (data.validation > 0)")
    if value != value:
        raise TrainingError(f"epoch {row['epoch']:.0f}: {monitor} is nan; a lower learning rate keeps it finite")


def write_history(run: RunDir, history: Sequence[Row]) -> None:
    """Write `history.csv`; columns no epoch has are left out."""
    columns = [c for c in HISTORY_COLUMNS if any(c in row for row in history)]
    write_csv(run.history, columns, ([_cell(c, row[c]) for c in columns] for row in history))


def _cell(column: str, value: float) -> str:
    return str(int(value)) if column in ("epoch", "true_positives", "val_true_positives") else repr(value)
