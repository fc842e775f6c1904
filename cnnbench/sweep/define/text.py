"""A sweep as YAML that describes the same sweep from any folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnnbench.config.document import Document
from cnnbench.config.dump import dump_plain
from cnnbench.sweep.define.sweep import Axis, Choices, Values

_AS_WRITTEN = ("objective", "pruning", "repeats", "budget", "execution")


def sweep_text(document: Document, base: Document, axes: Sequence[Axis], rows: Sequence[Values]) -> str:
    """Return the sweep of a document with its base and the points of a list in place."""
    data = document.data
    text = {"name": data["name"], "description": data.get("description"), "base": base.data}
    swept = data.get("space") or {}
    own = [axis for axis in axes if isinstance(axis, Choices) and axis.path not in swept]
    text |= {"search": _search(data.get("search"), rows, own)}
    text |= {"space": {axis.path: _entry(axis, swept[axis.path]) for axis in axes if axis.path in swept} or None}
    text |= {key: data.get(key) for key in _AS_WRITTEN}
    return dump_plain({key: value for key, value in text.items() if value is not None})


def _search(section: Any, rows: Sequence[Values], own: Sequence[Choices]) -> Any:
    """Return how points are chosen, with those of a list, or what an ablation switches off, in place."""
    if rows:
        return {"method": "list", "rows": [dict(row) for row in rows]}
    if not own:
        return section
    (axis,) = own
    return {"method": "ablation", axis.path: {c.label: c.value for c in axis.choices[1:]}}  # but for the base


def _entry(axis: Axis, written: Any) -> Any:
    """Return an axis as it was written, or by its labels where a path in it had to be made absolute."""
    if not isinstance(axis, Choices):
        return written
    values = [choice.value for choice in axis.choices]
    if isinstance(written, Mapping) or values != written:
        return {"choices": {str(choice.label): choice.value for choice in axis.choices}}
    return written
