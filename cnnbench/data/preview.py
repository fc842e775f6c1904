"""A picture of training images before and after augmentation."""

from __future__ import annotations

from pathlib import Path

from cnnbench.config.schema import Config
from cnnbench.data.types import Dataset
from cnnbench.errors import ConfigError
from cnnbench.rundir import whole_file


def write_preview(config: Config, dataset: Dataset, output: Path) -> None:
    """Write `output`, a PNG of training images, each beside its variants as training would see them.

    Without augmentation the images stand alone. Raises ConfigError where the file cannot be written.
    """
    from cnnbench.record import augmentation_examples
    from cnnbench.report.plots import augmentation_preview

    if output.suffix.lower() != ".png":
        raise ConfigError(f"{output}: the preview is a .png file")
    before, after = augmentation_examples(config, dataset)
    figure = augmentation_preview(before, after)
    try:
        with whole_file(output) as part:
            figure.savefig(part, dpi=150)
    except OSError as e:
        raise ConfigError(f"{output}: cannot be written ({e.strerror})") from None
