"""`cnnbench train`: one run from a configuration."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnbench.cli.options import Backend, FailUnder, Json, Offline, Output, Quiet

if TYPE_CHECKING:
    from rich.console import Console

    from cnnbench.config.schema import Config
    from cnnbench.result import Result


def train(
    config: Annotated[str | None, typer.Argument(help="A shipped experiment's name or a YAML file.")] = None,
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY.PATH=VALUE]...", help="Changed values.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the run instead of the file's.")] = None,
    output: Output = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="Shrink to seconds on synthetic images.")] = False,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="RUN", help="Go on with a stopped run.", readable=False)
    ] = None,
    fail_under: FailUnder = None,
    offline: Offline = False,
    backend: Backend = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train, evaluate and write up one experiment."""
    from cnnbench.cli.output import console, emit
    from cnnbench.cli.progress import Screen
    from cnnbench.experiment import Options, execute
    from cnnbench.runtime import checked
    from cnnbench.thresholds import check, parse

    thresholds = parse(fail_under or [])
    screen = console(json, quiet)
    resolved, folder = _configuration(config, overrides or [], name, output, smoke, resume)
    with Screen(screen) as observer:
        result = execute(
            resolved,
            Options(
                output=output or Path("outputs"),
                resume=folder,
                smoke=smoke,
                offline=offline,
                backend=checked(backend),
                command=shlex.join(["cnnbench", *sys.argv[1:]]),
                observer=observer,
            ),
        )
    if json:
        emit(result.as_dict())
    else:
        show(result, console())
    check(thresholds, result.metrics)


def _configuration(
    config: str | None, overrides: list[str], name: str | None, output: Path | None, smoke: bool, resume: Path | None
) -> tuple[Config, Path | None]:
    from cnnbench.config.load import load_config
    from cnnbench.errors import ConfigError
    from cnnbench.resume import resumed

    if resume is not None:
        given = [*([config] if config is not None else []), *overrides]
        if smoke or name or output:
            raise ConfigError("--resume: goes on with a run where it is; --name, --output and --smoke are a new one's")
        return resumed(resume, given)
    if config is None:
        raise ConfigError("train: needs a configuration (a shipped name or a YAML file) or --resume RUN")
    loaded = load_config(config, [*overrides, *([f"name={name}"] if name else [])])
    if smoke:
        from cnnbench.smoke import shrink

        loaded = shrink(loaded)
    return loaded, None


def show(result: Result, console: Console) -> None:
    """Print the short table that ends a run; shares are cut, so that nothing looks better than it is."""
    from cnnbench.report.tables import NAME_LIMIT, aligned
    from cnnbench.report.text import cut, duration, label, printable, significant

    metrics, worst = result.metrics, result.metrics["worst_class"]
    low, high = map(cut, metrics["accuracy_interval"])
    scores = f"precision {cut(worst['precision'])}, recall {cut(worst['recall'])}, F1 {cut(worst['f1'])}"
    rows = [
        ("test accuracy", f"{cut(metrics['accuracy'])}  (95 % interval {low} to {high}, {metrics['images']} images)"),
        ("macro F1", cut(metrics["macro"]["f1"])),
        ("log loss", significant(metrics["log_loss"])),
        ("worst class", f"{label(worst['class'], NAME_LIMIT)}: {scores}, {worst['support']} images"),
        ("weights", metrics["weights"]),
        ("ended", f"{result.status['reason']}, {duration(result.status['seconds'])}"),
        ("report", printable(str(result.report))),
    ]
    console.print(aligned(rows, right=()), end="", markup=False, emoji=False, soft_wrap=True)
