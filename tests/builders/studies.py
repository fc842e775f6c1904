"""Published tables as study files: the numbers that arithmetic is held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnnbench.studies.sections import StudyFile

SCORES = ("accuracy", "macro.precision", "macro.recall", "macro.f1")
CIFAR10 = {"images": 10_000, "classes": 10}

FROZEN = {  # Gilbert: table 1, epochs and rates of VGG16; accuracy, precision, recall, F1
    "vgg16": (0.870, 0.875, 0.870, 0.872),
    "vgg19": (0.882, 0.885, 0.882, 0.883),
    "resnet18": (0.903, 0.904, 0.903, 0.902),
    "resnet34": (0.907, 0.910, 0.908, 0.908),
    "resnet50": (0.892, 0.894, 0.892, 0.892),
    "epochs-1": (0.842, 0.852, 0.842, 0.843),
    "epochs-3": (0.861, 0.868, 0.861, 0.862),
    "epochs-5": (0.864, 0.872, 0.864, 0.866),
    "epochs-7": (0.871, 0.877, 0.871, 0.872),
    "epochs-15": (0.862, 0.883, 0.862, 0.866),
    "epochs-20": (0.874, 0.880, 0.874, 0.875),
    "epochs-40": (0.868, 0.882, 0.868, 0.873),
    "epochs-80": (0.860, 0.884, 0.861, 0.867),
    "rate-1": (0.100, 0.110, 0.100, 0.018),
    "rate-2": (0.100, 0.110, 0.100, 0.019),
    "rate-4": (0.887, 0.889, 0.887, 0.887),
    "rate-5": (0.895, 0.896, 0.895, 0.895),
    "rate-6": (0.878, 0.878, 0.878, 0.877),
}
SCRATCH = {  # term project 21AIE205
    "numpy-mnist": (0.90, 0.90, 0.90, 0.90),
    "numpy-cifar10": (0.30, 0.30, 0.30, 0.30),
    "keras-mnist": (0.9852, 0.9854, 0.9852, 0.9852),
    "keras-cifar10": (0.6336, 0.6336, 0.6439, 0.6308),
}


def study_of(rows: Mapping[str, Sequence[float]], decimals: Mapping[str, int] | int, **others: Any) -> StudyFile:
    """Return a study of rows with four scores each, at as many printed digits."""

    def digits(key: str) -> int:
        return decimals if isinstance(decimals, int) else decimals[key]

    return StudyFile.model_validate(
        {
            "title": "published",
            "citation": "somebody",
            "rows": [
                {
                    "key": key,
                    "title": key,
                    "not_run": "arithmetic alone",
                    "published": [
                        {"at": "a table", "decimals": digits(key), "values": dict(zip(SCORES, scores, strict=True))}
                    ],
                }
                for key, scores in rows.items()
            ],
            **others,
        }
    )


def frozen(**others: Any) -> StudyFile:
    """Return the tables of the frozen networks."""
    return study_of(FROZEN, 3, tested=CIFAR10, **others)


def scratch(**others: Any) -> StudyFile:
    """Return the tables of the networks written from scratch."""
    return study_of(SCRATCH, {key: 2 if "numpy" in key else 4 for key in SCRATCH}, tested=CIFAR10, **others)
