"""`calibration.json`: the temperature fitted on validation images, and what it changes on test images."""

from __future__ import annotations

from cnnbench.files.checked import NUMBER, TEXT, WHOLE, Kind
from cnnbench.numbers import is_number
from cnnbench.runs.json_file import JsonFile

POSITIVE = Kind("a positive number", lambda value: is_number(value) and 1e-9 < value < 1e9)
IMAGES = {"split": TEXT, "images": WHOLE}
WITH_INTERVAL = {"value": NUMBER, "interval": (NUMBER, NUMBER)}
SIDES = {"before": WITH_INTERVAL, "after": WITH_INTERVAL, "change": WITH_INTERVAL}

CALIBRATION = JsonFile(
    {
        "temperature": POSITIVE,
        "temperature_interval": (POSITIVE, POSITIVE),
        "fitted_on": IMAGES,
        "measured_on": IMAGES,
        "bins": WHOLE,
        "calibration_error": SIDES,
        "log_loss": SIDES,
    }
)
