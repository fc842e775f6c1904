"""`cnnbench reproduce`: published numbers beside measured ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnbench.cli import complete
from cnnbench.cli.options import Json, Offline, Output, Quiet
from cnnbench.cli.output import console, emit, room, say
from cnnbench.config.shipped import study_names
from cnnbench.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from cnnbench.studies.file import Scale, Study

SCALES = ("full", "small")


def reproduce(
    study: Annotated[
        str | None,
        typer.Argument(help="A shipped study's name or a YAML file; none lists them.", autocompletion=complete.studies),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="ROW", help="Run this row; may be given again.")
    ] = None,
    scale: Annotated[str, typer.Option("--scale", help="full, or small: few images, to see that it works.")] = "full",
    plan: Annotated[bool, typer.Option("--plan", help="Print what would run; run nothing.")] = False,
    output: Output = None,
    slots: Annotated[
        int | None, typer.Option("--slots", metavar="N", min=1, help="Runs at a time.", show_default="1")
    ] = None,
    offline: Offline = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run published tables again and put what they say beside what is measured; run again, it does what is missing."""
    from cnnbench.studies.file import load_study

    if study is None:
        _list(json)
        return
    loaded = load_study(study, _checked(scale))
    root = output or Path("outputs")
    if plan:
        _plan(loaded, root, only or [], json)
    else:
        _run(loaded, root, only or [], slots or 1, offline, json, quiet)


def _checked(scale: str) -> Scale:
    if scale == "small":
        return "small"
    if scale == "full":
        return "full"
    raise ConfigError(f"--scale {scale}: allowed are {', '.join(SCALES)}{did_you_mean(scale, SCALES)}")


def _list(json: bool) -> None:
    from cnnbench.studies.file import load_study
    from cnnbench.studies.text import as_list, listed

    found = [load_study(name) for name in study_names()]
    if json:
        emit(as_list(found))
    else:
        say(listed(found, room(console())))


def _plan(study: Study, root: Path, only: list[str], json: bool) -> None:
    from cnnbench.studies.plan import as_document, plan_of, plan_text

    rows = plan_of(study, root, only)
    if json:
        emit(as_document(study, rows))
    else:
        say(plan_text(study, rows, room(console())))


def _run(study: Study, root: Path, only: list[str], slots: int, offline: bool, json: bool, quiet: bool) -> None:
    from cnnbench.cli.repeats_screen import RepeatsScreen
    from cnnbench.jobs.local import LocalEngine
    from cnnbench.studies.folder import StudyDir
    from cnnbench.studies.run import check_complete, reproduce, wanted
    from cnnbench.studies.text import as_document, as_text

    runs = wanted(study, StudyDir.of(root, study.name, study.scale), only)
    epochs = {run.name: run.config.train.known_epochs or 0 for run in runs}
    screen = RepeatsScreen(console(json, quiet), list(epochs), epochs)
    with LocalEngine(slots=slots) as engine, screen:
        results = reproduce(study, root, engine, screen, only=only, offline=offline)
    if json:
        emit(as_document(results))
    else:
        say(as_text(results, room(console())))
    check_complete(results)
