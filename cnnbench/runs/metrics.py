"""`metrics.json`: everything measured on the test split, and `metrics_validation.json`: on the validation split."""

from __future__ import annotations

from cnnbench.catalogue.measures import COMPUTED
from cnnbench.files.checked import MAPPING, NUMBER, TEXT, WHOLE
from cnnbench.runs.folder import SPLITS
from cnnbench.runs.json_file import JsonFile
from cnnbench.runs.layers import PARAMETERS

SCORES = {"precision": NUMBER, "recall": NUMBER, "f1": NUMBER}
OF_CLASS = {"class": TEXT, **SCORES, "support": WHOLE}
AVERAGES = ("macro", "micro", "weighted")

MEASURED = {  # by every test
    "accuracy": NUMBER,
    "images": WHOLE,
    "classes": WHOLE,
    "accuracy_interval": (NUMBER, NUMBER),
    "top_k": {"*": NUMBER},
    **dict.fromkeys(AVERAGES, SCORES),
    "per_class": [OF_CLASS],
    "worst_class": OF_CLASS,
}

METRICS = JsonFile(
    {
        **{f"{row.key}?": NUMBER.or_nothing() for row in COMPUTED},
        **{f"{name}?": wanted for name, wanted in MEASURED.items()},
        **{f"{average}?": {"*": NUMBER} for average in AVERAGES},
        "data?": {"source?": TEXT, "notes?": [TEXT], **{f"{split}_images?": MAPPING for split in SPLITS}},
        "without_probabilities?": [TEXT],
        "test_time_flips?": {"accuracy": NUMBER, "accuracy_interval": (NUMBER, NUMBER), "log_loss": NUMBER},
        "fit?": {"*": NUMBER},
        "weights?": TEXT,
        "times?": {"*": NUMBER},
        "parameters?": PARAMETERS,
        "macs?": WHOLE,
    }
)
