"""What `cnnbench evaluate` looks into where it is asked: mistakes and labels of a split, and calibration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnnbench.errors import ConfigError, OutputError
from cnnbench.text import count, label, percent, significant
from cnnbench.views.layout import aligned

if TYPE_CHECKING:
    from cnnbench.data.types import Dataset
    from cnnbench.evaluation.evaluate import Evaluated
    from cnnbench.learners.learner import Trained
    from cnnbench.runs.run import Run

NAMED = 10  # likely label errors on a screen
SIDES = ("before", "after", "change")
TITLES = {"calibration_error": "calibration error", "log_loss": "log loss"}


@dataclass
class Looked:
    """What was found, as the files of the run hold it, whether it was written there, and what could not be."""

    found: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    written: bool = False
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """What is asked for."""

    mistakes: bool
    calibrate: bool

    def refuse(self, split: str) -> None:
        """Raise ConfigError where it makes no sense of a split."""
        if self.calibrate and split != "test":
            raise ConfigError(f"--calibrate --split {split}: it is fitted on validation and measured on test images")

    def refuse_unsuited(self, run: Run, trained: Trained, dataset: Dataset) -> None:
        """Raise ConfigError where the run, its model or its images do not allow it."""
        if self.calibrate:
            from cnnbench.mistakes.calibrate import refuse_uncalibrated

            refuse_uncalibrated(run, trained, dataset)

    def look(
        self, run: Run, trained: Trained, dataset: Dataset, found: Evaluated, show: Callable[[str], None]
    ) -> Looked:
        """Find what is asked for and write it into the run folder, where that can be written to."""
        looked = Looked()
        if self.mistakes:
            from cnnbench.mistakes.look import likely_label_errors, write_mistakes

            show("looking for labels that are wrong")
            errors = looked.found["label_errors"] = likely_label_errors(run, found)
            _keep(looked, lambda: write_mistakes(run, found, errors))
        if self.calibrate:
            from cnnbench.mistakes.calibrate import calibration, write_calibration

            show("fitting a temperature on the validation images")
            fitted = looked.found["calibration"] = calibration(run, trained, dataset, found)
            _keep(looked, lambda: write_calibration(run, fitted))
        return looked


def _keep(looked: Looked, write: Callable[[], None]) -> None:
    try:
        write()
        looked.written = True
    except OutputError as e:
        looked.notes.append(str(e))


def lines(looked: Looked, split: str, quiet: bool) -> str:
    """Return what a screen shows of it, of each a line where it is to be quiet."""
    told = []
    if errors := looked.found.get("label_errors"):
        told.append(_label_errors(errors, split, quiet))
    if fitted := looked.found.get("calibration"):
        told.append(_calibration(fitted, quiet))
    return "".join(told) if quiet else "".join(f"\n{one}" for one in told)


def _label_errors(found: Mapping[str, Any], split: str, quiet: bool) -> str:
    if "left_out" in found:
        return f"likely label errors are left out: {found['left_out']}\n"
    errors = found["errors"]
    said = f"likely label errors: {count(len(errors))} of {count(found['images'])} {split} images\n"
    if quiet or not errors:
        return said
    rows = [
        [label(error["name"]) or f"image {error['index']}", label(error["label"]), label(error["likely"]), quality]
        for error in errors[:NAMED]
        for quality in [percent(error["quality"])]
    ]
    rest = f"and {count(len(errors) - NAMED)} more\n" if len(errors) > NAMED else ""
    return said + aligned([["image", "label", "likely", "probability of the label"], *rows], (3,)) + rest


def _calibration(found: Mapping[str, Any], quiet: bool) -> str:
    low, high = map(significant, found["temperature_interval"])
    on = f"{count(found['fitted_on']['images'])} validation images"
    said = f"temperature {significant(found['temperature'])} ({low} to {high}), fitted on {on}\n"
    if quiet:
        return said
    rows = [[title, *(_with_interval(found[key][side]) for side in SIDES)] for key, title in TITLES.items()]
    tested = f"{count(found['measured_on']['images'])} test images"
    return f"{said}{aligned([[tested, *SIDES], *rows], ())}"


def _with_interval(found: Mapping[str, Any]) -> str:
    low, high = map(significant, found["interval"])
    return f"{significant(found['value'])} ({low} to {high})"
