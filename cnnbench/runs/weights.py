"""`weights.json`: where the weights came from that a run began with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnbench.files.checked import FLAG, NUMBER, TEXT, WHOLE
from cnnbench.runs.json_file import JsonFile
from cnnbench.text import NOTHING, count

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


def provenance(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (what, value) of what has to be known to get the same weights again, and to defend them."""
    agrees = {
        True: "this run's is the same",
        False: "this run's is another (model.allow_skew)",
        None: "whether this run's is the same is not known",
    }
    return [
        ("File", str(told["file"])),
        ("SHA-256", told["sha256"]),
        ("Published by", told["from"] or NOTHING),
        ("Licence", told["licence"] or NOTHING),
        ("Arrays used", count(told["arrays"])),
        ("Head", told["head"]),
        ("Preprocessing", f"{told['preprocessing'] or 'unknown'}; {agrees[told['agrees']]}"),
    ]


def sentence(told: Mapping[str, Any]) -> str:
    """Return in a few words where weights came from and what became of them."""
    whose = f" of {told['from']}" if told["from"] else ""
    skew = {True: "", False: "; preprocessing differs from their training", None: "; their preprocessing is not known"}
    return (
        f"{Path(told['file']).name}{whose}: {count(told['arrays'])} arrays, head {told['head']}{skew[told['agrees']]}"
    )
