"""How a run begins: its folder, what is written down before the first epoch, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cnnbench.config.dump import dump_yaml
from cnnbench.config.schema import Config, Train
from cnnbench.data.record import split_record
from cnnbench.data.types import Dataset
from cnnbench.experiment.options import Options
from cnnbench.experiment.resume import alone_in
from cnnbench.files.whole import write_text
from cnnbench.learners.learner import Learner
from cnnbench.runs.augmentation import write_augmentation
from cnnbench.runs.environment import ENVIRONMENT
from cnnbench.runs.folder import RunDir, create, create_at
from cnnbench.runs.layers import LAYERS
from cnnbench.runs.run import Run
from cnnbench.runs.split import SPLIT
from cnnbench.runs.stages import STAGES
from cnnbench.runs.stages import sentence as sentence_of_stage
from cnnbench.runs.weights import WEIGHTS, sentence
from cnnbench.text import count, printable
from cnnbench.views.layout import aligned


@contextmanager
def opened(config: Config, options: Options) -> Iterator[RunDir]:
    """Yield the run folder, with all other processes kept out of it; raises ConfigError where one is in it."""
    text = dump_yaml(config)
    if options.resume is not None:
        run_dir = RunDir(options.resume)
    elif options.folder is not None:
        run_dir = create_at(options.folder, text)
    else:
        run_dir = create(options.output, config.name, text)
    with alone_in(run_dir):
        if options.resume is not None:
            write_text(run_dir.config, text)
        yield run_dir


def describe(run: RunDir, learner: Learner, dataset: Dataset) -> None:
    """Write what is known before the first step: environment, splits, layers and augmented examples."""
    ENVIRONMENT.write(run.environment, learner.environment)
    if not run.split.exists():  # a run that goes on keeps to what it began with
        SPLIT.write(run.split, split_record(dataset))
    LAYERS.write(run.layers, learner.describe())
    if stages := learner.stages():
        STAGES.write(run.stages, {"stages": stages})
    if learner.weights is not None:
        WEIGHTS.write(run.weights, learner.weights)
    if learner.examples is not None:
        write_augmentation(run.augmentation, *learner.examples)


def summary(run: RunDir, config: Config, dataset: Dataset, environment: Mapping[str, Any]) -> str:
    """Return a few lines, once the run folder has its layers.json."""
    told, name = Run(run.path), config.model.title or config.name
    computer, by = ", ".join(environment["devices"]), environment.get("backend") or environment["learner"]
    rows = [
        ("data", f"{dataset.source}: {_images(dataset)}; {len(dataset.class_names)} classes"),
        ("network", ", ".join([printable(name), *_size(told.layers)])),
        ("computed", f"by {by} on {computer}, {environment['precision']}"),
    ]
    if told.weights:
        rows.insert(2, ("weights", sentence(told.weights)))
    rows += [_stage(stage) for stage in told.stages]
    if done := len(told.history):
        rows.append(("goes on", f"after epoch {done}{_of(config.train)}"))
    return aligned(rows, right=()).rstrip("\n")


def _of(train: Train) -> str:
    return f" of {train.epochs}" if train.budget_minutes is None else f", for {train.budget_minutes:g} minutes in all"


def _size(layers: Mapping[str, Any]) -> list[str]:
    """Return how many parameters there are, nothing where that cannot be told."""
    return [f"{count(layers['parameters']['total'])} parameters"] if "parameters" in layers else []


def _stage(stage: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is frozen from the start, and from when on something else is so."""
    frozen, said = stage["frozen_layers"] > 0, sentence_of_stage(stage)
    if frozen and stage["first_epoch"] == 1:
        return "frozen", said
    return f"from epoch {count(stage['first_epoch'])}", f"frozen: {said}" if frozen else said


def _images(dataset: Dataset) -> str:
    splits = [("training", dataset.train), ("validation", dataset.validation), ("test", dataset.test)]
    return ", ".join(f"{count(len(split))} {name}" for name, split in splits if split is not None) + " images"
