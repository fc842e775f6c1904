"""`cnnbench inspect`: a network layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnnbench.cli import complete
from cnnbench.cli.options import Json, Quiet
from cnnbench.cli.output import console, emit, room
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError
from cnnbench.views.layout import aligned

if TYPE_CHECKING:
    from cnnbench.model.summary import Summary


def inspect(
    config: Annotated[
        str,
        typer.Argument(
            help="An experiment or an architecture: shipped name or file.", autocompletion=complete.buildable
        ),
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY.PATH=VALUE]...", help="Changed values of an experiment.", autocompletion=complete.overrides
        ),
    ] = None,
    shape: Annotated[
        str | None, typer.Option("--input", metavar="HxWxC", help="Image shape, as 32x32x3.", show_default="the file's")
    ] = None,
    classes: Annotated[
        int | None, typer.Option("--classes", min=2, help="Number of classes.", show_default="the file's")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show output shape, parameters, multiply-accumulates and activation memory of every layer; --quiet: of all."""
    from cnnbench.machine import runtime
    from cnnbench.model.inspection import built, planned

    size = None if shape is None else parse_shape(shape)
    plan = planned(config, overrides or [], size, classes)  # what is wrong is told before Keras is loaded
    with Waiting(quiet) as show:
        show("starting Keras")
        runtime.start()
        show("building the network")
        summary = built(*plan)
    if json:
        emit(summary.as_dict())
        return
    screen = console()
    if not quiet:
        screen.print(table(summary, room(screen)), end="", markup=False, emoji=False, soft_wrap=True)
    screen.print(totals(summary), markup=False)


def parse_shape(text: str) -> tuple[int, int, int]:
    """Return height, width and channels of "32x32x3"; raises ConfigError for anything else."""
    sizes = [int(part) for part in text.split("x") if part.isascii() and part.isdigit()]
    if len(sizes) != 3 or text.count("x") != 2 or min(sizes) < 1 or sizes[2] not in (1, 3):
        raise ConfigError(f"--input {text}: expected height x width x channels (1 or 3), as 32x32x3")
    return sizes[0], sizes[1], sizes[2]


def table(summary: Summary, room: int | None) -> str:
    """Return a line per layer; numbers are per image."""
    rows = [["layer", "output", "parameters", "MACs", "activations"]]
    for row in summary.layers:
        size = "x".join(map(str, row["output_shape"]))
        numbers = [f"{row['parameters']:,}", f"{row['macs']:,}", memory(row["activation_bytes"])]
        rows.append([row["name"], size, *numbers])
    return aligned(rows, room=room, least=(4, 3), fold=(0,))


def totals(summary: Summary) -> str:
    """Return the sums in one line."""
    parameters = summary.parameters
    fixed = f" ({parameters['non_trainable']:,} not trainable)" if parameters["non_trainable"] else ""
    bytes_ = memory(sum(row["activation_bytes"] for row in summary.layers))
    return f"{parameters['total']:,} parameters{fixed}; per image: {summary.macs:,} MACs, {bytes_} of activations"


def memory(count: int) -> str:
    """Return bytes as people read them."""
    for unit, size in (("MiB", 2**20), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
