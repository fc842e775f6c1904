"""What `cnnbench inspect` shows: layers, networks side by side, reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cnnbench.text import count, size
from cnnbench.views import networks
from cnnbench.views.layout import aligned
from cnnbench.views.networks import Network, by, memory
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


def side_by_side(found: Sequence[Inspected]) -> Table[Network]:
    """Return a row per network."""
    return networks.side_by_side([_network(one) for one in found])


def _network(found: Inspected) -> Network:
    parameters = found.summary.parameters
    return Network(
        name=found.name,
        input_shape=found.input_shape,
        classes=found.classes,
        depth=found.depth,
        parameters=parameters["total"],
        trainable=parameters["trainable"],
        weights_bytes=found.weights_bytes,
        macs=found.summary.macs,
        activation_bytes=found.activation_bytes,
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
