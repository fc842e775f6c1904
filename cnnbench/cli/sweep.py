"""`cnnbench sweep`: many configurations, ranked."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnnbench.cli import complete
from cnnbench.cli.options import Backend, Json, Offline, Output, Quiet, Storage, Track
from cnnbench.cli.output import console, emit, room
from cnnbench.errors import ConfigError, TrainingError, did_you_mean
from cnnbench.runs.parents import SweepDir
from cnnbench.sinks.choose import checked as checked_sinks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cnnbench.sweep.define.sweep import Sweep
    from cnnbench.sweep.execute import SweepOptions
    from cnnbench.sweep.run.trials import SweepResults


def sweep(
    file: Annotated[
        str,
        typer.Argument(metavar="SWEEP", help="A shipped sweep's name or a YAML file.", autocompletion=complete.sweeps),
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY.PATH=VALUE]...",
            help="Changed values of the base configuration.",
            autocompletion=complete.overrides,
        ),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print trials and an estimate of the time; run nothing.")
    ] = False,
    status: Annotated[bool, typer.Option("--status", help="Show what a sweep does, from any terminal.")] = False,
    output: Output = None,
    storage: Storage = None,
    slots: Annotated[int | None, typer.Option("--slots", min=1, help="Trainings at a time.")] = None,
    engine: Annotated[str | None, typer.Option("--engine", help="local or ray.", show_default="the file's")] = None,
    address: Annotated[str | None, typer.Option("--address", help="Ray: auto or ray://host:port.")] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Run failed trials again.")] = False,
    smoke: Annotated[bool, typer.Option("--smoke", help="A few trials, shrunk to seconds.")] = False,
    track: Track = None,
    offline: Offline = False,
    backend: Backend = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search a space of configurations; run again, it does what is missing."""
    from cnnbench.sweep.define.file import load_sweep
    from cnnbench.sweep.execute import SweepOptions

    root = output or Path("outputs")
    loaded = _executed_by(load_sweep(file, overrides or []), engine, slots, address)
    if plan:
        _plan(loaded, root, smoke, json)
    elif status:
        _status(root / (f"{loaded.name}-smoke" if smoke else loaded.name), storage, json)
    else:
        options = SweepOptions(
            output=root,
            storage=storage,
            smoke=smoke,
            offline=offline,
            retry=retry_failed,
            command=shlex.join(["cnnbench", *sys.argv[1:]]),
            changes=tuple(overrides or ()),
        )
        _run(loaded, options, tuple(track or ()), backend, json, quiet)


def _executed_by(sweep: Sweep, engine: str | None, slots: int | None, address: str | None) -> Sweep:
    """Return the sweep with what the command line says of where it runs."""
    execution = sweep.execution
    if engine is not None:
        if engine not in ("local", "ray"):
            raise ConfigError(f"--engine {engine}: allowed are local, ray{did_you_mean(engine, ('local', 'ray'))}")
        execution = execution.model_copy(update={"engine": engine})
    if address is not None and execution.engine != "ray":
        raise ConfigError("--address: is the Ray cluster's; the engine is local")
    changes = {"slots": slots, "address": address}
    given = {key: value for key, value in changes.items() if value is not None}
    return replace(sweep, execution=execution.model_copy(update=given))


def _plan(sweep: Sweep, root: Path, smoke: bool, json: bool) -> None:
    from cnnbench.sweep.run.plan import plan_of
    from cnnbench.sweep.tell.plan_text import plan_text

    planned = plan_of(sweep, root, smoke)
    _say(json, planned.as_dict, lambda room: plan_text(planned, room))


def _status(path: Path, storage: str | None, json: bool) -> None:
    from cnnbench.sweep.tell.look import look, look_text

    seen = look(path, storage)
    _say(json, seen.as_dict, lambda _: look_text(seen))


def _run(
    sweep: Sweep, options: SweepOptions, track: tuple[str, ...], backend: str | None, json: bool, quiet: bool
) -> None:
    from cnnbench.cli.sweep_screen import SweepScreen
    from cnnbench.machine.runtime import checked
    from cnnbench.sweep.execute import run_sweep
    from cnnbench.sweep.tell.outcome import outcome, outcome_text

    if backend is not None and any(axis.path == "train.backend" for axis in sweep.space):
        raise ConfigError(f"--backend {backend}: the sweep itself varies train.backend")
    with SweepScreen(console(json, quiet), sweep, options.smoke) as screen:
        how = replace(options, backend=checked(backend), track=checked_sinks(track), watchers=(screen,))
        results = run_sweep(sweep, how)
    folder = SweepDir(options.output / results.sweep.name)
    _say(json, lambda: outcome(results, folder), lambda room: outcome_text(results, folder, room), paths=True)
    _refuse_nothing_done(results)


def _say(
    json: bool, values: Callable[[], Mapping[str, Any]], text: Callable[[int | None], str], *, paths: bool = False
) -> None:
    """Print one of two forms of the same; text gets the columns that there are, and keeps its `paths` whole."""
    if json:
        emit(values())
    else:
        screen = console()
        screen.print(text(room(screen)), end="", markup=False, emoji=False, soft_wrap=paths or None)


def _refuse_nothing_done(results: SweepResults) -> None:
    """Raise TrainingError where every trial failed: a script must see that."""
    from cnnbench.sweep.tell.outcome import AGAIN

    failed = [trial for trial in results.trials if trial.state == "failed"]
    if failed and not any(trial.state in ("done", "pruned") for trial in results.trials):
        raise TrainingError(f"all {len(failed)} trial(s) failed; the first: {failed[0].reason}; {AGAIN}")
