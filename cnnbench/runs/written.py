"""What the JSON files of a run folder hold."""

from __future__ import annotations

from cnnbench.catalogue.measures import COMPUTED
from cnnbench.files.checked import FLAG, MAPPING, NUMBER, TEXT, WHOLE, Kind, mistake

STATUS = {
    "state?": TEXT,
    **{f"{name}?": TEXT.or_nothing() for name in ("reason", "monitor", "started", "ended", "host", "network", "data")},
    **{f"{name}?": WHOLE.or_nothing() for name in ("epoch", "epochs", "best_epoch", "kept_epoch", "pid")},
    "smoke?": FLAG.or_nothing(),
    "seconds?": NUMBER.or_nothing(),
    "notes?": [TEXT],
    "failed?": {"*": TEXT},
}

SCORES = {"precision": NUMBER, "recall": NUMBER, "f1": NUMBER}

OF_CLASS = {"class": TEXT, **SCORES, "support": WHOLE}

PARAMETERS = {"total": WHOLE, "trainable?": WHOLE, "non_trainable?": WHOLE}

AVERAGES = ("macro", "micro", "weighted")

MEASURED = {  # by every test
    "accuracy": NUMBER,
    "images": WHOLE,
    "classes": WHOLE,
    "accuracy_interval": (NUMBER, NUMBER),
    "top_k": {"*": NUMBER},
    "log_loss": NUMBER.or_nothing(),
    "calibration_error": NUMBER.or_nothing(),
    **dict.fromkeys(AVERAGES, SCORES),
    "per_class": [OF_CLASS],
    "worst_class": OF_CLASS,
}

METRICS = {
    **{f"{name}?": wanted for name, wanted in MEASURED.items()},
    **{f"{row.key}?": NUMBER.or_nothing() for row in COMPUTED},
    **{f"{average}?": {"*": NUMBER} for average in AVERAGES},
    "data?": {"source?": TEXT, "notes?": [TEXT], "test_images?": MAPPING},
    "weights?": TEXT,
    "times?": {"*": NUMBER},
    "parameters?": PARAMETERS,
    "macs?": WHOLE,
}

LAYERS = {
    "parameters": PARAMETERS,
    "macs": WHOLE,
    "layers?": [
        {
            "name": TEXT,
            "kind": TEXT,
            "output_shape": [WHOLE.or_nothing()],
            **dict.fromkeys(("parameters", "macs", "activation_bytes"), WHOLE),
        }
    ],
}

ENVIRONMENT = {
    "backend?": TEXT,
    "packages?": MAPPING,
    "devices?": [TEXT],
    "precision?": TEXT,
}

PART = Kind(
    "a split", lambda value: value is None or mistake(value, {"images": WHOLE, "per_class": {"*": WHOLE}}) is None
)

SPLIT = {"train?": PART, "validation?": PART, "test?": PART}

CONFIG = {f"{section}?": MAPPING for section in ("data", "model", "train", "evaluation")}

STATISTIC = {"mean": NUMBER}

SUMMARY = {
    "metrics": {"accuracy": STATISTIC, "*": STATISTIC},
    "images": WHOLE,
    "source": TEXT,
    "runs": WHOLE,
    "parameters": PARAMETERS,
    "macs": WHOLE,
}
