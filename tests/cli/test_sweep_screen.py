"""A sweep on the screen: a line per trial by the number it has everywhere, one bar with the best of them."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from cnnbench.cli.sweep_screen import SweepScreen
from cnnbench.jobs.types import Epoch, Job
from cnnbench.sweep.run.ledger import Point
from cnnbench.sweep.run.trials import SweepResults, Trial
from cnnbench.sweep.tell.ranking import best
from cnnbench.sweep.tell.tables import ranking
from cnnbench.sweep.tell.wording import shown_metric
from cnnbench.text import width
from tests.builders.sweeps import MADE
from tests.terminal import ESCAPES, WIDTHS

MISSING: Any = None  # what the screen does not ask for


def point(trial: Trial) -> Point:
    return Point(trial.number, MISSING, trial.values, MISSING, trial.point, MISSING)


def watch(screen: SweepScreen, before: SweepResults, trials: tuple[Trial, ...]) -> None:
    """Let a screen see trials that earlier sessions left, and others that run now."""
    screen.on_begin(before)
    for trial in trials:
        for run in trial.runs:
            screen.on_start(point(trial), run.seed)
            screen.on_epoch(point(trial), run.seed, Epoch(Job("", MISSING, ""), {"epoch": 1}, 2))
            if screen._bar is not None:
                screen._bar.refresh()
            screen.on_run(point(trial), run)
        screen.on_trial(point(trial), trial.state, trial.reason)
        if screen._bar is not None:
            screen._bar.refresh()


def parted(results: SweepResults, number: int) -> tuple[SweepResults, tuple[Trial, ...]]:
    """Return the results with the first trials alone, and the others."""
    return replace(results, trials=results.trials[:number]), results.trials[number:]


def shown(results: SweepResults, number: int, columns: int) -> list[str]:
    """Return every line that a terminal is sent while all but so many trials run."""
    written = io.StringIO()
    before, trials = parted(results, number)
    with SweepScreen(Console(file=written, force_terminal=True, width=columns), results.sweep, smoke=False) as screen:
        watch(screen, before, trials)
    return [line.rstrip() for line in re.split(r"[\r\n]+", ESCAPES.sub("", written.getvalue())) if line.strip()]


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("name", ["three_axes", "two_objectives"])
def test_a_trial_and_the_bar_are_one_line_each_at_any_width(name: str, columns: int) -> None:
    results = MADE[name]()
    lines = shown(results, 2, columns)
    assert max(map(width, lines)) <= columns and not any("…" in line for line in lines)
    told = [line for line in lines if "trials" not in line]
    assert [int(line.split()[0]) for line in told] == [trial.number for trial in results.trials[2:]]
    assert all("val_accuracy" in line for line in told)


def test_the_bar_counts_what_earlier_sessions_did_and_shows_the_best_so_far() -> None:
    results = MADE["three_axes"]()
    bars = [line for line in shown(results, 5, 120) if "trials" in line]
    assert bars[0].startswith("5/18 trials") and bars[-1].startswith("18/18 trials")
    for line, known in ((bars[0], parted(results, 5)[0]), (bars[-1], results)):
        first = best(known)
        assert first is not None
        reached = shown_metric("val_accuracy", first.means["val_accuracy"].mean)
        assert f"best {reached} (trial {first.trial.number})" in line
    assert any(re.search(r"1 running  best .*  left \d:\d\d$", line) for line in bars)


def test_a_trial_has_the_number_on_screen_that_it_has_in_tables() -> None:
    results = MADE["broken_grid"]()
    over = tuple(trial for trial in results.trials if trial.state in ("done", "pruned", "failed"))
    written = io.StringIO()
    with SweepScreen(Console(file=written, width=200), results.sweep, smoke=False) as screen:
        watch(screen, parted(results, 0)[0], over)
    on_screen = {line.split()[0]: line for line in written.getvalue().splitlines()}
    first = re.split(r"  +", ranking(results).text().splitlines()[1].strip())
    assert set(on_screen) == {str(trial.number) for trial in over}
    assert first[0] == "1" and f"val_accuracy {first[2].split()[0]} %  (mean of 3)" in on_screen[first[1]]
