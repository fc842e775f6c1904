"""The story of one experiment, from a configuration to a run folder with a report."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from cnnbench.catalogue.sources import DEFAULT_TEST
from cnnbench.config.schema import Config
from cnnbench.data.load import load_dataset
from cnnbench.data.record import NO_RECORD, Record
from cnnbench.data.types import Dataset
from cnnbench.evaluation.evaluate import Evaluated, evaluate
from cnnbench.experiment.beginning import describe, opened, summary
from cnnbench.experiment.ending import concluded
from cnnbench.experiment.following import follow
from cnnbench.experiment.options import Options
from cnnbench.experiment.result import Result
from cnnbench.experiment.resume import backend_of, differences
from cnnbench.files.whole import refuse_gone, whole_file
from cnnbench.learners.choose import learner_of
from cnnbench.learners.learner import Learner, Task
from cnnbench.machine.interrupt import stop_on_signals
from cnnbench.runs.folder import RunDir
from cnnbench.runs.history import write_history, write_rates
from cnnbench.runs.metrics import METRICS
from cnnbench.runs.predictions import write_predictions
from cnnbench.runs.run import Run
from cnnbench.runs.samples import write_samples
from cnnbench.runs.split import recorded
from cnnbench.runs.status import Status
from cnnbench.training.course import Course, Fitted, Keep
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
        fitted = learner.fit(Course(watched, stop, _keep(run_dir, status, options)))
        _save(run_dir, learner, fitted, status)
        stop.act_at_once()
        watched.on_stage("testing")
        trained = time.perf_counter()
        evaluated = evaluate(learner.predict(dataset.test), dataset, "test", config.evaluation)
        times = {"training_seconds": trained - began, "test_seconds": time.perf_counter() - trained}
        _write_results(run_dir, config, dataset, evaluated, fitted, times)
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
        write_history=partial(write_history, run.history),
        write_rates=partial(write_rates, run.learning_rate),
        note=lambda epoch: status.update(epoch=epoch),
        clear=run.remove_results,
        resume=options.resume is not None,
    )


def _save(run: RunDir, learner: Learner, fitted: Fitted, status: Status) -> None:
    refuse_gone(run.path)
    with whole_file(run.model_of(learner.suffix)) as part:
        learner.save(part)
    status.update(
        epoch=len(fitted.history),
        best_epoch=fitted.best_epoch,
        kept_epoch=fitted.kept_epoch,
        monitor=fitted.monitor,
        notes=[*status.values["notes"], *fitted.notes, f"the saved model is that of {fitted.kept}"],
    )


def _write_results(
    run_dir: RunDir, config: Config, dataset: Dataset, evaluated: Evaluated, fitted: Fitted, times: dict[str, float]
) -> None:
    refuse_gone(run_dir.path)
    write_predictions(run_dir.predictions, evaluated, dataset.class_names)
    write_samples(run_dir.samples, evaluated, config.seed)
    layers = Run(run_dir.path).layers
    data = {
        "source": dataset.source,
        "notes": list(dataset.notes),
        "test_images": dataset.contents["test"].fingerprint,
    }
    METRICS.write(
        run_dir.metrics,
        {
            **evaluated.metrics,
            "data": data,
            "weights": fitted.kept,
            "times": times | {"epochs_seconds": sum(row["seconds"] for row in fitted.history)},
            **{name: layers[name] for name in ("parameters", "macs") if name in layers},
        },
    )
