"""`cnnbench doctor`: what this machine has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnbench.cli.options import Backend, Json
from cnnbench.cli.output import console, emit, room
from cnnbench.cli.waiting import Waiting
from cnnbench.files.cache import cache_folder, kept_bytes
from cnnbench.text import size
from cnnbench.views.layout import aligned


def doctor(backend: Backend = None, json: Json = False) -> None:
    """Show versions, devices, precision, where data sets are found and what is kept to be used again."""
    from cnnbench.data.catalogue import places
    from cnnbench.machine.doctor import examine
    from cnnbench.machine.runtime import checked

    wanted = checked(backend)
    with Waiting() as show:
        found = {**examine(wanted, show), "data": places(), "cache": cached()}
    if json:
        emit(found)
        return
    screen = console()
    screen.print(as_text(found, room(screen)), end="", markup=False, emoji=False, soft_wrap=True)


def cached() -> dict[str, str]:
    """Return where that is kept which runs use again, and how much of each kind."""
    return {"folder": f"{cache_folder()}, may be deleted", **{kind: size(many) for kind, many in kept_bytes().items()}}


def as_text(found: Mapping[str, Mapping[str, Any]], room: int | None) -> str:
    """Return a line per value under its section, values folded into `room` columns of a terminal."""
    rows = [
        [section, name, ", ".join(value) if isinstance(value, list) else str(value)]
        for section, values in found.items()
        for name, value in values.items()
    ]
    before = ["", *(row[0] for row in rows)]
    shown = [["" if row[0] == last else row[0], *row[1:]] for row, last in zip(rows, before, strict=False)]
    return aligned(shown, (), room, fold=(2,))
