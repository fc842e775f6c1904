"""What a sweep that was run came to: for the terminal, and as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from cnnbench.runs.parents import SweepDir
from cnnbench.runs.status import STATUS
from cnnbench.sweep.run.ledger import ALL_DONE
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell.facts import counted
from cnnbench.sweep.tell.tables import ranking
from cnnbench.text import printable

SHOWN = 20
AGAIN = "--retry-failed runs them again"


def outcome_text(results: SweepResults, folder: SweepDir, room: int | None = None) -> str:
    """Return the first trials, made to fit into `room` columns of a terminal, with a line each on what else is told."""
    lines = (f"{what:<12} {text}\n" for what, text in _lines(results, folder))
    return ranking(results, limit=SHOWN).text(room) + "".join(lines)


def outcome(results: SweepResults, folder: SweepDir) -> dict[str, Any]:
    """Return plain values, ready for JSON."""
    return {
        "path": str(folder.path),
        "state": results.state,
        "smoke": results.smoke,
        "objectives": [objective.model_dump() for objective in results.sweep.objectives],
        "trials": [asdict(trial) for trial in results.trials],
        "importances": results.importances,
        "best": str(folder.best) if results.best_config else None,
    }


def _lines(results: SweepResults, folder: SweepDir) -> Iterator[tuple[str, str]]:
    left = len(results.trials) - SHOWN
    more = f"; {left} more below the first {SHOWN}, in the leaderboard" if left > 0 else ""
    yield "trials", f"{counted(results)}{more}"
    if (reason := STATUS.read(folder.status)["reason"]) != ALL_DONE:
        yield "ended", reason
    if failed := sum(trial.state == "failed" for trial in results.trials):
        yield "failed", f"{failed} trial(s); {AGAIN}"
    for what, path in (("report", folder.report), ("leaderboard", folder.leaderboard), ("best", folder.best)):
        if path.exists():
            yield what, printable(str(path))
