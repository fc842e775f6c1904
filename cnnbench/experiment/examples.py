"""What a run keeps of its training images for the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnbench.files.whole import whole_file
from cnnbench.runs.folder import RunDir

if TYPE_CHECKING:
    from cnnbench.config.schema import Config
    from cnnbench.data.types import Dataset


def write_augmentation(run: RunDir, config: Config, dataset: Dataset) -> None:
    """Keep a few training images before and after augmentation for the report."""
    import numpy as np

    from cnnbench.data.examples import augmentation_examples

    if not config.augment or not len(dataset.train):
        return
    before, after = augmentation_examples(config, dataset)
    with whole_file(run.augmentation) as part:
        np.savez_compressed(part, before=before, after=after)
