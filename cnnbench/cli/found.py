"""What a command found of a run: told first, then drawn on the run's page, so that a page that fails loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbench.cli.output import console, emit, one_line, say
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError, DataError, OutputError, first_line

Draw = Callable[[], Path]  # draws the page and returns it


@dataclass(frozen=True)
class Found:
    """What is told: `document` with `--json`, else `text`.

    `notes` are what one should know of it, `unwritten` is what the run folder did not take, told even where it is to be
    quiet.
    """

    run: Path
    document: Mapping[str, Any]
    text: Callable[[], str]
    notes: Sequence[str] = ()
    unwritten: Sequence[str] = ()


def tell(found: Found, draw: Draw | None, json: bool, quiet: bool, shown: str = "\n{page}\n") -> None:
    """Print what was found, draw the page and print where it is, as `shown` has it; without `draw` there is none.

    A page that cannot be drawn is a note. The one document of `--json` waits for the page, and comes without one even
    where drawing fails in a way that nobody foresaw.
    """
    _print_notes([*([] if quiet else found.notes), *found.unwritten])
    if not json:
        say(found.text())
        page, _ = _drawn(draw, quiet)
        say(shown.format(page=page) if page else "")
        return
    page, undrawn = None, list[str]()
    try:
        page, undrawn = _drawn(draw, quiet)
    finally:
        notes = [*found.notes, *found.unwritten, *undrawn]
        emit({"run": str(found.run), "notes": notes, **found.document, "report": page and str(page)})


def not_written(error: ConfigError | DataError | OutputError) -> str:
    """Return the note of what a run folder does not take."""
    return f"not written into the run folder: {first_line(error)}"


def _drawn(draw: Draw | None, quiet: bool) -> tuple[Path | None, list[str]]:
    """Return the page, or the note that says why there is none."""
    if draw is None:
        return None, []
    try:
        with Waiting(quiet) as show:
            show("drawing the page")
            return draw(), []
    except (ConfigError, DataError, OutputError) as e:
        _print_notes(undrawn := [not_written(e)])
        return None, undrawn


def _print_notes(notes: Sequence[str]) -> None:
    told = "".join(f"note: {one_line(note)}\n" for note in notes)
    console(json=True).print(told, end="", markup=False, emoji=False, soft_wrap=True)
