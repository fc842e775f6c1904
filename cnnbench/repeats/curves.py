"""The curves of several runs, epoch by epoch, as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnnbench.numbers import mean

Histories = Sequence[Sequence[Mapping[str, float]]]


def columns(histories: Histories) -> list[str]:
    """Return the names of the curves that any run has, in the order of its history."""
    names = dict.fromkeys(name for history in histories for row in history for name in row)
    return [name for name in names if name != "epoch"]


def band(histories: Histories, column: str) -> Iterator[tuple[int, list[float]]]:
    """Yield each epoch and the values of the runs that came so far; runs that stopped early leave the later ones."""
    longest = max(map(len, histories), default=0)
    for epoch in range(1, longest + 1):
        rows = [history[epoch - 1] for history in histories if len(history) >= epoch]
        yield epoch, [row[column] for row in rows if column in row]


def curve_rows(histories: Histories) -> tuple[list[str], list[list[Any]]]:
    """Return header and rows of `curves.csv`: mean, lowest and highest value of each curve, and over how many runs."""
    names = columns(histories)
    header = ["epoch", "runs", *(f"{name}_{what}" for name in names for what in ("mean", "min", "max"))]
    bands = [list(band(histories, name)) for name in names]
    rows = []
    for cells in zip(*bands, strict=True):
        epoch = cells[0][0]
        runs = sum(len(history) >= epoch for history in histories)
        rows.append([epoch, runs, *(number for _, values in cells for number in _spread(values))])
    return header, rows


def _spread(values: Sequence[float]) -> list[float | str]:
    return [mean(values), min(values), max(values)] if values else ["", "", ""]
