"""A temperature fitted on a run's validation images, and what it changes on its test images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnbench.data.types import Dataset
from cnnbench.errors import ConfigError, DataError
from cnnbench.evaluation.calibration import compared
from cnnbench.evaluation.evaluate import Evaluated
from cnnbench.evaluation.temperature import fit, scaled
from cnnbench.learners.learner import Trained
from cnnbench.runs.calibration import CALIBRATION
from cnnbench.runs.run import Run


def refuse_uncalibrated(run: Run, trained: Trained, dataset: Dataset) -> None:
    """Raise ConfigError where there are no validation images to fit a temperature on, or no probabilities."""
    if dataset.validation is None:
        raise ConfigError(f"--calibrate: {run.path} was trained without validation images (data.validation: 0)")
    if not trained.gives_probabilities:
        name = run.load_config().model.title or run.name
        raise ConfigError(f"--calibrate: {name} gives no probabilities, so there is no temperature to fit")


def calibration(run: Run, trained: Trained, dataset: Dataset, tested: Evaluated) -> dict[str, Any]:
    """Return what `calibration.json` holds; `tested` is what the run says of its test images.

    Raises DataError where no temperature has the least log loss on the validation images.
    """
    held_out, before = dataset.validation, tested.probabilities
    assert held_out is not None and before is not None
    config = run.load_config()
    try:
        found = fit(held_out.labels, trained.predict_split(held_out).astype(float))
    except DataError as e:
        raise DataError(f"--calibrate: no temperature suits the validation images: {e}") from None
    bins = config.evaluation.calibration_bins
    return {
        "temperature": found.value,
        "temperature_interval": list(found.interval),
        "fitted_on": {"split": "validation", "images": len(held_out)},
        "measured_on": {"split": tested.split_name, "images": len(tested.labels)},
        "bins": bins,
        **compared(tested.labels, before, scaled(before, found.value), bins, config.seed),
    }


def write_calibration(run: Run, found: Mapping[str, Any]) -> None:
    """Write it into the run folder; raises OutputError."""
    CALIBRATION.write(run.folder.calibration, found)
