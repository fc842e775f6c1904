"""What the page says of how sure the model is: reliability diagrams, and what a temperature changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from cnnbench.evaluation import metrics
from cnnbench.evaluation.temperature import scaled
from cnnbench.runs.run import Run
from cnnbench.text import count, significant
from cnnbench.views.charts import calibration as charts
from cnnbench.views.figure import Panel
from cnnbench.views.page import Heading, Part, Text
from cnnbench.views.table import Column, Table

DEFAULT_BINS = 15
TITLES = {"calibration_error": "Calibration error", "log_loss": "Log loss"}
Row = tuple[str, Mapping[str, Any]]


def reliability(results: Run) -> Sequence[Panel]:
    """Return panels of accuracy by confidence and of how many images have which, of what gives probabilities.

    Of a run that was calibrated the first ones are before and after.
    """
    found = results.predictions
    if found is None or found.probabilities is None or results.metrics is None:
        return []
    sides = _scaled(results, found.probabilities) or [
        ("Calibration", found.probabilities, results.metrics["calibration_error"])
    ]
    bins = _bins(results)
    panels = [
        charts.reliability(metrics.reliability(found.labels, chances, bins), error, name)
        for name, chances, error in sides
    ]
    return [*panels, charts.confidences(metrics.reliability(found.labels, found.probabilities, bins))]


def _scaled(results: Run, own: NDArray[Any]) -> list[tuple[str, NDArray[Any], float]]:
    """Return title, probabilities and calibration error before and after, nothing of a run that was not calibrated."""
    fitted = _fitted(results)
    if not fitted:
        return []
    temperature, errors = fitted["temperature"], fitted["calibration_error"]
    return [
        ("Before", own, errors["before"]["value"]),
        (f"At temperature {significant(temperature, 3)}", scaled(own, temperature), errors["after"]["value"]),
    ]


def told(results: Run) -> list[Part | None]:
    """Return what the temperature is and what it changes, nothing of a run that was not calibrated."""
    fitted = _fitted(results)
    if not fitted:
        return []
    low, high = map(significant, fitted["temperature_interval"])
    said = (
        f"Temperature {significant(fitted['temperature'])}, 95 % interval {low} to {high}, fitted on "
        f"{count(fitted['fitted_on']['images'])} validation images (Guo et al. 2017); the errors are those of "
        f"{count(fitted['measured_on']['images'])} test images with 95 % intervals by bootstrap. Logits are divided by "
        "it: no prediction changes its class, only how sure it is. Probabilities elsewhere on this page, and those of "
        "predict without --calibrated, are the model's own."
    )
    return [Heading("Temperature scaling"), _errors(fitted), Text(said, "soft")]


def _fitted(results: Run) -> Mapping[str, Any]:
    return results.calibration if results.of == "test" else {}


def _errors(fitted: Mapping[str, Any]) -> Table[Row]:
    name: Column[Row] = Column("on test images", lambda row: row[0], left=True)
    sides = [_side(side) for side in ("before", "after", "change")]
    return Table("calibration", [name, *sides], [(title, fitted[key]) for key, title in TITLES.items()])


def _side(side: str) -> Column[Row]:
    return Column(side, lambda row: row[1][side], _with_interval)


def _with_interval(found: Any) -> str:
    low, high = map(significant, found["interval"])
    return f"{significant(found['value'])} ({low} to {high})"


def _bins(results: Run) -> int:
    return int(results.config.get("evaluation", {}).get("calibration_bins", DEFAULT_BINS))
