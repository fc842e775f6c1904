"""What the page shows of how sure a model is."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnbench.report.calibration import reliability
from cnnbench.report.plots import figures
from cnnbench.runs.calibration import CALIBRATION
from cnnbench.runs.run import Run
from tests.builders.runs import digits, write_run
from tests.report.test_plots import laid_out, texts

FOUND = {
    "temperature": 2.0,
    "temperature_interval": [1.5, 2.5],
    "fitted_on": {"split": "validation", "images": 701},
    "measured_on": {"split": "test", "images": 497},
    "bins": 15,
    **{
        key: {side: {"value": value, "interval": [0.01, 0.5]} for side, value in sides.items()}
        for key, sides in {
            "calibration_error": {"before": 0.25, "after": 0.125, "change": -0.125},
            "log_loss": {"before": 0.5, "after": 0.4, "change": -0.1},
        }.items()
    },
}


@pytest.mark.parametrize(
    ("found", "titles"),
    [
        (None, ["Calibration, error 0.1189", "Images by confidence"]),
        (FOUND, ["Before, error 0.2500", "At temperature 2.00, error 0.1250", "Images by confidence"]),
    ],
)
def test_a_page_has_one_reliability_diagram_and_after_calibration_before_and_after(
    found: dict[str, object] | None, titles: list[str], tmp_path: Path
) -> None:
    run = write_run(tmp_path, digits())
    if found is not None:
        CALIBRATION.write(run.calibration, found)
    results = Run(run.path)
    shown = [texts(laid_out(panel)) for panel in reliability(results)]
    assert [title for title, each in zip(titles, shown, strict=True) if title in {t.get_text() for t in each}] == titles
    about = [figure.name for figure in figures(results) if "confidence" in figure.caption]
    assert about == ["calibration"]
