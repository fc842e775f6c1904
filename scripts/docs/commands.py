"""The reference of the command line, from the program itself: every command, argument and option."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from cnnbench.cli.main import app
from scripts.docs.writing import code, plain, table


def page() -> str:
    """Return the page of all commands."""
    program = typer.main.get_command(app)
    parts = ["# Every command\n\nWhat `cnnbench COMMAND --help` says, generated from the program.\n"]
    for name, command in commands(program):
        parts.append(f"\n## cnnbench {name}\n\n{plain(_about(command))}\n\n{_parameters(command)}")
    return "".join(parts)


def commands(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the words of every command with it, those of groups in place of the group."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


def _about(command: Any) -> str:
    return " ".join((command.help or "").split())


def _parameters(command: Any) -> str:
    rows = [_row(each) for each in command.params if not getattr(each, "hidden", False)]
    return table(["argument or option", "what it is"], rows) if rows else "It takes nothing.\n"


def _row(parameter: Any) -> list[str]:
    if parameter.param_type_name == "argument":
        shown = code(parameter.metavar or parameter.name.upper())
    else:
        shown = ", ".join(map(code, parameter.opts))
    return [shown, plain(" ".join((getattr(parameter, "help", None) or "").split()))]
