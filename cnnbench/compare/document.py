"""A comparison as one JSON document."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cnnbench.compare import tables
from cnnbench.compare.comparison import Block, Comparison, places
from cnnbench.compare.corrupted import UnderCorruption
from cnnbench.compare.difference import Difference
from cnnbench.compare.disagreements import class_differences, disagreement_rows
from cnnbench.compare.networks import networks
from cnnbench.compare.runs import Group
from cnnbench.compare.text import notes, warnings
from cnnbench.compare.wording import sentence


def as_document(comparison: Comparison) -> dict[str, Any]:
    """Return everything that a comparison found as plain values."""
    return {
        "by": comparison.options.by,
        "warnings": warnings(comparison),
        "blocks": [_block(comparison, block) for block in comparison.blocks],
        "left_out": [{"path": str(one.path), "reason": one.reason} for one in comparison.left_out],
    }


def _block(comparison: Comparison, block: Block) -> dict[str, Any]:
    ranked = zip(places(block.groups, comparison.options.by), block.groups, strict=True)
    others = tables.compared(block)
    return {
        "images": block.groups[0].images,
        "data": block.groups[0].runs[0].measured.get("data"),
        "classes": list(block.groups[0].classes),
        "groups": [_group(place, group) for place, group in ranked],
        "baseline": block.baseline.name,
        "corrected_over": block.family,
        "differences": [_difference(found) for found in block.differences],
        "per_class_f1": [
            {
                "class": line.name,
                "support": line.support,
                "baseline": line.baseline,
                "differences": {group.name: d for group, d in zip(others, line.differences, strict=True)},
            }
            for line in class_differences(block.baseline, others)
        ],
        "corrupted": [_corrupted(row) for row in block.corrupted.rows],
        "networks": networks(block.groups).json(),
        "disagreements": _disagreements(block),
        "notes": notes(comparison, block),
    }


def _group(place: int, group: Group) -> dict[str, Any]:
    measured = {name: group.mean(name) for name in group.runs[0].measures if not name.startswith("per_class.")}
    return {
        "rank": place,
        "name": group.name,
        "path": str(group.path),
        "kind": group.kind,
        "smoke": group.smoke,
        "runs": [{"path": str(run.path), "seed": run.seed, "accuracy": run.measures["accuracy"]} for run in group.runs],
        "missing": group.of - len(group.runs),
        "accuracy_interval": list(group.accuracy_interval) if group.accuracy_interval else None,
        "interval_method": tables.METHODS[group.single],
        "measures": {name: mean.as_dict() for name, mean in measured.items() if mean is not None},
        "images_per_second": tables.speed(group),
        "epochs": [run.epochs for run in group.runs],
    }


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "a": found.a.name,
        "b": found.b.name,
        "difference": found.difference,
        "interval": None if found.interval is None else list(found.interval),
        "interval_method": found.method,
        "test": found.test,
        "runs": found.runs or None,
        "p": found.p,
        "p_holm": found.adjusted,
        "tests": found.tests,
        "verdict": tables.verdict(found),
        "reason": found.reason or None,
        "agreement": asdict(found.agreement),
        "sentence": sentence(found),
    }


def _corrupted(row: UnderCorruption) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "a": row.a.name,
        "b": row.b.name,
        "accuracies": list(row.accuracies),
        "difference": row.difference,
        "interval": None if row.interval is None else list(row.interval),
        "test": row.test,
        "p": row.p,
        "p_holm": row.adjusted,
    }


def _disagreements(block: Block) -> list[dict[str, Any]]:
    """Return the images on which not all agree; `predicted` is in the order of the groups."""
    header, rows = disagreement_rows(block.groups)
    told = len(header) - len(block.groups)
    return [
        {**dict(zip(header[:told], row, strict=False)), "row": int(row[0])} | {"predicted": row[told:]} for row in rows
    ]
