"""Best value against time of searches at an equal budget, several repeats of each.

usage: python benchmarks/search.py PLOT.png NAME=FOLDER[,FOLDER...] NAME=FOLDER[,FOLDER...]

Each folder is that of a finished sweep; folders of two names are paired in the order they are given.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import stats

from cnnbench.statistics.intervals import mean_interval
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell.results import read_folder

TOLD = (60, 120, 180)  # seconds after which the best value is printed


def course(results: SweepResults) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return seconds since the first trial began and the best value of finished trials by then."""
    began = min(trial.started for trial in results.trials if trial.started is not None)
    done = sorted((t.ended - began, t.objectives[0]) for t in results.trials if t.objectives and t.ended is not None)
    seconds, values = np.array(done).T
    return seconds, np.maximum.accumulate(values)


def best_after(results: SweepResults, second: float) -> float:
    """Return the best value after some seconds, NaN before the first trial has ended."""
    seconds, best = course(results)
    return float(best[seconds <= second][-1]) if (seconds <= second).any() else float("nan")


def report(name: str, repeats: Sequence[SweepResults]) -> list[float]:
    """Print how far the searches came and return the best value of each."""
    final = [float(course(results)[1][-1]) for results in repeats]
    counts = [[sum(t.state == s for t in r.trials) for s in ("done", "pruned", "failed")] for r in repeats]
    early = ["  ".join(f"{best_after(r, second):.4f}" for r in repeats) for second in TOLD]
    print(f"{name}: trials done/pruned/failed {', '.join('/'.join(map(str, c)) for c in counts)}")
    for second, values in zip(TOLD, early, strict=True):
        print(f"  best after {second:>4} s  {values}")
    mean = mean_interval(final)
    print(f"  best at the end    {'  '.join(f'{v:.4f}' for v in final)}  mean {mean.mean:.4f}, 95 % {mean.interval}")
    return final


def draw(searches: dict[str, list[SweepResults]]) -> Figure:
    """Draw a thin step line per search and the mean of each name as a thick one."""
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    for (name, repeats), colour in zip(searches.items(), ("#0072B2", "#D55E00", "#009E73"), strict=False):
        last = max(course(results)[0][-1] for results in repeats)
        grid = np.linspace(0, last, 200)
        for results in repeats:
            axes.step(*course(results), where="post", color=colour, alpha=0.35, linewidth=1)
        means = [np.mean([best_after(results, second) for results in repeats]) for second in grid]
        axes.plot(grid, means, color=colour, linewidth=2.5, label=f"{name}, mean of {len(repeats)}")
    axes.set_xlabel("seconds since the first trial began")
    axes.set_ylabel("best validation accuracy so far")
    axes.legend(frameon=False, loc="lower right")
    axes.grid(alpha=0.3)
    return figure


def main() -> None:
    """Print and draw."""
    plot, *named = sys.argv[1:]
    searches = {}
    for argument in named:
        name, _, folders = argument.partition("=")
        searches[name] = [read_folder(Path(folder), None) for folder in folders.split(",")]
    finals = [report(name, repeats) for name, repeats in searches.items()]
    if len(finals) == 2 and len(finals[0]) == len(finals[1]) > 1:
        difference = mean_interval(np.subtract(finals[1], finals[0]).tolist())
        p = stats.ttest_rel(finals[1], finals[0]).pvalue
        print(f"second minus first: {difference.mean:+.4f}, 95 % {difference.interval}, paired t-test p = {p:.3f}")
    draw(searches).savefig(plot, dpi=120)


if __name__ == "__main__":
    main()
