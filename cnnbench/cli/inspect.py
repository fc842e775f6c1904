"""`cnnbench inspect`: networks layer by layer, side by side, and why they are as large as they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnbench.cli import complete, inspect_activations, inspect_dropout, inspect_screen
from cnnbench.cli.options import Json, Quiet
from cnnbench.cli.output import console, emit, room, say
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError

if TYPE_CHECKING:
    from cnnbench.model.inspection import Inspected, Plan


def inspect(
    configs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CONFIG|KEY.PATH=VALUE]...",
            help="Experiments or architectures: shipped names or files; and changed values of them.",
            autocompletion=complete.inspected,
        ),
    ] = None,
    shape: Annotated[
        str | None, typer.Option("--input", metavar="HxWxC", help="Image shape, as 32x32x3.", show_default="the file's")
    ] = None,
    classes: Annotated[
        int | None, typer.Option("--classes", min=2, help="Number of classes.", show_default="the file's")
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="Formulas of sizes and parameters, with their numbers.")] = False,
    activations: Annotated[
        bool, typer.Option("--activations", help="Formulas and a picture of the activations named, else of all.")
    ] = False,
    dropout: Annotated[
        bool, typer.Option("--dropout", help="A picture of what dropout does to maps of a trained RUN.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The picture: .png or .pdf.", show_default="WHAT.png"),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show output shape, parameters, multiply-accumulates and activation memory of every layer; --quiet: of all.

    Several networks are shown side by side.
    """
    from cnnbench.model.inspection import explained, planned

    if activations or dropout:
        picture = output or Path("activations.png" if activations else "dropout.png")
        shown = inspect_activations.show if activations else inspect_dropout.show
        shown(configs or [], picture, _kind(picture), json, quiet)
        return
    if output is not None:
        raise ConfigError(f"--output {output}: only --activations and --dropout draw a picture")
    size = None if shape is None else parse_shape(shape)
    overrides = [text for text in configs or [] if "=" in text]
    names = [text for text in configs or [] if "=" not in text]
    if not names:
        changed = f"{overrides[0]}: changes a value, but " if overrides else ""
        raise ConfigError(f"{changed}no experiment or architecture is named")
    if why and len(names) > 1:
        raise ConfigError(f"--why: tells of one network, found {len(names)}: {', '.join(names)}")
    plans = [planned(name, overrides, size, classes) for name in names]  # what is wrong is told before Keras is loaded
    if why:
        reasons = explained(plans[0])
        emit(inspect_screen.why_json(reasons)) if json else say(inspect_screen.why(reasons).text(room(console())))
        return
    found = _built(plans, quiet)
    if len(found) == 1:
        _show_one(found[0], json, quiet)
    else:
        networks = inspect_screen.side_by_side(found)
        emit([one.as_dict() for one in found]) if json else say(networks.text(room(console())))


def _built(plans: Sequence[Plan], quiet: bool) -> list[Inspected]:
    """Build one network after the other: each lets its memory go again."""
    from cnnbench.machine import runtime
    from cnnbench.model.inspection import built

    found = []
    with Waiting(quiet) as show:
        show("starting Keras")
        runtime.start()
        import keras

        for plan in plans:
            show(
                "building the network" if len(plans) == 1 else f"building {plan.config.model.name or plan.config.name}"
            )
            found.append(built(plan))
            keras.utils.clear_session()
    return found


def _show_one(found: Inspected, json: bool, quiet: bool) -> None:
    if json:
        emit(found.as_dict())
        return
    screen = console()
    if not quiet:
        table = inspect_screen.layers(found, room(screen))
        screen.print(table, end="", markup=False, emoji=False, soft_wrap=True)
    screen.print(inspect_screen.totals(found), markup=False)


def _kind(picture: Path) -> str:
    """Return "png" or "pdf"; raises ConfigError for the name of another file."""
    kind = picture.suffix.lower().removeprefix(".")
    if kind not in ("png", "pdf"):
        raise ConfigError(f"--output {picture}: the picture is a .png or a .pdf file")
    return kind


def parse_shape(text: str) -> tuple[int, int, int]:
    """Return height, width and channels of "32x32x3"; raises ConfigError for anything else."""
    sizes = [int(part) for part in text.split("x") if part.isascii() and part.isdigit()]
    if len(sizes) != 3 or text.count("x") != 2 or min(sizes) < 1 or sizes[2] not in (1, 3):
        raise ConfigError(f"--input {text}: expected height x width x channels (1 or 3), as 32x32x3")
    return sizes[0], sizes[1], sizes[2]
