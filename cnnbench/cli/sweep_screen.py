"""A sweep on the screen: one line per finished trial under one bar for all of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cnnbench.cli.output import room
from cnnbench.experiment.progress import LiveBar, clock
from cnnbench.jobs.types import Epoch
from cnnbench.sweep.define.sweep import Sweep, Values, shrunk
from cnnbench.sweep.run.conductor import Watcher
from cnnbench.sweep.run.ledger import Point
from cnnbench.sweep.run.measure import mean_of
from cnnbench.sweep.run.plan import trials_in_all
from cnnbench.sweep.run.trials import OVER, SeedRun, SweepResults
from cnnbench.sweep.tell.ranking import best, cost_sign
from cnnbench.sweep.tell.wording import NAME_LIMIT, short_names, shown_metric, shown_value
from cnnbench.text import duration, label, printable
from cnnbench.views.layout import Line

if TYPE_CHECKING:
    from rich.console import Console


class SweepScreen(LiveBar, Watcher):
    """Shows a sweep on a rich console."""

    def __init__(self, console: Console, sweep: Sweep, smoke: bool) -> None:
        super().__init__(console, ("running",))
        self._sweep = shrunk(sweep) if smoke else sweep
        self._total = trials_in_all(self._sweep)
        swept, further = [axis.path for axis in sweep.space], [o.metric for o in sweep.objectives[1:]]
        self._lines = Line("seconds", "over", *reversed(swept[1:]), *reversed(further), *swept[:1])
        self._began, self._trained = time.monotonic(), 0
        self._over: set[str] = set()
        self._best: tuple[float, int] | None = None
        self._under_way: dict[str, dict[int, float]] = {}
        self._runs: dict[str, list[SeedRun]] = {}

    def on_begin(self, results: SweepResults) -> None:
        """Count what earlier sessions have done."""
        self._over = {trial.point for trial in results.trials if trial.state in OVER}
        first, metric = best(results), self._sweep.objectives[0].metric
        self._best = None if first is None else (first.means[metric].mean, first.trial.number)
        self._move()

    def on_start(self, point: Point, seed: int) -> None:
        """Count a training that begins."""
        self._over.discard(point.identity)  # a failed one is tried again
        self._under_way.setdefault(point.identity, {})[seed] = 0.0
        self._move()

    def on_epoch(self, point: Point, seed: int, epoch: Epoch) -> None:
        """Move the bar by a share of a training."""
        self._under_way[point.identity][seed] = epoch.row["epoch"] / epoch.epochs
        self._move()

    def on_run(self, point: Point, run: SeedRun) -> None:
        """Count a training that is over."""
        trainings = self._under_way.setdefault(point.identity, {})
        self._trained += run.seed in trainings
        trainings[run.seed] = 1.0
        self._runs.setdefault(point.identity, []).append(run)
        self._move()

    def on_trial(self, point: Point, state: str, reason: str) -> None:
        """Leave the trial's line behind."""
        self._over.add(point.identity)
        self._under_way.pop(point.identity, None)
        runs = self._runs.pop(point.identity, [])
        if state == "done":
            self._note_best(point.number, runs)
        parts = trial_parts(point.number, point.values, self._sweep, runs, state, reason)
        self._console.print(self._lines.of(parts, room(self._console)), markup=False, emoji=False)
        self._move()

    def _note_best(self, number: int, runs: list[SeedRun]) -> None:
        objective = self._sweep.objectives[0]
        sign, reached = cost_sign(objective.direction), mean_of(runs, objective.metric)
        if self._best is None or sign * reached < sign * self._best[0]:
            self._best = reached, number

    def _move(self) -> None:
        shares = [share for trainings in self._under_way.values() for share in trainings.values()]
        over, running = len(self._over), sum(share < 1 for share in shares)
        parts = {
            "running": f"{running} running" if running else "",
            "best": "" if self._best is None else f"best {self._shown_best(*self._best)}",
            "left": f"left {clock(self._left(sum(shares)))}",
        }
        done = over + sum(shares) / self._sweep.repeats
        self._show(f"{over}/{self._total or '?'} trials", parts, completed=done, total=self._total)

    def _shown_best(self, reached: float, number: int) -> str:
        return f"{shown_metric(self._sweep.objectives[0].metric, reached)} (trial {number})"

    def _left(self, part: float) -> float | None:
        """Estimate from the pace of what this session has trained; `part` is that of trials that are not over."""
        under_way = sum(share for trainings in self._under_way.values() for share in trainings.values() if share < 1)
        paced = self._trained + under_way
        if self._total is None or not paced:
            return None
        left = (self._total - len(self._over)) * self._sweep.repeats - part
        return (time.monotonic() - self._began) / paced * max(0.0, left)


def trial_parts(
    number: int, values: Values, sweep: Sweep, runs: list[SeedRun], state: str, reason: str
) -> dict[str, str]:
    """Return what is told of a finished trial: what it was, by path, what it reached, how long it took."""
    names = short_names(list(values))
    parts = {"number": f"{number:>4}"}
    parts |= {path: f"{name} {label(shown_value(values[path]), NAME_LIMIT)}" for path, name in names.items()}
    seconds = duration(sum(run.seconds for run in runs))
    if state != "done":
        return {**parts, "state": f"{state}: {printable(reason)}", "seconds": seconds}
    reached = {o.metric: f"{o.metric} {shown_metric(o.metric, mean_of(runs, o.metric))}" for o in sweep.objectives}
    over = f"(mean of {len(runs)})" if len(runs) > 1 else ""
    return {**parts, **reached, "over": over, "seconds": seconds}
