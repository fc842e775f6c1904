"""What `cnnbench inspect` shows: layers, networks side by side, reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cnnbench.text import count, size
from cnnbench.views.layout import aligned
from cnnbench.views.table import Column, Table

if TYPE_CHECKING:
    from cnnbench.config.network.reasons import Reason
    from cnnbench.model.inspection import Inspected


def layers(found: Inspected, room: int | None) -> str:
    """Return a line per layer; numbers are per image."""
    rows = [["layer", "output", "parameters", "MACs", "activations"]]
    for row in found.summary.layers:
        numbers = [f"{row['parameters']:,}", f"{row['macs']:,}", memory(row["activation_bytes"])]
        rows.append([row["name"], by(row["output_shape"]), *numbers])
    return aligned(rows, room=room, least=(4, 3), fold=(0,))


def totals(found: Inspected) -> str:
    """Return the sums in two lines."""
    parameters, macs = found.summary.parameters, found.summary.macs
    learnt = f" ({parameters['trainable']:,} trainable)" if parameters["non_trainable"] else ""
    return (
        f"input {by(found.input_shape)}, {found.classes} classes, depth {found.depth};"
        f" weights: {size(found.weights_bytes)} in float32\n"
        f"{parameters['total']:,} parameters{learnt};"
        f" per image: {macs:,} MACs, {memory(found.activation_bytes)} of activations"
    )


def side_by_side(found: Sequence[Inspected]) -> Table[Inspected]:
    """Return a row per network."""
    return Table(
        "networks",
        (
            Column("network", lambda row: row.name, key="name", left=True, fold=True),
            Column("input", lambda row: list(row.input_shape), by, "input_shape"),
            Column("classes", lambda row: row.classes, count, "classes", least=0),
            Column("depth", lambda row: row.depth, count, "depth"),
            Column("parameters", lambda row: row.summary.parameters["total"], count, "parameters"),
            Column("trainable", lambda row: row.summary.parameters["trainable"], count, "trainable", least=2),
            Column("weights", lambda row: row.weights_bytes, size, "weights_bytes"),
            Column("MACs", lambda row: row.summary.macs, count, "macs", least=3),
            Column("activations", lambda row: row.activation_bytes, memory, "activation_bytes", least=1),
        ),
        found,
    )


def why(found: Sequence[Reason]) -> Table[Reason]:
    """Return a row per layer with its formulas, and what a dense layer between the same maps would cost."""
    return Table(
        "reasons",
        (
            Column("layer", lambda row: row.name, left=True, fold=True),
            Column("output", lambda row: by(row.output_shape)),
            Column("because", lambda row: row.output_formula, left=True, fold=True),
            Column("parameters", lambda row: row.parameters_formula, left=True, fold=True),
            Column("shared", lambda row: row.unshared and row.unshared.shared, _known, least=0),
            Column("were they local", lambda row: row.unshared and row.unshared.local, _known, least=1),
            Column("were it dense", lambda row: row.unshared and row.unshared.dense, _known, least=2),
        ),
        found,
    )


def why_json(found: Sequence[Reason]) -> list[Mapping[str, Any]]:
    """Return the same for programs."""
    return [asdict(row) for row in found]


def _known(value: int | None) -> str:
    return "" if value is None else count(value)


def by(shape: Sequence[int]) -> str:
    """Return a shape as people write it."""
    return "x".join(map(str, shape))


def memory(number: int) -> str:
    """Return bytes as memory is measured."""
    for unit, bytes_ in (("MiB", 2**20), ("KiB", 2**10)):
        if number >= bytes_:
            return f"{number / bytes_:.1f} {unit}"
    return f"{number} B"
