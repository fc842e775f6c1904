"""`cnnbench inspect RUN --dropout`: a picture of what dropout does to the maps of an image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnbench.cli.output import emit, say
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError
from cnnbench.files.whole import whole_file
from cnnbench.text import count, percent
from cnnbench.views.table import Column, Table

if TYPE_CHECKING:
    from cnnbench.model.dropout import Dropped
    from cnnbench.views.figure import Panel

KERAS = ".keras"


def show(names: Sequence[str], output: Path, kind: str, json: bool, quiet: bool) -> None:
    """Draw what each dropout layer of a trained run does to one of its test images, and print how much of it."""
    from cnnbench.runs.named import open_finished
    from cnnbench.views.figure import Figure, draw

    if len(names) != 1 or "=" in names[0]:
        raise ConfigError(f"--dropout: looks at one trained run, found {', '.join(names) or 'none'}")
    with Waiting(quiet) as waiting:
        run = open_finished(Path(names[0]))
        if run.samples is None or run.folder.model.suffix != KERAS:
            raise ConfigError(f"{run.path}: has no network of Keras and no images kept, which --dropout looks at")
        waiting("starting Keras")
        model = run.load_model()
        found = _dropped(model, run.samples.images[0])
        if not found:
            raise ConfigError(f"{run.path}: its network has no dropout")
        picture = draw([Figure("dropout", "", [_panel(one) for one in found], across=1)])["dropout"]
        with whole_file(output) as part:
            part.write_bytes(picture.file(kind))
    table = _table(found)
    if json:
        emit({"run": str(run.path), "output": str(output), "layers": table.json()})
    else:
        say(f"{output}\n" if quiet else f"{table.text()}\n{output}\n")


def _dropped(model: Any, image: Any) -> list[Dropped]:
    from cnnbench.model.dropout import dropped

    return list(dropped(model, image))


def _panel(one: Dropped) -> Panel:
    from cnnbench.views.charts.maps import before_and_after

    title = f"{one.name}: {one.kind}, rate {one.rate:g}, {percent(one.set_to_zero, 1)} of values not 0 set to 0"
    return before_and_after(title, one.before, one.after)


def _table(found: Sequence[Dropped]) -> Table[Dropped]:
    return Table(
        "dropout",
        (
            Column("layer", lambda row: row.name, key="name", left=True),
            Column("kind", lambda row: row.kind, key="kind", left=True),
            Column("rate", lambda row: row.rate, lambda rate: f"{rate:g}", "rate"),
            Column("maps", lambda row: row.before.shape[-1], count, "maps"),
            Column("set to 0", lambda row: row.set_to_zero, lambda share: percent(share, 1), "set_to_zero"),
        ),
        found,
    )
