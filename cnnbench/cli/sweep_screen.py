"""A sweep on the screen: one line per finished trial under one bar for all of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cnnbench.cli.progress import LiveBar, clock
from cnnbench.jobs.types import Epoch
from cnnbench.report.text import duration, printable
from cnnbench.sweep.ledger import Point
from cnnbench.sweep.plan import runs_in_all
from cnnbench.sweep.types import SeedRun, Sweep, Values
from cnnbench.sweep.wording import short_names, shown_metric, shown_values

if TYPE_CHECKING:
    from rich.console import Console


class SweepScreen(LiveBar):
    """Shows a sweep on a rich console."""

    def __init__(self, console: Console, sweep: Sweep, smoke: bool) -> None:
        from cnnbench.sweep.run import shrunk

        super().__init__(console)
        self._sweep = shrunk(sweep) if smoke else sweep
        self._total = runs_in_all(self._sweep)
        self._began = time.monotonic()
        self._over = self._counted = self._trials = 0
        self._under_way: dict[tuple[str, int], float] = {}
        self._runs: dict[str, list[SeedRun]] = {}

    def on_start(self, point: Point, seed: int) -> None:
        """Count a training that begins."""
        self._under_way[point.identity, seed] = 0.0
        self._move()

    def on_epoch(self, point: Point, seed: int, epoch: Epoch) -> None:
        """Move the bar by a share of a training."""
        self._under_way[point.identity, seed] = epoch.row["epoch"] / epoch.epochs
        self._move()

    def on_run(self, point: Point, run: SeedRun) -> None:
        """Count a training that is over."""
        self._over += 1
        self._counted += self._under_way.pop((point.identity, run.seed), None) is not None
        self._runs.setdefault(point.identity, []).append(run)
        self._move()

    def on_trial(self, point: Point, state: str, reason: str) -> None:
        """Leave the trial's line behind."""
        self._trials += 1
        runs = self._runs.pop(point.identity, [])
        self._console.print(
            trial_line(self._trials, point.values, self._sweep, runs, state, reason), markup=False, soft_wrap=True
        )

    def _move(self) -> None:
        part = sum(self._under_way.values())
        running = f"{len(self._under_way)} running"
        self._show(
            completed=self._over + part,
            total=self._total,
            description=f"{self._over}/{self._total or '?'} trainings",
            numbers=f"{running}  left {clock(self._left(part))}",
        )

    def _left(self, part: float) -> float | None:
        """Estimate from the pace of what this session has done."""
        paced = self._counted + part
        if self._total is None or not paced:
            return None
        return (time.monotonic() - self._began) / paced * (self._total - self._over - part)


def trial_line(number: int, values: Values, sweep: Sweep, runs: list[SeedRun], state: str, reason: str) -> str:
    """Return the line of a finished trial: what it was, what it reached, how long it took."""
    swept = shown_values(values, short_names(list(values)))
    seconds = duration(sum(run.seconds for run in runs))
    if state != "done":
        return f"{number:>4}  {swept}  {state}: {printable(reason)}  {seconds}"
    means = [sum(run.values[o.metric] for run in runs) / len(runs) for o in sweep.objectives]
    reached = "  ".join(
        f"{o.metric} {shown_metric(o.metric, mean)}" for o, mean in zip(sweep.objectives, means, strict=True)
    )
    over = f" (mean of {len(runs)})" if len(runs) > 1 else ""
    return f"{number:>4}  {swept}  {reached}{over}  {seconds}"
