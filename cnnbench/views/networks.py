"""Networks side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnnbench.text import count, size
from cnnbench.views.table import Column, Table


@dataclass(frozen=True)
class Network:
    """What a network is and costs: MACs and bytes of activations are those of one image; None is not known."""

    name: str
    input_shape: Sequence[int]
    classes: int
    depth: int | None
    parameters: int
    trainable: int | None
    weights_bytes: int
    macs: int
    activation_bytes: int


def side_by_side(found: Sequence[Network]) -> Table[Network]:
    """Return a row per network."""
    return Table(
        "networks",
        (
            Column("network", lambda row: row.name, key="name", left=True, fold=True),
            Column("input", lambda row: list(row.input_shape), by, "input_shape"),
            Column("classes", lambda row: row.classes, count, "classes", least=0),
            Column("depth", lambda row: row.depth, count, "depth"),
            Column("parameters", lambda row: row.parameters, count, "parameters"),
            Column("trainable", lambda row: row.trainable, count, "trainable", least=2),
            Column("weights", lambda row: row.weights_bytes, size, "weights_bytes"),
            Column("MACs", lambda row: row.macs, count, "macs", least=3),
            Column("activations", lambda row: row.activation_bytes, memory, "activation_bytes", least=1),
        ),
        found,
    )


def by(shape: Sequence[int]) -> str:
    """Return a shape as people write it."""
    return "x".join(map(str, shape))


def memory(number: int) -> str:
    """Return bytes as memory is measured."""
    for unit, bytes_ in (("MiB", 2**20), ("KiB", 2**10)):
        if number >= bytes_:
            return f"{number / bytes_:.1f} {unit}"
    return f"{number} B"
