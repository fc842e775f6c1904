"""What is told of a training before its first epoch: data, network and what it is computed on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from cnnbench.text import count, printable
from cnnbench.views.layout import aligned

if TYPE_CHECKING:
    from cnnbench.config.schema import Config
    from cnnbench.data.types import Dataset


def summary(run: RunDir, config: Config, dataset: Dataset, environment: Mapping[str, Any]) -> str:
    """Return a few lines, once the run folder has its layers.json."""
    told, name = Run(run.path), config.model.name or config.name
    computer = ", ".join(environment["devices"])
    rows = [
        ("data", f"{dataset.source}: {_images(dataset)}; {len(dataset.class_names)} classes"),
        ("network", f"{printable(name)}, {count(told.layers['parameters']['total'])} parameters"),
        ("computed", f"by {environment['backend']} on {computer}, {environment['precision']}"),
    ]
    if done := len(told.history):
        rows.append(("goes on", f"after epoch {done} of {config.train.epochs}"))
    return aligned(rows, right=()).rstrip("\n")


def _images(dataset: Dataset) -> str:
    splits = [("training", dataset.train), ("validation", dataset.validation), ("test", dataset.test)]
    return ", ".join(f"{count(len(split))} {name}" for name, split in splits if split is not None) + " images"
