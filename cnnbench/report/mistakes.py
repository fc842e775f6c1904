"""What the page says of mistakes: images by cell of the confusion matrix, close answers, labels that may be wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cnnbench.evaluation import mistakes
from cnnbench.report import facts
from cnnbench.report.tiles import tile_of
from cnnbench.runs.predictions import Predictions
from cnnbench.runs.run import Run
from cnnbench.text import count, percent
from cnnbench.views.gallery import Cell, Gallery, Picture
from cnnbench.views.page import Heading, Part, Section, Text, Tile, Tiles, named

IN_A_CELL = 24  # pictures
PICTURED = 24  # likely label errors
OPENS = (
    "A cell of the matrix opens its images here. Mistakes are in the order of their confidence, right answers "
    "(the closest of a class) in that of their margin; pictures are small ones, kept when the images were measured."
)
MARGIN = "Classified right, but the most probable class leads the second by little."


def by_cell(results: Run) -> list[Part | None]:
    """Return the pictures that were kept of each cell of the confusion matrix, mistakes first, the most frequent ones.

    Nothing of runs of versions that kept none.
    """
    found, kept = results.predictions, results.gallery
    if found is None or kept is None:
        return []
    cells = mistakes.by_cell(found.labels, found.predicted, found.probabilities)
    order = sorted(cells, key=lambda cell: (cell[0] == cell[1], -len(cells[cell]), cell))
    shown = [(cell, kept.of(cells[cell])[:IN_A_CELL]) for cell in order]
    gallery = Gallery([_cell(found, cell, len(cells[cell]), pictures) for cell, pictures in shown if pictures])
    return [Heading("Images by cell"), Text(OPENS, "soft"), gallery]


def matrix(results: Run) -> Mapping[str, Any] | None:
    """Return what the page's script needs to know of the matrix: the names of its classes."""
    return {"names": list(results.predictions.class_names)} if results.predictions and results.gallery else None


def sections(results: Run) -> list[Section]:
    """Return the sections about single images besides the most confident mistakes."""
    return [
        Section("unsure", "Right by the least margin", _unsure(results), "Close"),
        Section("label-errors", "Likely label errors", _label_errors(results), "Labels"),
    ]


def _cell(found: Predictions, cell: tuple[int, int], images: int, pictures: Sequence[tuple[int, Any]]) -> Cell:
    true, predicted = (found.class_names[i] for i in cell)
    some = "" if len(pictures) == images else f", {count(len(pictures))} of them here"
    said = f"{count(images)} image{'' if images == 1 else 's'}{some}"
    return Cell(*cell, (true, predicted), said, [_picture(found, row, image) for row, image in pictures])


def _picture(found: Predictions, row: int, image: Any) -> Picture:
    true, predicted = (found.class_names[of[row]] for of in (found.labels, found.predicted))
    sure = "" if found.probabilities is None else f" with {percent(float(found.probabilities[row].max()), 1)}"
    which = found.file_names[row] or f"image {found.indices[row]}"
    return Picture(image, sure.removeprefix(" with ") or which, f"{which}: {true}, taken for {predicted}{sure}")


def _unsure(results: Run) -> list[Part | None]:
    found, kept = results.predictions, results.gallery
    if found is None or kept is None:
        return []
    if found.probabilities is None:
        who = next(iter(facts.estimator(results)), "It")
        return [Text(f"{who} gives no probabilities: there is no telling which of its right answers were close.")]
    rows = mistakes.unsure(found.labels, found.predicted, found.probabilities)
    return [Text(MARGIN, "soft"), Tiles([tile_of(found, row, image) for row, image in kept.of(rows)])]


def _label_errors(results: Run) -> list[Part | None]:
    found, told = results.predictions, results.label_errors
    if not told or found is None:
        return []
    if "left_out" in told:
        return [Text(f"They are left out: {told['left_out']}.")]
    errors = told.get("errors", [])
    said = (
        f"Confident learning (Northcutt et al. 2021, {told.get('found_by', '')}) names {count(len(errors))} of "
        f"{count(told.get('images'))} {facts.images(results)}, the likeliest first. It takes the model's answers about "
        "images that it has not learnt from, so it is as good as these are: look before you change a label."
    )
    rest = f"All of them are in {results.folder.label_errors.name}." if len(errors) > PICTURED else ""
    shown = [tile for error in errors[:PICTURED] if (tile := _suspect(results, error))]
    return [Text(said, "soft"), Tiles(shown), Text(rest, "soft") if rest else None]


def _suspect(results: Run, error: Mapping[str, Any]) -> Tile | None:
    """Return an image with the label that it has and the one that is likelier, None where no picture was kept."""
    assert results.predictions is not None
    kept = results.gallery.of([error["row"]]) if results.gallery else []
    head = f"labelled {named(error['label'])}, likely {named(error['likely'])}"
    return next((replace(tile_of(results.predictions, *one), head=head, right=None) for one in kept), None)
