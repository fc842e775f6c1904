"""What the page of a sweep says besides plots and tables of scores: plain values taken from the results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cnnbench.runs.parents import SweepDir
from cnnbench.statistics.intervals import Mean
from cnnbench.sweep.define.sweep import Range, Sweep
from cnnbench.sweep.run.trials import SweepResults, Trial
from cnnbench.sweep.tell.ranking import Ranked, best, ranked
from cnnbench.sweep.tell.wording import (
    NAME_LIMIT,
    plural,
    short_names,
    shown_interval,
    shown_mean,
    shown_metric,
    shown_value,
    shown_values,
)
from cnnbench.text import NOTHING, count, duration, fixed, label

STATES = ("done", "interrupted", "failed", "running")  # those the page has a colour for


def status(results: SweepResults) -> dict[str, Any]:
    """Return the state of the sweep, the name of its colour, and whether it is a smoke test."""
    colour = results.state if results.state in STATES else "unknown"
    return {"state": colour, "name": results.state, "smoke": results.smoke}


def headline(results: SweepResults) -> dict[str, str]:
    """Return the result in one large line and what it was measured on in a second one."""
    first, done = best(results), [one for one in ranked(results) if one.rank is not None]
    if first is None:
        return {"value": NOTHING, "meaning": "no finished trial yet", "detail": counted(results)}
    if len(results.sweep.objectives) > 1:
        front = sum(one.rank == 1 for one in done)
        aims = " and ".join(f"{o.metric} ({o.direction})" for o in results.sweep.objectives)
        detail = f"of {plural(len(done), 'finished trial')}: no other trial beats them in {aims}"
        return {"value": count(front), "meaning": "on the Pareto front", "detail": detail}
    metric = results.sweep.objectives[0].metric
    mean = first.means[metric]
    detail = f"{taken_over(mean)}{measured_on(results.sweep, metric)}; {interval_of(metric, mean)}"
    return {"value": shown_metric(metric, mean.mean), "meaning": f"best {metric}", "detail": detail}


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
        ("Method", sweep.method),
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


def space(results: SweepResults) -> list[list[str]]:
    """Return header and rows of the swept keys and what was tried of each."""
    rows = [["key", "values"]]
    for axis in results.sweep.space:
        if isinstance(axis, Range):
            steps = f", {plural(len(axis.grid), 'value')}" if axis.grid else ""
            scale = ", logarithmic" if axis.log else ""
            kind = ", whole numbers" if axis.integer else ""
            rows.append([axis.path, f"{axis.low:g} to {axis.high:g}{scale}{kind}{steps}"])
        else:
            labels = [{axis.path: choice.label} for choice in axis.choices]
            rows.append([axis.path, ", ".join(shown_values(value, {axis.path: ""}).strip() for value in labels)])
    return rows


def ranking(results: SweepResults) -> list[list[str]]:
    """Return header and rows of all trials as text, in the order of their rank; trial is the second column."""
    metrics, keys = [objective.metric for objective in results.sweep.objectives], names(results)
    header = ["rank", "trial", "state", *(text for metric in metrics for text in (metric, "95 % interval"))]
    header += [*(label(key, NAME_LIMIT) for key in keys.values()), "test accuracy", "epochs run", "time"]
    return [header, *(_ranking_row(one, metrics, list(keys)) for one in ranked(results))]


def unfinished(results: SweepResults, folder: SweepDir, state: str) -> list[dict[str, Any]]:
    """Return trials of a state with their values, reason, link and the tail of their log."""
    found = [trial for trial in results.trials if trial.state == state]
    return [
        {
            "number": trial.number,
            "swept": shown_values(trial.values, names(results)),
            "reason": trial.reason or next((run.reason for run in trial.runs if run.reason), "no reason is known"),
            "epochs": sum(run.epochs for run in trial.runs),
            "log": next((run.log for run in reversed(trial.runs) if run.log), ""),
            "link": link(trial, folder),
        }
        for trial in found
    ]


def pruned(results: SweepResults) -> list[list[str]]:
    """Return header and rows of the pruned trials, [] where there are none."""
    header, found = ["trial", "swept values", "epochs", "reason"], []
    for trial in results.trials:
        if trial.state == "pruned":
            values = shown_values(trial.values, names(results))
            found.append([str(trial.number), values, count(sum(run.epochs for run in trial.runs)), trial.reason])
    return [header, *found] if found else []


def links(results: SweepResults, folder: SweepDir) -> list[str]:
    """Return for every row of the ranking the address of its first training's page, "" where there is none."""
    return [link(one.trial, folder) for one in ranked(results)]


def link(trial: Trial, folder: SweepDir) -> str:
    """Return the address of a trial's page relative to the sweep's folder, "" where none lies there."""
    root = folder.path.absolute()
    for run in trial.runs:
        page = Path(run.path).absolute() / "report.html" if run.path else None
        if page is not None and page.is_relative_to(root) and page.exists():
            return quote(page.relative_to(root).as_posix())
    return ""


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


def _ranking_row(one: Ranked, metrics: Sequence[str], paths: Sequence[str]) -> list[str]:
    measured = []
    for metric in metrics:
        mean = one.means.get(metric)
        measured += [shown_mean(metric, mean), shown_interval(metric, mean)] if mean else [NOTHING, NOTHING]
    values = [label(shown_value(one.trial.values[path]), NAME_LIMIT) for path in paths]
    tested = shown_mean("accuracy", accuracy) if (accuracy := one.tested("accuracy")) else NOTHING
    epochs = NOTHING if one.epochs is None else fixed(one.epochs, 0 if one.epochs.is_integer() else 1)
    rank = NOTHING if one.rank is None else str(one.rank)
    costs = [tested, epochs, duration(one.seconds)]
    return [rank, str(one.trial.number), one.trial.state, *measured, *values, *costs]


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
