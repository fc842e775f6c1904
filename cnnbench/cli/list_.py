"""`cnnbench list`: everything that can be named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from cnnbench.cli.complete import kinds
from cnnbench.cli.options import Json, Quiet
from cnnbench.cli.output import console, emit, room
from cnnbench.views.layout import aligned


def list_(
    kind: Annotated[
        str | None, typer.Argument(help="experiments, networks, layers, ...; without: the kinds.", autocompletion=kinds)
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List everything that can be named, a line each: experiments, networks, layers, optimizers, keys and more."""
    from cnnbench.config.kinds import KINDS, names_of

    if kind is not None:
        found: Mapping[str, str] = names_of(kind)
    else:
        found = {name: _about(name, where) for name, (where, _) in KINDS.items()}
    if json:
        emit([{"name": name, "about": about} for name, about in found.items()])
        return
    rows = [[name] if quiet else [name, about] for name, about in found.items()]
    screen = console()
    text = aligned(rows, right=(), room=room(screen), fold=() if quiet else (1,))
    screen.print(text, end="", markup=False, emoji=False, soft_wrap=True)


def _about(kind: str, where: str) -> str:
    from cnnbench.config.kinds import names_of

    return f"{len(names_of(kind))}, for {where}"
