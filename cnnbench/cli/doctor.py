"""`cnnbench doctor`: what this machine has."""

from __future__ import annotations

from cnnbench.cli.options import Backend, Json


def doctor(backend: Backend = None, json: Json = False) -> None:
    """Show versions, devices, precision and where data sets are found."""
    from cnnbench.cli.output import console, emit
    from cnnbench.cli.waiting import Waiting
    from cnnbench.doctor import examine
    from cnnbench.runtime import checked

    wanted = checked(backend)
    with Waiting() as show:
        found = examine(wanted, show)
    if json:
        emit(found)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for section, values in found.items():
        for name, value in values.items():
            table.add_row(Text(section), Text(name), Text(", ".join(value) if isinstance(value, list) else str(value)))
            section = ""
        table.add_section()
    console().print(table)
