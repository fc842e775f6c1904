"""`cnnbench runs --prune`: lists what would be removed, and with `--yes` removes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnnbench.cli.output import console, emit
from cnnbench.errors import OutputError
from cnnbench.runs.kinds import parent_of
from cnnbench.text import printable, size
from cnnbench.views.layout import aligned

if TYPE_CHECKING:
    from pathlib import Path

    from cnnbench.listing.lines import Line
    from cnnbench.listing.prune import Candidate, Removal


def prune_runs(below: Sequence[Line], root: Path, asked: Sequence[str], yes: bool, json: bool, quiet: bool) -> None:
    """List or remove runs of the asked sorts; raises ConfigError, and OutputError for what could not be removed."""
    from cnnbench.listing.prune import candidates, remove, remove_leftovers, sorts

    wanted = sorts(asked)
    found = candidates(below, wanted)
    going = [one for one in found if one.kept is None]
    done = list(remove(going)) if yes else []
    leftovers = remove_leftovers(root) if yes else 0
    if json:
        emit(_as_json(found, done, yes))
    elif quiet:
        gone = [one.candidate for one in done if one.problem is None] if yes else going
        console().print("".join(f"{one.path}\n" for one in gone), end="", markup=False, emoji=False, soft_wrap=True)
    else:
        lines = [*_going(going, done, yes), *_staying(found), *_summary(going, done, leftovers, yes)]
        console().print("\n".join(map(printable, lines)), markup=False, emoji=False, soft_wrap=True)
    if problems := [f"{one.candidate.path}: not removed ({one.problem})" for one in done if one.problem]:
        raise OutputError(*problems)


def _going(going: Sequence[Candidate], done: Sequence[Removal], yes: bool) -> list[str]:
    shown = [one.candidate for one in done if one.problem is None] if yes else going
    rows = [["removed" if yes else "would remove", one.why, size(one.bytes), str(one.path)] for one in shown]
    return aligned(rows, right=(2,)).splitlines() if rows else []


def _staying(found: Sequence[Candidate]) -> list[str]:
    """Return a line per folder that stays; the runs of one sweep, or of repeats, share theirs."""
    parts = Counter(parent for one in found if one.kept and (parent := parent_of(one.path)))
    alone = [one for one in found if one.kept and parent_of(one.path) is None]
    return [
        *(f"stays: {one.path} ({one.kept})" for one in alone),
        *(f"stays: {n} of the runs in {parent}: that folder stays or goes as a whole" for parent, n in parts.items()),
    ]


def _summary(going: Sequence[Candidate], done: Sequence[Removal], leftovers: int, yes: bool) -> list[str]:
    gone = [one.candidate for one in done if one.problem is None] if yes else going
    amount = f"{len(gone)} folder{'' if len(gone) == 1 else 's'}, {size(sum(one.bytes for one in gone))}"
    if not yes:
        return [f"{amount}; nothing has been removed yet: add --yes"] if gone else ["nothing to remove"]
    rest = f"; and {leftovers} left over from a removal that was stopped" if leftovers else ""
    return [f"removed {amount}{rest}"]


def _as_json(found: Sequence[Candidate], done: Sequence[Removal], yes: bool) -> dict[str, Any]:
    problems = {one.candidate.path: one.problem for one in done}
    gone = [one for one in found if one.kept is None and problems.get(one.path) is None]
    stays = {one.path: one.kept or problems.get(one.path) for one in found}
    return {
        "removed" if yes else "would_remove": [
            {"path": str(one.path), "kind": one.kind, "why": one.why, "bytes": one.bytes} for one in gone
        ],
        "stays": [{"path": str(path), "reason": reason} for path, reason in stays.items() if reason is not None],
        "bytes": sum(one.bytes for one in gone),
    }
