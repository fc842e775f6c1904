"""The story of one experiment, from a configuration to a run folder with a report."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from cnnbench.catalogue.sources import DEFAULT_TEST
from cnnbench.config.schema import Config
from cnnbench.data.load import load_dataset
from cnnbench.data.record import NO_RECORD, Record
from cnnbench.data.types import Dataset, PartName
from cnnbench.evaluation.evaluate import evaluate
from cnnbench.evaluation.flips import with_flips
from cnnbench.experiment.beginning import describe, opened, summary
from cnnbench.experiment.ending import concluded
from cnnbench.experiment.following import follow
from cnnbench.experiment.measured import write_measured
from cnnbench.experiment.options import Options
from cnnbench.experiment.result import Result
from cnnbench.experiment.resume import backend_of, differences
from cnnbench.files.whole import refuse_gone, whole_file
from cnnbench.learners.choose import learner_of
from cnnbench.learners.learner import Learner, Task
from cnnbench.machine.interrupt import stop_on_signals
from cnnbench.runs.dead_units import write_dead_units
from cnnbench.runs.folder import RunDir
from cnnbench.runs.history import write_history, write_rates
from cnnbench.runs.run import Run
from cnnbench.runs.split import recorded
from cnnbench.runs.status import Status
from cnnbench.training.course import Course, Fitted, Keep
from cnnbench.training.monitor import Row
from cnnbench.training.observer import Observer


def execute(config: Config, options: Options) -> Result:
    """Carry out a checked configuration; raises a `CnnbenchError` that says what is wrong."""
    backend = options.backend or config.train.backend
    if options.resume is not None:
        backend = backend_of(RunDir(options.resume), backend)
    record = recorded(options.resume)
    # Before a backend is loaded, so that what is wrong with the data is told at once.
    config, dataset = _read(config, record, options)
    learner = learner_of(
        Task(
            config=config,
            dataset=dataset,
            backend=backend,
            measure=not options.smoke,
            command=options.command,
            show=options.observer.on_stage,
            weights=_began_with(options),
            offline=options.offline,
        )
    )
    if not learner.chief:
        follow(learner, options.observer)
    config = learner.config
    with (
        opened(config, options) as run_dir,
        stop_on_signals() as stop,
        options.watch(run_dir, config, options.observer) as watched,
        concluded(run_dir, config, stop, options) as status,
    ):
        learner.build()
        gone = [NO_RECORD] if record is None and Run(run_dir.path).history else []
        changed = differences(run_dir, learner.environment)
        status.update(notes=[*learner.notes, *dataset.notes, *gone, *changed, *watched.notes])
        describe(run_dir, learner, dataset)
        _tell(watched, summary(run_dir, config, dataset, learner.environment), dataset)
        began = time.perf_counter()
        fitted = learner.fit(Course(watched, stop, _keep(run_dir, status, options), options.clock))
        _save(run_dir, learner, fitted, status)
        stop.act_at_once()
        trained = time.perf_counter() - began
        if dataset.validation is not None:
            watched.on_stage("measuring the validation images")
            _measure(run_dir, learner, dataset, "validation", fitted)
        watched.on_stage("testing")
        _measure(run_dir, learner, dataset, "test", fitted, training_seconds=trained)
        status.end("done", fitted.reason)
    return Result(run_dir.path, config)


def _read(config: Config, record: Record | None, options: Options) -> tuple[Config, Dataset]:
    """Return the images, and the configuration with what they decided: grey depth and the share of test images."""
    options.observer.on_stage(f"reading {config.data.source}")
    dataset = load_dataset(config, record=record, like=recorded(options.like), offline=options.offline)
    found: dict[str, Any] = {} if dataset.grey_bits is None else {"grey_bits": dataset.grey_bits}
    if dataset.test.part == "train" and config.data.test is None:
        found["test"] = DEFAULT_TEST
    return config.model_copy(update={"data": config.data.model_copy(update=found)}), dataset


def _began_with(options: Options) -> Mapping[str, Any] | None:
    """Return what a run tells of its first weights that goes on from a checkpoint, which holds what became of them."""
    if options.resume is None or not RunDir(options.resume).last_checkpoint.exists():
        return None
    return Run(options.resume).weights or None


def _tell(watched: Observer, beginning: str, dataset: Dataset) -> None:
    watched.on_note(beginning)
    for change in dataset.changes:
        watched.on_note(f"note: {change}")
    watched.on_stage("preparing the first step")


def _keep(run: RunDir, status: Status, options: Options) -> Keep:
    return Keep(
        last=run.last_checkpoint,
        best=run.best_checkpoint,
        write_history=partial(_write_epochs, run),
        write_rates=partial(write_rates, run.learning_rate),
        note=lambda epoch: status.update(epoch=epoch),
        clear=run.remove_results,
        resume=options.resume is not None,
    )


def _write_epochs(run: RunDir, history: Sequence[Row]) -> None:
    write_history(run.history, history)
    write_dead_units(run.dead_units, history)


def _save(run: RunDir, learner: Learner, fitted: Fitted, status: Status) -> None:
    refuse_gone(run.path)
    with whole_file(run.model_of(learner.suffix)) as part:
        learner.save(part)
    status.update(
        epoch=len(fitted.history),
        epochs=learner.config.train.known_epochs or len(fitted.history),
        best_epoch=fitted.best_epoch,
        kept_epoch=fitted.kept_epoch,
        monitor=fitted.monitor,
        notes=[*status.values["notes"], *fitted.notes, f"the saved model is that of {fitted.kept}"],
    )


def _measure(
    run_dir: RunDir, learner: Learner, dataset: Dataset, split: PartName, fitted: Fitted, **times: float
) -> None:
    """Let the trained learner see the images of a split once, and write down what comes of it."""
    began = time.perf_counter()
    said = learner.predict(getattr(dataset, split))
    evaluated = evaluate(said, dataset, split, learner.config.evaluation, learner.gives_probabilities)
    times[f"{split}_seconds"] = time.perf_counter() - began
    if learner.config.evaluation.test_time_augmentation is not None:
        evaluated = with_flips(evaluated, learner.predict)
    write_measured(run_dir, evaluated, dataset, learner.config.seed, fitted.kept, times, fitted.measured)
