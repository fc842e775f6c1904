"""What a sweep would run, as a table and a line for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from cnnbench.sweep.define.space import points_given
from cnnbench.sweep.define.sweep import Axis, Choices
from cnnbench.sweep.run.plan import Plan, PlannedTrial, trials_in_all
from cnnbench.sweep.tell.wording import NAME_LIMIT, shown_value
from cnnbench.text import duration, label
from cnnbench.views.layout import aligned


def plan_text(plan: Plan, room: int | None = None) -> str:
    """Return the plan, its table made to fit into `room` columns of a terminal."""
    sweep = plan.sweep
    lines = []
    if plan.trials is not None:
        paths = [axis.path for axis in sweep.space]
        rows = [["trial", *paths, "done", "about"]]
        rows += [_row(i, trial, paths) for i, trial in enumerate(plan.trials)]
        rows += [["...", *("" for _ in paths), "", ""]] if plan.runs is None else []
        swept, done = range(1, len(paths) + 1), len(paths) + 1
        lines.append(aligned(rows, (0, done, done + 1), room, (done + 1, done, *reversed(swept[1:])), swept))
    else:
        lines.append(f"{sweep.method} chooses each trial from those before it, within:\n")
        lines += [f"  {_axis(axis)}\n" for axis in sweep.space]
    return "".join([*lines, *(f"{line}\n" for line in _sums(plan))])


def _row(number: int, trial: PlannedTrial, paths: Sequence[str]) -> list[str]:
    about = "" if trial.seconds is None or trial.done == trial.runs else duration(trial.seconds)
    return [
        str(number),
        *(label(shown_value(trial.values[p]), NAME_LIMIT) for p in paths),
        f"{trial.done}/{trial.runs}",
        about,
    ]


def _axis(axis: Axis) -> str:
    if isinstance(axis, Choices):
        return f"{axis.path}: {', '.join(label(shown_value(value), NAME_LIMIT) for value in axis.listed)}"
    return f"{axis.path}: {axis.low:g} to {axis.high:g}{', logarithmic' if axis.log else ''}"


def _sums(plan: Plan) -> list[str]:
    first = ""
    given, trials = points_given(plan.sweep), trials_in_all(plan.sweep)
    if given is not None and trials is not None and trials < given:
        first = f"the first {trials} of {given} points, by budget.trials; "
    runs = "as many trainings as the time allows" if plan.runs is None else f"at most {plan.runs} trainings"
    seeds = f", {plan.sweep.repeats} seeds per trial" if plan.sweep.repeats > 1 else ""
    done = sum(trial.done for trial in plan.trials or ())
    finished = f", {done} done" if done else ""
    time = f"about {duration(plan.seconds)} with" if plan.seconds is not None else "time unknown;"
    return [f"{first}{runs}{seeds}{finished}; {time} {plan.slots} slot(s) ({plan.basis})"]
