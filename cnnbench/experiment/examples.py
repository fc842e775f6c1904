"""What a run keeps of its training images for the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnbench.runs.folder import RunDir

if TYPE_CHECKING:
    from cnnbench.config.schema import Config
    from cnnbench.data.types import Dataset


def keep_examples(run: RunDir, config: Config, dataset: Dataset) -> None:
    """Keep a few training images before and after augmentation for the report."""
    from cnnbench.data.examples import augmentation_examples
    from cnnbench.runs.augmentation import write_augmentation

    if not config.augment or not len(dataset.train):
        return
    write_augmentation(run.augmentation, *augmentation_examples(config, dataset))
