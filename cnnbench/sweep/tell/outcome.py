"""What a sweep that was run came to: for the terminal, and as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from cnnbench.runs.parents import SweepDir
from cnnbench.runs.status import STATUS
from cnnbench.sweep.run.factors import Factor
from cnnbench.sweep.run.ledger import ALL_DONE
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell import turns
from cnnbench.sweep.tell.facts import counted
from cnnbench.sweep.tell.gains import gains
from cnnbench.sweep.tell.tables import gave, ranking
from cnnbench.text import printable

SHOWN = 20
AGAIN = "--retry-failed runs them again"


def outcome_text(results: SweepResults, folder: SweepDir, room: int | None = None) -> str:
    """Return the first trials, made to fit into `room` columns of a terminal, with a line each on what else is told."""
    lines = (f"{what:<12} {text}\n" for what, text in _lines(results, folder))
    return ranking(results, limit=SHOWN).text(room) + _studied(results, room) + "".join(lines)


def _studied(results: SweepResults, room: int | None) -> str:
    """Return what each key in its turn, or each technique, gave."""
    said = "".join(f"{turns.sentence(results, factor)}\n" for factor in turns.turns(results))
    found = ((o.metric, gains(results, o.metric)) for o in results.sweep.objectives)
    return said + "".join(gave(gain, metric).text(room) for metric, gain in found if gain)


def outcome(results: SweepResults, folder: SweepDir) -> dict[str, Any]:
    """Return plain values, ready for JSON."""
    return {
        "path": str(folder.path),
        "state": results.state,
        "smoke": results.smoke,
        "objectives": [objective.model_dump() for objective in results.sweep.objectives],
        "trials": [asdict(trial) for trial in results.trials],
        "importances": results.importances,
        "turns": [_turn(results, factor) for factor in turns.turns(results)],
        "gains": {o.metric: gave(gains(results, o.metric), o.metric).json() for o in results.sweep.objectives},
        "best": str(folder.best) if results.best_config else None,
    }


def _turn(results: SweepResults, factor: Factor) -> dict[str, Any]:
    best = None if factor.best is None else factor.best[factor.axis.path]
    trials = [one.trial.number if one else None for one in turns.standing(results, factor)]
    return {"key": factor.axis.path, "points": list(factor.points), "trials": trials, "best": best}


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
