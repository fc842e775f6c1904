"""`report.html`: one page that holds everything it shows, made from results and the plots drawn from them."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnbench import text
from cnnbench.report import facts, plots
from cnnbench.runs.run import Run

if TYPE_CHECKING:
    from jinja2 import Environment

NAME_LIMIT = 48  # characters of a class or file name; the whole name is in its tooltip
THUMBNAIL = 128  # pixels; larger images are made smaller for the page

CAPTIONS = {
    "learning_curves": "Loss, accuracy and true positives of every epoch; the learning rate, by step where it so moves",
    "class_distribution": "Images per class in each split",
    "confusion_matrix": "Test images by true class (rows) and predicted class (columns)",
    "confusion_matrix_normalized": "The same in per cent of each true class",
    "per_class": "Precision, recall and F1 of every class",
    "calibration": "How often predictions of a given confidence are right, and how many there are",
    "augmentation": "Training images before and after augmentation",
}


def render(results: Run, images: Mapping[str, bytes]) -> str:
    """Return the page as HTML; `images` maps names of plots to PNG files."""
    pictures = {name: {"uri": data_uri(png), "caption": CAPTIONS.get(name, name)} for name, png in images.items()}
    return (
        environment()
        .get_template("page.html")
        .render(
            plots=pictures,
            title=facts.title(results),
            status=facts.status(results),
            headline=facts.headline(results),
            notes=facts.notes(results),
            facts=facts.key_facts(results),
            epochs=facts.epochs(results),
            metrics=results.metrics,
            measures=facts.measures(results),
            classes=facts.classes(results),
            confusions=facts.confusions(results),
            samples=plots.samples(results, "random"),
            mistakes=plots.samples(results, "mistake"),
            network=results.layers,
            config=results.config_text,
            environment=facts.environment(results),
            files=facts.files(results.folder),
        )
    )


def data_uri(png: bytes) -> str:
    """Return a PNG file as the address of an image that needs no file."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def thumbnail(image: NDArray[np.uint8]) -> str:
    """Return the data URI of an image, (H, W, 1 or 3) uint8, of at most `THUMBNAIL` pixels a side."""
    from PIL import Image

    picture = Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    file = io.BytesIO()
    picture.save(file, format="png")
    return data_uri(file.getvalue())


def environment(*templates: Path) -> Environment:
    """Return what fills templates of these folders and of the report, with escaping on."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader([*templates, Path(__file__).parent / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    made.filters |= {
        "fixed": text.fixed,
        "share": text.share,
        "significant": text.significant,
        "percent": text.percent,
        "count": text.count,
        "plain": text.plain,
        "label": partial(text.label, limit=NAME_LIMIT),
        "size": text.size,
        "thumbnail": thumbnail,
    }
    return made


def _printable(value: Any) -> Any:
    """Replace invisible characters in every name that comes from a data set; markup stays as it is."""
    return text.printable(value) if type(value) is str else value
