"""`report.html` of repeats: one page that holds everything it shows and links to the pages of the runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnbench.repeats import facts
from cnnbench.repeats.results import Repeats
from cnnbench.report.page import data_uri, environment

CAPTIONS = {
    "curves": "Loss and accuracy of every epoch: thin lines are single runs; the mean and the band from the lowest to "
    "the highest run end with the run that stopped first",
    "accuracy": "Test accuracy: a run's Wilson interval is about other test images of the same kind, the t interval "
    "about other runs",
    "per_class": "F1 of every class: single runs, their mean and its t interval, which ends at 0 and 1",
    "confusion_matrix": "Test images by true class (rows) and predicted class (columns), all runs added up",
    "confusion_matrix_normalized": "The same in per cent of each true class",
}


def render(found: Repeats, summary: Mapping[str, Any] | None, images: Mapping[str, bytes]) -> str:
    """Return the page as HTML; `summary` is None where no run has finished, `images` maps plots to PNG files."""
    pictures = {name: {"uri": data_uri(png), "caption": CAPTIONS[name]} for name, png in images.items()}
    return (
        environment(Path(__file__).parent / "templates")
        .get_template("repeats.html")
        .render(
            plots=pictures,
            title=found.plan["name"],
            status=facts.status(found),
            headline=facts.headline(found, summary),
            pooled=facts.pooled(summary) if summary else None,
            facts=facts.key_facts(found, summary),
            runs=facts.runs(found),
            metrics=facts.metrics(summary) if summary else [],
            summary=summary,
            count=found.count,
            config=found.folder.base.read_text(encoding="utf-8"),
            folder=str(found.folder.path),
        )
    )
