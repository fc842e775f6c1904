"""What the page of a sweep says besides plots and tables of scores: plain values taken from the results."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from cnnbench.runs.parents import SweepDir
from cnnbench.statistics.intervals import Mean
from cnnbench.sweep.define.sweep import Sweep
from cnnbench.sweep.run.trials import SweepResults, Trial
from cnnbench.sweep.tell.ranking import best, ranked
from cnnbench.sweep.tell.wording import (
    plural,
    short_names,
    shown_interval,
    shown_metric,
    shown_values,
)
from cnnbench.text import NOTHING, count, duration

STATES = ("done", "interrupted", "failed", "running")  # those the page has a colour for


def status(results: SweepResults) -> dict[str, Any]:
    """Return the state of the sweep, the name of its colour, and whether it is a smoke test."""
    colour = results.state if results.state in STATES else "unknown"
    return {"state": colour, "name": results.state, "smoke": results.smoke}


def headline(results: SweepResults) -> tuple[str, str, str]:
    """Return the result, what it means, and what it was measured on."""
    first, done = best(results), [one for one in ranked(results) if one.rank is not None]
    if first is None:
        return NOTHING, "no finished trial yet", counted(results)
    if len(results.sweep.objectives) > 1:
        front = sum(one.rank == 1 for one in done)
        aims = " and ".join(f"{o.metric} ({o.direction})" for o in results.sweep.objectives)
        detail = f"of {plural(len(done), 'finished trial')}: no other trial beats them in {aims}"
        return count(front), "on the Pareto front", detail
    metric = results.sweep.objectives[0].metric
    mean = first.means[metric]
    detail = f"{taken_over(mean)}{measured_on(results.sweep, metric)}; {interval_of(metric, mean)}"
    return shown_metric(metric, mean.mean), f"best {metric}", detail


def winner(results: SweepResults) -> str:
    """Return number and swept values of the best trial, "" where none is done."""
    first = best(results)
    if first is None:
        return ""
    return f"trial {first.trial.number}: {shown_values(first.trial.values, names(results))}"


def names(results: SweepResults) -> dict[str, str]:
    """Return path -> short name of every swept key."""
    return short_names([axis.path for axis in results.sweep.space])


def taken_over(mean: Mean) -> str:
    """Return "mean over 3 seeds"."""
    return "one training" if mean.runs == 1 else f"mean over {plural(mean.runs, 'seed')}"


def interval_of(metric: str, mean: Mean) -> str:
    """Return what is known about how sure a mean is."""
    if mean.runs == 1:
        return "a single seed, so no interval"
    if mean.interval is None:
        return "the same for every seed, so no interval"
    return f"95 % interval {shown_interval(metric, mean)} (Student's t over seeds)"


def measured_on(sweep: Sweep, metric: str) -> str:
    """Return " on the validation images of digits" for a value of validation data, "" for a cost."""
    if not metric.startswith("val_"):
        return ""
    swept = any(axis.path.partition(".")[0] == "data" for axis in sweep.space)
    source = (sweep.base.data or {}).get("data", {}).get("source")
    return " on the validation images" + (f" of {source}" if source and not swept else "")


def counted(results: SweepResults) -> str:
    """Return "16 done, 1 failed" of the trials."""
    found = Counter(trial.state for trial in results.trials)
    return ", ".join(f"{count(number)} {state}" for state, number in found.most_common()) or "no trial was begun"


def key_facts(results: SweepResults) -> list[tuple[str, str]]:
    """Return (what, value) of how the sweep was done."""
    sweep, runs = results.sweep, [run for trial in results.trials for run in trial.runs]
    ended = [trial.ended for trial in results.trials if trial.ended is not None]
    begun = [trial.started for trial in results.trials if trial.started is not None]
    return [
        ("Method", sweep.method + (", the best of each key carried on" if sweep.carry else "")),
        ("Trials", counted(results)),
        ("Seeds per point", count(sweep.repeats)),
        ("Objective" if len(sweep.objectives) == 1 else "Objectives", _objectives(sweep)),
        ("Pruning", _pruning(sweep)),
        ("Budget", _budget(sweep)),
        ("Data", str((sweep.base.data or {}).get("data", {}).get("source") or NOTHING)),
        ("Seed of the search", str(sweep.seed)),
        ("Trainings", count(len(runs))),
        ("Time of all trainings", duration(sum(run.seconds for run in runs))),
        ("First begun to last ended", duration(max(ended) - min(begun)) if ended and begun else NOTHING),
        ("Engine", sweep.execution.engine),
    ]


def unfinished(results: SweepResults, folder: SweepDir, state: str) -> list[tuple[str | None, str, str, str, str]]:
    """Return of each trial of a state its link, number, reason, values and epochs, and the tail of its log."""
    return [
        (
            link(trial, folder),
            f"trial {trial.number}",
            trial.reason or next((run.reason for run in trial.runs if run.reason), "no reason is known"),
            f"{shown_values(trial.values, names(results))}; {count(sum(run.epochs for run in trial.runs))} epochs",
            next((run.log for run in reversed(trial.runs) if run.log), ""),
        )
        for trial in results.trials
        if trial.state == state
    ]


def link(trial: Trial, folder: SweepDir) -> str | None:
    """Return the path of a trial's page within the sweep's folder, None where none lies there."""
    root = folder.path.absolute()
    for run in trial.runs:
        page = Path(run.path).absolute() / "report.html" if run.path else None
        if page is not None and page.is_relative_to(root) and page.exists():
            return page.relative_to(root).as_posix()
    return None


def files(folder: SweepDir) -> list[tuple[str, str]]:
    """Return (name, what it holds) of the files of the sweep that are there."""
    told = [
        (folder.leaderboard, "every trial with mean, standard deviation and interval"),
        (folder.best, "the best trial's configuration"),
        (folder.sweep, "the sweep"),
        (folder.study, "Optuna's study; optuna-dashboard opens it"),
        (folder.plots, "the plots of this page"),
        (folder.trials, "a run folder for every training"),
    ]
    return [(path.name, what) for path, what in told if path.exists()]


def _objectives(sweep: Sweep) -> str:
    return ", ".join(f"{objective.metric} ({objective.direction})" for objective in sweep.objectives)


def _pruning(sweep: Sweep) -> str:
    if not sweep.pruning.judges:
        return sweep.pruning.method
    return f"{sweep.pruning.method}, from epoch {sweep.pruning.min_epochs}"


def _budget(sweep: Sweep) -> str:
    budget = sweep.budget
    told = [
        "" if budget.trials is None else plural(budget.trials, "trial"),
        "" if budget.hours is None else f"{budget.hours:g} h",
        "" if budget.trial_minutes is None else f"{budget.trial_minutes:g} min a training",
    ]
    return ", ".join(filter(None, told)) or "without limit"
