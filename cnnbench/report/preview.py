"""A picture of training images before and after augmentation."""

from __future__ import annotations

from pathlib import Path

from cnnbench.config.schema import Config
from cnnbench.data.examples import augmentation_examples
from cnnbench.errors import ConfigError
from cnnbench.files.whole import whole_file
from cnnbench.machine import runtime
from cnnbench.views.charts.pictures import augmentation_preview
from cnnbench.views.figure import Figure, draw


def preview(config: Config, output: Path, *, offline: bool = False, quiet: bool = False) -> None:
    """Write `output`, a PNG of training images, each beside its variants as training would see them.

    Raises ConfigError where the file is no .png or cannot be written, DataError where the data cannot be loaded.
    """
    from cnnbench.data.load import load_data

    if output.suffix.lower() != ".png":
        raise ConfigError(f"{output}: the preview is a .png file")
    dataset = load_data(config.data, config.seed, offline=offline, quiet=quiet)
    runtime.start()
    panel = augmentation_preview(*augmentation_examples(config, dataset))
    png = draw([Figure("augmentation", "", [panel])])["augmentation"].file("png")
    try:
        with whole_file(output) as part:
            part.write_bytes(png)
    except OSError as e:
        raise ConfigError(f"{output}: cannot be written ({e.strerror})") from None
