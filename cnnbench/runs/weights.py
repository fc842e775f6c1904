"""`weights.json`: where the weights came from that a run began with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnbench.files.checked import FLAG, NUMBER, TEXT, WHOLE
from cnnbench.runs.json_file import JsonFile
from cnnbench.text import count

WEIGHTS = JsonFile(
    {
        "file": TEXT,
        "sha256": TEXT,
        **dict.fromkeys(("from", "licence", "preprocessing"), TEXT.or_nothing()),
        "arrays": WHOLE,
        "head": TEXT,
        "normalization": {"scale": [NUMBER], "offset": [NUMBER]},
        "agrees": FLAG.or_nothing(),
    }
)


def sentence(told: Mapping[str, Any]) -> str:
    """Return in a few words where weights came from and what became of them."""
    whose = f" of {told['from']}" if told["from"] else ""
    skew = {True: "", False: "; preprocessing differs from their training", None: "; their preprocessing is not known"}
    return (
        f"{Path(told['file']).name}{whose}: {count(told['arrays'])} arrays, head {told['head']}{skew[told['agrees']]}"
    )
