"""`cnnbench inspect --activations`: activation functions and their derivatives, as formulas and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cnnbench.catalogue.activations import FORMULAS
from cnnbench.catalogue.objects import ACTIVATIONS
from cnnbench.cli.output import console, emit, room, say
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.files.whole import whole_file
from cnnbench.views.table import Column, Table

ACROSS = 5  # panels in a row of the picture
ENDS, POINTS = 7.0, 701  # the picture goes from -7 to 7


def show(names: Sequence[str], output: Path, kind: str, json: bool, quiet: bool) -> None:
    """Print the formulas of these activations, of all where none is named, and draw them into a file."""
    unknown = [
        f"inspect --activations {name}: unknown{did_you_mean(name, ACTIVATIONS)}"
        for name in names
        if name not in ACTIVATIONS
    ]
    if unknown:
        raise ConfigError(*unknown)
    wanted = list(dict.fromkeys(names)) or list(ACTIVATIONS)
    with Waiting(quiet) as waiting:
        waiting("starting Keras")
        _draw(wanted, output, kind)
    table = _table(wanted)
    if json:
        emit({"output": str(output), "activations": table.json()})
    else:
        say(f"{output}\n" if quiet else f"{table.text(room(console()))}\n{output}\n")


def _table(names: Sequence[str]) -> Table[str]:
    return Table(
        "activations",
        (
            Column("activation", str, key="name", left=True),
            Column("of x", lambda name: FORMULAS[name].value, key="value", left=True, fold=True),
            Column("derivative", lambda name: FORMULAS[name].derivative, key="derivative", left=True, fold=True),
            Column("in words", ACTIVATIONS.__getitem__, key="about", left=True, fold=True, least=0),
        ),
        names,
    )


def _draw(names: Sequence[str], output: Path, kind: str) -> None:
    import numpy as np

    from cnnbench.machine import runtime
    from cnnbench.views.charts.activations import activation
    from cnnbench.views.figure import Figure, draw

    runtime.start()
    from cnnbench.model.activations import slope, valued

    # Beside and not on the points where a function has a kink, which are whole and half numbers.
    x = np.linspace(-ENDS, ENDS, POINTS) + ENDS / POINTS / 7
    panels = [activation(name, x, valued(name, x), slope(name, x)) for name in names]
    picture = draw([Figure("activations", "", panels, min(ACROSS, len(panels)))])["activations"]
    with whole_file(output) as part:
        part.write_bytes(picture.file(kind))
