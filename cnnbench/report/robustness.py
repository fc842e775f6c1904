"""What a page says of corrupted and of wrongly prepared test images, as tables, sentences and a plot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cnnbench.runs.run import Run
from cnnbench.text import NOTHING, count, percent, points
from cnnbench.views.charts.strengths import Line, strengths
from cnnbench.views.figure import Panel
from cnnbench.views.page import Part, Points, Section, Text
from cnnbench.views.table import Column, Table

Row = Mapping[str, Any]

TITLES = {
    "gaussian_noise": "Gaussian noise",
    "shot_noise": "Shot noise",
    "impulse_noise": "Impulse noise",
    "blur": "Blur",
    "contrast": "Contrast",
    "brightness": "Brightness",
    "jpeg": "JPEG",
    "pixelation": "Pixelation",
    "shift": "Shift",
    "rotation": "Rotation",
    "scale": "Scale",
}
PANELS = {
    "Noise": ("gaussian_noise", "shot_noise", "impulse_noise"),
    "Detail": ("blur", "pixelation", "jpeg"),
    "Light": ("brightness", "contrast"),
    "Place": ("shift", "rotation", "scale"),
}
STRENGTHS = (1, 2, 3, 4, 5)
HOW = (
    "Kinds of Hendrycks and Dietterich 2019 with its authors' strengths for small images (CIFAR-10-C), lengths in "
    "proportion to the image; shift, rotation and scale are cnnbench's own. Not to be held against results for "
    "ImageNet-C. In brackets 95 % intervals (Wilson)."
)


def corruptions(found: Row) -> Table[Row]:
    """Return the accuracy under every kind of corruption, at each strength with its interval."""
    columns: list[Column[Row]] = [
        Column("kind", lambda row: title(str(row["kind"])), key="kind", left=True),
        Column("mean", lambda row: row["mean_accuracy"], percent, "mean_accuracy"),
        *(Column(f"strength {at}", _at(at), _scored, fold=True) for at in STRENGTHS),
    ]
    return Table("corruptions", columns, found.get("corruptions", {}).get("kinds", []))


def skews(found: Row) -> Table[Row]:
    """Return what each wrong preprocessing costs, the dearest first."""
    columns: list[Column[Row]] = [
        Column("fed as", lambda row: row["title"], key="kind", left=True, fold=True),
        Column("accuracy", lambda row: row["accuracy"], percent, "accuracy"),
        Column("95 % interval", lambda row: row["interval"], _interval, least=1),
        Column("difference in points", lambda row: row["difference"], points, "difference"),
        Column("its 95 % interval", lambda row: row["difference_interval"], _ends_in_points, least=0),
    ]
    rows = found.get("skews", {}).get("kinds", [])
    return Table("wrong preprocessing", columns, sorted(rows, key=lambda row: row["difference"]))


def of_corruptions(document: Row) -> list[str]:
    """Return in words what corruption costs on average."""
    found = document.get("corruptions")
    if found is None:
        return []
    clean, mean = found["clean"]["accuracy"], found["mean_accuracy"]
    kinds = [row for row in found["kinds"] if row["strengths"]]
    worst = min(kinds, key=lambda row: row["mean_accuracy"], default=None)
    most = f"; {title(worst['kind'])} costs most, with {percent(worst['mean_accuracy'])}" if worst else ""
    return [
        f"{percent(mean)} accuracy over all kinds and strengths (mean corruption error "
        f"{percent(found['mean_corruption_error'])}), {percent(clean)} on the same {count(found['images'])} test "
        f"images uncorrupted: {points(mean - clean)} points{most}."
    ]


def of_skews(document: Row) -> list[str]:
    """Return in words what the right preprocessing is and gives, and which wrong ones say nothing here."""
    found = document.get("skews")
    if found is None:
        return []
    by_reason: dict[str, list[str]] = {}
    for row in found["left_out"]:
        by_reason.setdefault(row["reason"], []).append(row["title"])
    return [
        f"Trained so that {found['trained_with']}; prepared that way, {percent(found['clean']['accuracy'])} of "
        f"{count(found['images'])} test images are right.",
        *(f"Left out, {reason}: {'; '.join(titles)}." for reason, titles in by_reason.items()),
    ]


def sections(results: Run, drawn: Sequence[Part]) -> list[Section]:
    """Return the sections of what is in `robustness.json`."""
    found = results.robustness
    said, wrong = [Text(text) for text in of_corruptions(found)], skews(found)
    return [
        Section(
            "robustness",
            "Corrupted test images",
            [*said, *drawn, corruptions(found), Text(HOW, "soft")] if said else [],
            "Robustness",
        ),
        Section("skews", "Test images prepared wrongly", [wrong, Points.of(of_skews(found))] if wrong else [], "Skews"),
    ]


def panels(results: Run) -> Sequence[Panel]:
    """Return a panel for each group of corruptions: accuracy over strength, 0 being uncorrupted; all of one scale."""
    found = results.robustness.get("corruptions")
    if found is None:
        return []
    lines = {str(row["kind"]): _line(row, found["clean"]) for row in found["kinds"]}
    lowest = min((low for line in lines.values() for _, _, low, _ in line.points), default=0)
    grouped = {name: [lines[kind] for kind in kinds if kind in lines] for name, kinds in PANELS.items()}
    return [strengths(name, group, max(0, lowest)) for name, group in grouped.items() if group]


def title(kind: str) -> str:
    """Return what a kind of corruption is called."""
    return TITLES.get(kind, kind)


def _line(row: Row, clean: Row) -> Line:
    return Line(
        title(str(row["kind"])), [_point(0, clean), *(_point(each["strength"], each) for each in row["strengths"])]
    )


def _point(strength: int, found: Row) -> tuple[float, float, float, float]:
    low, high = found["interval"]
    return float(strength), float(found["accuracy"]), float(low), float(high)


def _at(strength: int) -> Callable[[Row], Row | None]:
    return lambda row: next((each for each in row["strengths"] if each["strength"] == strength), None)


def _scored(found: Row | None) -> str:
    if found is None:
        return NOTHING
    low, high = (percent(end, 1, sign="") for end in found["interval"])
    return f"{percent(found['accuracy'], sign='')} ({low}–{high})"


def _interval(limits: Sequence[float]) -> str:
    return f"{percent(limits[0], sign='')}–{percent(limits[1], sign='')}"


def _ends_in_points(limits: Sequence[float]) -> str:
    return f"{points(limits[0])} to {points(limits[1])}"
