"""A picture of training images: of every class, or before and after augmentation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cnnbench.config.schema import Config
from cnnbench.data.examples import augmentation_examples, class_examples
from cnnbench.data.types import Dataset
from cnnbench.errors import ConfigError
from cnnbench.files.whole import whole_file
from cnnbench.machine import runtime
from cnnbench.views.charts.pictures import augmentation_preview, class_rows
from cnnbench.views.figure import Figure, Panel, draw

CLASSES = 20  # below each other
ACROSS, DOWN = 5, 2  # such columns beside and below each other: a picture of more is too large to look at


def preview(config: Config, output: Path, *, offline: bool = False, quiet: bool = False) -> None:
    """Write `output`, a PNG of training images, each beside its variants as training would see them.

    Raises ConfigError where the file is no .png or cannot be written, DataError where the data cannot be loaded.
    """
    dataset = _dataset(config, output, offline, quiet)
    runtime.start()
    _write([augmentation_preview(*augmentation_examples(config, dataset))], output)


def preview_classes(config: Config, output: Path, *, offline: bool = False, quiet: bool = False) -> int:
    """Write `output`, a PNG of some training images of every class, and return how many classes it left out.

    Raises as `preview` does, and starts no Keras.
    """
    dataset = _dataset(config, output, offline, quiet)
    names = dataset.class_names[: CLASSES * ACROSS * DOWN]
    rows = [(name, *class_examples(dataset.train, at, config.seed)) for at, name in enumerate(names)]
    _write([class_rows(rows[at : at + CLASSES]) for at in range(0, len(rows), CLASSES)], output)
    return len(dataset.class_names) - len(names)


def _dataset(config: Config, output: Path, offline: bool, quiet: bool) -> Dataset:
    from cnnbench.data.load import load_data

    if output.suffix.lower() != ".png":
        raise ConfigError(f"{output}: the preview is a .png file")
    return load_data(config.data, config.seed, offline=offline, quiet=quiet)


def _write(panels: Sequence[Panel], output: Path) -> None:
    png = draw([Figure("preview", "", panels, ACROSS)])["preview"].file("png")
    try:
        with whole_file(output) as part:
            part.write_bytes(png)
    except OSError as e:
        raise ConfigError(f"{output}: cannot be written ({e.strerror})") from None
