"""`cnnbench train`: one run from a configuration, or several."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnbench.cli import complete
from cnnbench.cli.options import Backend, FailUnder, Json, Offline, Output, Overrides, Quiet, Track
from cnnbench.cli.output import console, emit, room
from cnnbench.cli.repeats import Repetition, conclude, repeat
from cnnbench.cli.source import Source
from cnnbench.errors import ConfigError
from cnnbench.evaluation.thresholds import check, parse
from cnnbench.runs.folder import RunDir
from cnnbench.sinks.choose import checked as checked_sinks
from cnnbench.text import duration, label, percent, printable, significant
from cnnbench.views.layout import titled

if TYPE_CHECKING:
    from rich.console import Console

    from cnnbench.config.schema import Config
    from cnnbench.experiment.options import Options
    from cnnbench.experiment.result import Result


def train(
    config: Annotated[
        str | None,
        typer.Argument(help="A shipped experiment's name or a YAML file.", autocompletion=complete.experiments),
    ] = None,
    overrides: Overrides = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the run instead of the file's.")] = None,
    output: Output = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="Shrink to seconds on synthetic images.")] = False,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume", metavar="RUN", help="Go on with a stopped run.", readable=False, autocompletion=complete.runs
        ),
    ] = None,
    seeds: Annotated[
        str | None, typer.Option("--seeds", metavar="N|A,B,...", help="Repeat with N seeds, or with these.")
    ] = None,
    folds: Annotated[
        int | None, typer.Option("--folds", metavar="K", help="Repeat with each of K folds held out for validation.")
    ] = None,
    slots: Annotated[
        int | None, typer.Option("--slots", metavar="N", min=1, help="Runs at a time.", show_default="1")
    ] = None,
    no_preload: Annotated[
        bool, typer.Option("--no-preload", help="Import TensorFlow in every run of --seeds or --folds anew.")
    ] = False,
    fail_under: FailUnder = None,
    offline: Offline = False,
    backend: Backend = None,
    track: Track = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train, evaluate and write up one experiment."""
    from cnnbench.experiment.execute import execute
    from cnnbench.experiment.options import Options
    from cnnbench.experiment.progress import Screen
    from cnnbench.machine.runtime import checked
    from cnnbench.sinks.tracked import tracking

    source = Source(config, overrides or [], name, output, smoke, resume)
    options = Options(
        output=output or Path("outputs"),
        smoke=smoke,
        offline=offline,
        backend=checked(backend),
        command=shlex.join(["cnnbench", *sys.argv[1:]]),
        changes=tuple(source.changes),
    )
    sinks = checked_sinks(track or [])
    thresholds, screen = parse(fail_under or []), console(json, quiet)
    if seeds is not None or folds is not None or source.repeats() is not None:
        wanted = Repetition(seeds, folds, slots, sinks, preload=not no_preload)
        conclude(repeat(source, options, wanted, screen), thresholds, json)
        return
    if slots is not None:
        raise ConfigError("--slots: how many runs of --seeds and --folds go at a time; this is one run")
    if no_preload:
        raise ConfigError("--no-preload: how the runs of --seeds and --folds start; this is one run")
    resolved, folder = source.one_run()
    # sinks are to be told everything again
    result = None if sinks else finished_before(resolved, folder, options, screen)
    if result is None:
        with Screen(screen) as observer:
            result = execute(resolved, replace(options, resume=folder, observer=observer, watch=tracking(sinks)))
    if json:
        emit(result.as_dict())
    else:
        show(result, console())
    check(thresholds, result.metrics)


def finished_before(config: Config, folder: Path | None, options: Options, screen: Console) -> Result | None:
    """Return the result of a run that is to go on and has nothing left to do, without Keras; None for any other."""
    from cnnbench.experiment.result import Result
    from cnnbench.experiment.resume import backend_of, nothing_left

    if folder is None:
        return None
    backend_of(RunDir(folder), options.backend)
    why = nothing_left(config, RunDir(folder))
    if why is None:
        return None
    screen.print(f"already finished: {why}", markup=False, emoji=False)
    return Result(folder, config)


def show(result: Result, console: Console) -> None:
    """Print the short table that ends a run."""
    from cnnbench.evaluation.metrics import differ
    from cnnbench.report.tables import NAME_LIMIT

    metrics, worst = result.metrics, result.metrics["worst_class"]
    low, high = map(percent, metrics["accuracy_interval"])
    interval = f"95 % interval {low} to {high}, {metrics['images']} images"
    scores = f"precision {percent(worst['precision'])}, recall {percent(worst['recall'])}, F1 {percent(worst['f1'])}"
    named = f"{label(worst['class'], NAME_LIMIT)}: {scores}, {worst['support']} images"
    flipped = metrics.get("test_time_flips")
    rows = [
        ("test accuracy", f"{percent(metrics['accuracy'])}  ({interval})"),
        *([("with test-time flips", percent(flipped["accuracy"]))] if flipped else []),
        ("macro F1", percent(metrics["macro"]["f1"])),
        *([("log loss", significant(metrics["log_loss"]))] if "log_loss" in metrics else []),
        ("worst class", named if differ(metrics["per_class"]) else "none, all are equal"),
        ("weights", metrics["weights"]),
        ("ended", f"{result.status['reason']}, {duration(result.status['seconds'])}"),
    ]
    table = titled(rows, printable(str(result.report)), room(console))
    console.print(table, end="", markup=False, emoji=False, soft_wrap=True)
