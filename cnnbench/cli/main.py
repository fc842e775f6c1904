"""The command line: registers the commands and maps failures to exit codes."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from cnnbench import __version__
from cnnbench.cli import (
    compare,
    data,
    doctor,
    evaluate,
    explain,
    export,
    init,
    inspect,
    list_,
    predict,
    profile,
    report,
    reproduce,
    runs,
    schema,
    serve,
    smoke,
    sweep,
    train,
    validate,
)
from cnnbench.cli.output import complain, one_line
from cnnbench.errors import CnnbenchError, ConfigError, FollowedRun, InterruptedRun, explained, first_line
from cnnbench.machine.sparing import alone_in_process
from cnnbench.machine.standard_streams import make_standard_streams_last

app = typer.Typer(
    name="cnnbench",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    help="One YAML file in, one finished image-classification experiment out.",
)

for command in (
    train.train,
    evaluate.evaluate,
    predict.predict,
    explain.explain,
    export.export,
    serve.serve,
    report.report,
    sweep.sweep,
    compare.compare,
    reproduce.reproduce,
    runs.runs,
    validate.validate,
    inspect.inspect,
    profile.profile,
    schema.schema,
    doctor.doctor,
    init.init,
    smoke.smoke,
):
    app.command()(command)
app.command("list")(list_.list_)
app.add_typer(data.app, name="data")


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"cnnbench {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks; may stand anywhere.")] = False,
) -> None:
    """Set what holds for every command."""


def program() -> None:
    """Be a process of its own: run the command line and end with its code, also where it was interrupted.

    Interrupted in text that `exec` runs, as dataclasses do while Keras is imported, Python would end by the signal.
    """
    alone_in_process()
    try:
        main()
    except SystemExit as e:
        if e.code != InterruptedRun.exit_code:
            raise
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(e.code)


def main() -> None:
    """Run the command line and exit with its code."""
    debug = "--debug" in sys.argv[1:]
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    make_standard_streams_last()
    os.environ["MPLBACKEND"] = "agg"  # plots are files, whatever the shell names for windows or a notebook
    if not sys.warnoptions and not debug:  # what libraries say is meant for who writes a program
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
    try:
        _refuse_no_folder()
        with _termination_as_interrupt():
            app(arguments, prog_name="cnnbench")
    except FollowedRun as e:
        sys.stderr.write(f"{one_line(str(e))}\n")
    except CnnbenchError as e:
        if debug:
            raise
        complain(*e.problems)
        sys.exit(e.exit_code)
    except SystemExit as e:
        if e.code == InterruptedRun.exit_code:  # Typer says nothing when it is interrupted
            complain("interrupted")
        raise
    except Exception as e:
        if debug:
            raise
        known = explained(e)
        complain(str(known or f"unexpected {type(e).__name__}: {first_line(e)} (--debug shows where)"))
        sys.exit(known.exit_code if known else 1)


def _refuse_no_folder() -> None:
    """Raise ConfigError where the folder that relative paths begin in has been removed."""
    try:
        Path.cwd()
    except FileNotFoundError:
        raise ConfigError("the working folder is gone (removed or replaced): cd to one that is there") from None


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
