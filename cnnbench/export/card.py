"""The model card beside an exported file: what it is, takes and says, how good it is, and what it came from.

Mitchell et al. 2019, "Model Cards for Model Reporting", as far as a run can tell; what it cannot, it does not invent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbench.catalogue.sources import sources
from cnnbench.export.formats import Format
from cnnbench.runs.run import Run
from cnnbench.text import count, percent, size
from cnnbench.views.table import as_markdown

NOT_STATED = "not stated by the data's source; ask who made the images before the model is passed on"


@dataclass(frozen=True)
class Told:
    """What the card has besides the run: the format, the file, notes, and what the check found, if it was made."""

    row: Format
    file: Path
    bytes: int
    notes: Sequence[str]
    found: Mapping[str, Any] | None


def card(run: Run, told: Told) -> str:
    """Return the card in Markdown; names that come from data or a configuration steer nothing in it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).parent / "templates"
    made = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=False,  # Markdown, whose own signs `md` takes care of
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"md": lambda value: as_markdown(str(value)), "percent": percent, "count": count, "size": size}
    return made.get_template("card.md").render(
        run=run,
        told=told,
        measures=_measures(run),
        licence=licence_of(run),
        input_shape=_input(run),
        config=_fenced(run.config_text),
        versions=versions(run, told.row),
    )


def licence_of(run: Run) -> str:
    """Return what is known of the licence of the images that the run was trained on."""
    source = sources().get(str((run.config.get("data") or {}).get("source")))
    if source is not None and source.licence:
        return source.licence
    if source is None or source.own is not None:
        return "the user's own images: theirs to say"
    return "none needed: the images are drawn at random" if source.generated else NOT_STATED


def versions(run: Run, row: Format) -> dict[str, str]:
    """Return the versions that the run was trained with, and those that the file was written with."""
    trained = {str(k): str(v) for k, v in (run.environment.get("packages") or {}).items()}
    return {**{f"{name} (training)": v for name, v in trained.items()}, **row.versions}


def _measures(run: Run) -> list[tuple[str, str]]:
    found = run.metrics or {}
    low, high = found["accuracy_interval"]
    measures = [("accuracy", f"{percent(found['accuracy'])} (95 % interval {percent(low)} to {percent(high)})")]
    measures += [(f"macro {name}", percent(found["macro"][name])) for name in ("precision", "recall", "f1")]
    return measures + [(f"top-{k} accuracy", percent(v)) for k, v in found["top_k"].items()]


def _input(run: Run) -> str:
    shape = run.layers.get("input_shape") or (run.layers.get("layers") or [{}])[0].get("output_shape") or []
    return " × ".join(map(str, shape))


def _fenced(text: str) -> str:
    """Return a text between fences that it does not hold itself."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}yaml\n{text.rstrip()}\n{fence}"
