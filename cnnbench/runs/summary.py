"""`summary.json` of repeats: mean, standard deviation and interval of every number that the runs have in common."""

from __future__ import annotations

from cnnbench.files.checked import NUMBER, TEXT, WHOLE
from cnnbench.runs.json_file import JsonFile
from cnnbench.runs.layers import PARAMETERS

STATISTIC = {"mean": NUMBER}

SUMMARY = JsonFile(
    {
        "metrics": {"accuracy": STATISTIC, "*": STATISTIC},
        "images": WHOLE,
        "source": TEXT,
        "runs": WHOLE,
        "parameters?": PARAMETERS,
        "macs?": WHOLE,
    }
)
