"""What the page says of files that the run was exported as: how far each is from the run, and how fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnnbench.runs.exports import Exported
from cnnbench.runs.run import Run
from cnnbench.text import count, fixed, percent, points, significant, size
from cnnbench.views.page import Heading, Part, Section, Text, Tile, Tiles, named
from cnnbench.views.table import Column, Table

Found = Mapping[str, Any]
LISTED = 20  # indices of images that flip, named in a line
MEASURED = "Each file was asked in its own runtime about the same test images as the run; times are of this machine. "
PAIRED = "The interval is of the paired difference, at 95 %."
IN_FLOAT32 = " The run computed in {}, and the files compute in float32 or, quantised, in integers."


def section(results: Run) -> Section:
    """Return the section of the page; it is empty where nothing was exported."""
    exports = results.exports
    precision = results.config.get("train", {}).get("precision", "float32")
    said = MEASURED + PAIRED + (IN_FLOAT32.format(precision) if precision not in ("float32", "auto") else "")
    parts: list[Part | None] = [Text(said, "soft"), table([each.found for each in exports])]
    for alike in _alike([each for each in exports if each.found["flips"]]):
        first, formats = alike[0], ", ".join(each.found["format"] for each in alike)
        put, name = ("puts", formats) if len(alike) == 1 else ("put", "these files")
        title = f"Images that {formats} {put} into another class"
        parts += [Heading(title), Text(_listed(first.found)), Tiles(_tiles(first, name))]
    return Section("exports", "Exported files", parts if exports else [], "Exports")


def _alike(exports: Sequence[Exported]) -> list[list[Exported]]:
    """Return the files in groups that put the same images into the same other classes, in order."""
    groups: dict[object, list[Exported]] = {}
    for each in exports:
        flips = tuple((flip["index"], flip["exported"]) for flip in each.found["flips"])
        groups.setdefault(flips, []).append(each)
    return list(groups.values())


def table(found: Sequence[Found]) -> Table[Found]:
    """Return a row for each file."""
    columns: list[Column[Found]] = [
        Column("format", lambda row: row["format"], left=True, tip=lambda row: str(row["file"])),
        Column("size", lambda row: row["bytes"], size),
        Column("largest difference of a probability", _apart),
        Column("other class", lambda row: f"{count(row['flipped'])} of {count(row['images'])}"),
        Column("accuracy", lambda row: row["accuracy"], percent),
        Column("against the run, points", _difference),
        Column("one image, ms (95 % below)", _latency),
        Column("images/s in batches of 32", lambda row: row["images_per_second"], count),
        Column("", lambda row: "within tolerance" if row["passed"] else "▼ too far", left=True),
    ]
    return Table("exported files", columns, found, lambda row: "" if row["passed"] else "worst")


def rows_of(found: Found) -> list[tuple[str, str]]:
    """Return what was found of one file as what and value, for the terminal and the card."""
    flips = f"{count(found['flipped'])} of {count(found['images'])} images"
    return [
        ("size", size(found["bytes"])),
        ("images asked about", f"{count(found['images'])} of {count(found['of'])} test images"),
        (
            "largest difference",
            _apart(found) + (f" (image {found['furthest']})" if found["largest_difference"] else ""),
        ),
        ("other class", f"{flips}{f': {_indices(found)}' if found['flips'] else ''}"),
        ("accuracy", f"{percent(found['accuracy'])}, the run {percent(found['run_accuracy'])}"),
        ("difference", f"{_difference(found)} points, 95 %"),
        ("one image", f"{_latency(found)} ms (median; 95 % of {count(found['latency_ms']['calls'])} calls below)"),
        ("batches of 32", f"{count(found['images_per_second'])} images/s on {count(found['threads'])} threads"),
        ("asked in", f"{found['runtime']} ({', '.join(f'{k} {v}' for k, v in found['versions'].items())})"),
    ]


def sentence(found: Found) -> str:
    """Return whether the file says what the run says, by its tolerance."""
    tolerance = found["tolerance"]
    if found["measure"] == "accuracy":
        said, limit = (
            f"Against the run accuracy is {_moved(found['difference'])}",
            f"{fixed(100 * tolerance, 2)} points",
        )
    else:
        said, limit = f"Probabilities differ by {_apart(found)} at most", f"{tolerance:g}"
    return f"{said}, {'within' if found['passed'] else 'more than'} the tolerance of {limit}."


def _moved(difference: float) -> str:
    return (
        f"{fixed(100 * abs(difference), 2)} points {'lower' if difference < 0 else 'higher'}"
        if difference
        else "the same"
    )


def _apart(found: Found) -> str:
    return significant(found["largest_difference"]) if found["largest_difference"] else "0"


def _difference(found: Found) -> str:
    low, high = found["interval"]
    return f"{points(found['difference'])} ({points(low)} to {points(high)})"


def _latency(found: Found) -> str:
    return f"{significant(found['latency_ms']['median'], 2)} ({significant(found['latency_ms']['p95'], 2)})"


def _indices(found: Found) -> str:
    listed = [str(flip["index"]) for flip in found["flips"][:LISTED]]
    return ", ".join(listed + ["..."] * (len(found["flips"]) > LISTED))


def _listed(found: Found) -> str:
    shown = f"{count(found['flipped'])} of {count(found['images'])} images, by their index in the data"
    return f"{shown}: {_indices(found)}"


def _tiles(exported: Exported, name: str) -> list[Tile]:
    """Return the images that there are pictures of, with what run and file say; the file goes by `name`."""
    pictures = [] if exported.images is None else list(exported.images)
    return [
        Tile(
            head=f"image {flip['index']}: {named(flip['true'])}",
            file_name=flip["name"],
            image=picture,
            true=flip["true"],
            answers=[
                ("run", flip["run"], flip["run"] == flip["true"]),
                (name, flip["exported"], flip["exported"] == flip["true"]),
            ],
        )
        for flip, picture in zip(exported.found["flips"], pictures, strict=False)
    ]
