"""What is measured of a row here: its runs, what follows from its network, and what another program measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from cnnbench.catalogue.measures import Bounds, Measure, title
from cnnbench.catalogue.measures import measure as row_of
from cnnbench.compare.runs import Finished
from cnnbench.config.schema import Config
from cnnbench.studies.measures import OF_CURVES
from cnnbench.studies.sections import Row, Split
from cnnbench.text import count

State = Literal["done", "partly", "not run", "failed", "data", "weights", "left out", "counted", "words"]
TIMES = ("seconds", "seconds_per_image", "last.seconds", "best.seconds")

SPLITS = {"test": "test", "validation": "validation", "train": "training"}
CURVES = {
    "accuracy": "training accuracy",
    "loss": "training loss",
    "val_accuracy": "validation accuracy",
    "val_loss": "validation loss",
    "seconds": "seconds of an epoch",
}
OWN = {
    "depth": "depth",
    "megabytes": "size (10^6 bytes)",
    "mebibytes": "size (2^20 bytes)",
    "epochs": "epochs",
    "seconds": "seconds of training",
    "seconds_per_image": "seconds of training by image and epoch",
}


@dataclass(frozen=True)
class Measured:
    """A row with its finished runs; `reason` says why there are not as many as `wanted`.

    `counts` is what follows from the architecture, the same in every run.
    """

    row: Row
    state: State
    runs: tuple[Finished, ...] = ()
    wanted: int = 0
    config: Config | None = None
    reason: str = ""
    command: str = ""
    counts: Mapping[str, float] | None = None

    @property
    def seconds(self) -> float | None:
        """How long its runs took, None without any."""
        times = [float(run.status.get("seconds") or 0) for run in self.runs]
        return sum(times) if times else None

    def values(self, measure: str, split: Split = "test") -> list[float]:
        """Return a measure of every run, a count once; nothing where it is not known of all."""
        if self.counts and measure in self.counts:
            return [self.counts[measure]]
        if self.row.elsewhere is not None:
            return list(map(float, self.row.elsewhere.runs.get(measure, ())))
        found = [value_of(run, measure, split) for run in self.runs]
        return [value for value in found if value is not None] if None not in found else []

    def is_count(self, measure: str) -> bool:
        """Return whether a measure follows from the architecture."""
        return bool(self.counts) and measure in (self.counts or {})

    @property
    def data(self) -> str:
        """How many images its runs used, in words; nothing where none has run."""
        if not self.runs:
            return self.row.elsewhere.data if self.row.elsewhere is not None else ""
        split, source = self.runs[0].split, self.runs[0].measured.get("data", {}).get("source", "")
        parts = [(split.get(part) or {}).get("images") for part in ("train", "validation", "test")]
        words = zip(parts, ("training", "validation", "test"), strict=True)
        return f"{source}: " + ", ".join(f"{count(images)} {word}" for images, word in words if images) + " images"

    @cached_property
    def seeds(self) -> Sequence[int]:
        """The seeds of its runs."""
        return [run.seed for run in self.runs]


def value_of(run: Finished, measure: str, split: Split) -> float | None:
    """Return one number of a run by the name that a study gives it, None where the run does not have it."""
    first, _, rest = measure.partition(".")
    if first in OF_CURVES and rest:
        return _of_curve(run, first, rest)
    if measure == "epochs":
        return float(run.epochs)
    if measure == "seconds":
        return sum(row["seconds"] for row in run.history if "seconds" in row)
    if measure == "seconds_per_image":
        return 1 / run.images_per_second if run.images_per_second else None
    elsewhere = run.on(split)
    found = elsewhere.measures.get(measure) if elsewhere.metrics is not None else None
    if found is None and measure in ("accuracy", "loss") and split != "test":
        return run.kept.get(f"val_{measure}" if split == "validation" else measure)
    return found


def _of_curve(run: Finished, what: str, rest: str) -> float | None:
    """Return a number of a column of the history."""
    epoch, _, curve = rest.partition(".") if what == "epoch" else ("", "", rest)
    column = [row[curve] for row in run.history if curve in row]
    if not column:
        return None
    best = max(column) if curve.endswith("accuracy") else min(column)
    if what == "last":
        return column[-1]
    if what == "epoch":
        return column[int(epoch) - 1] if 0 < int(epoch) <= len(column) else None
    return best if what == "best" else float(column.index(best) + 1)


def spoken(measure: str, split: Split) -> str:
    """Return what people call a measure of a split."""
    text = _spoken(measure, split)
    return text[:1].upper() + text[1:]


def _spoken(measure: str, split: Split) -> str:
    first, _, rest = measure.partition(".")
    if first == "layer":
        return f"parameters of {rest.removesuffix('.parameters')}"
    if first in OF_CURVES and rest:
        epoch, _, curve = rest.partition(".") if first == "epoch" else ("", "", rest)
        when = {"last": "at the end", "best": "at its best", "epoch": f"epoch {epoch}"}
        return f"{CURVES[curve]}, {when[first]}" if first in when else f"epoch of the best {CURVES[curve]}"
    known = OWN.get(measure) or ("loss" if measure == "loss" else title(measure))
    return known if split == "test" or measure in OWN else f"{known}, {SPLITS[split]} images"


def kind_of(measure: str) -> Measure:
    """Return what is known of a measure, of a curve's point what is known of the curve."""
    first, _, rest = measure.partition(".")
    if first == "epoch":
        return row_of(rest.partition(".")[2])
    return row_of(rest if first in ("last", "best") and rest else measure)


def bounds_of(measure: str) -> Bounds:
    """Return the least and the largest value that a measure can have, None where there is no end."""
    return (0.0, None) if is_time(measure) else kind_of(measure).bounds


def is_time(measure: str) -> bool:
    """Return whether a measure is a time, which another machine takes more or less of."""
    return measure in TIMES or measure.endswith(".seconds") or row_of(measure).unit == "seconds"
