"""`cnnbench train --seeds` and `--folds`: several runs of one configuration and what they say together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cnnbench.cli.output import console, emit, room
from cnnbench.errors import ConfigError
from cnnbench.evaluation.thresholds import check_means
from cnnbench.text import count, duration, label, percent, printable, significant
from cnnbench.views.layout import titled

if TYPE_CHECKING:
    from rich.console import Console

    from cnnbench.cli.source import Source
    from cnnbench.experiment.options import Options
    from cnnbench.repeats.plan import Plan
    from cnnbench.repeats.results import Repeats
    from cnnbench.runs.parents import RepeatsDir

SHARES = {"accuracy": "test accuracy", "val_accuracy": "validation accuracy", "macro.f1": "macro F1"}


@dataclass(frozen=True)
class Repetition:
    """What the options ask for: which runs, how many at a time, the sinks they are reported to, how they start."""

    seeds: str | None
    folds: int | None
    slots: int | None
    track: tuple[str, ...]
    preload: bool


def repeat(source: Source, options: Options, wanted: Repetition, screen: Console) -> Repeats:
    """Run new repeats, or what is missing of old ones; see `run_repeats`."""
    from cnnbench.cli.repeats_screen import RepeatsScreen
    from cnnbench.jobs.local import LocalEngine
    from cnnbench.repeats.run import run_repeats

    plan, folder = _old(source, options, wanted) if source.resume is not None else _new(source, options, wanted)
    shown = RepeatsScreen(screen, list(plan.children), plan.base.train.known_epochs or 0)
    with LocalEngine(slots=wanted.slots or 1, preload=wanted.preload) as engine, shown:
        return run_repeats(plan, folder, engine, shown, offline=options.offline)


def conclude(found: Repeats, thresholds: Mapping[str, float], json: bool) -> None:
    """Print what the runs say together; raises TrainingError where not all finished, ThresholdError by the means."""
    from cnnbench.repeats.run import check_complete
    from cnnbench.repeats.summary import summarize

    summary = summarize(found) if found.finished else None
    if json:
        places = {"path": str(found.folder.path), "report": str(found.folder.report), "status": dict(found.status)}
        emit({**places, **(summary or {})})
    else:
        _show(found, summary, console())
    check_complete(found)
    check_means(thresholds, summary or {})


def _new(source: Source, options: Options, wanted: Repetition) -> tuple[Plan, RepeatsDir]:
    """Return the plan of repeats that begin now, and their folder; raises ConfigError, DataError."""
    from cnnbench.data.load import check_splits
    from cnnbench.repeats.asked import asked
    from cnnbench.repeats.plan import Plan, create_parent

    kind, values, base = asked(source.configuration(), wanted.seeds, wanted.folds, smoke=options.smoke)
    plan = Plan(kind, values, base, options.smoke, options.backend, wanted.track, options.command, options.changes)
    check_splits(next(iter(plan.children.values())), offline=options.offline)  # once, and before there is a folder
    return plan, create_parent(options.output, plan)


def _old(source: Source, options: Options, wanted: Repetition) -> tuple[Plan, RepeatsDir]:
    """Return the plan of repeats to go on with; raises ConfigError where it would become another one."""
    from cnnbench.data.load import check_recorded
    from cnnbench.repeats.plan import read_plan
    from cnnbench.runs.split import recorded, sibling

    folder = source.repeats()
    if wanted.seeds is not None or wanted.folds is not None or folder is None:
        raise ConfigError("--resume: goes on with the runs that were planned; --seeds and --folds plan new ones")
    if source.changes:
        raise ConfigError(
            f"--resume {folder.path}: {source.changes[0]} cannot change; its runs differ in seed or fold alone"
        )
    plan = read_plan(folder)
    began = plan.backend or plan.base.train.backend
    if options.backend and began and options.backend != began:
        raise ConfigError(f"--backend {options.backend}: {folder.path} began on {began} and goes on there")
    if record := recorded(sibling(map(folder.child, plan.children), plan.base.data)):
        check_recorded(record, plan.base.data, offline=options.offline)
    backend, track = plan.backend or options.backend, wanted.track or plan.track
    return replace(plan, backend=backend, track=track), folder


def _show(found: Repeats, summary: Mapping[str, Any] | None, console: Console) -> None:
    """Print the short table that ends repeats."""
    rows = _rows(found, summary) if summary else []
    rows += [("ended", f"{found.status['state']}, {duration(found.status['seconds'])}")]
    table = titled(rows, printable(str(found.folder.report)), room(console))
    console.print(table, end="", markup=False, emoji=False, soft_wrap=True)


def _rows(found: Repeats, summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    metrics = summary["metrics"]
    rows = [(title, _spread(metrics[name], percent)) for name, title in SHARES.items() if name in metrics]
    if pooled := summary.get("pooled_validation"):
        low, high = map(percent, pooled["interval"])
        images = f"{low} to {high}, each of {count(pooled['images'])} held-out images once"
        rows.append(("pooled validation", f"{percent(pooled['accuracy'])}  (95 % Wilson interval {images})"))
    if "log_loss" in metrics:
        rows.append(("log loss", _spread(metrics["log_loss"], significant)))
    worst, best = (choose(summary["per_class"], key=lambda line: line["f1"]["mean"]) for choose in (min, max))
    if worst["f1"]["mean"] < best["f1"]["mean"]:
        rows.append(("worst class", f"{label(worst['class'])}: F1 {_spread(worst['f1'], percent)}"))
    rows.append(("training time", _spread(summary["training_seconds"], duration)))
    method = f"{summary['method']}; {found.count} on {count(summary['images'])} test images"
    narrow = "; likely too narrow, as folds share training images" if summary["kind"] == "folds" else ""
    return [*rows, ("method", method + narrow)]


def _spread(statistic: Mapping[str, Any], write: Callable[[float], str]) -> str:
    """Return mean ± standard deviation (interval); runs that agree have no spread to draw an interval from."""
    if statistic["interval"] is None:
        why = "one run" if statistic["runs"] == 1 else f"the same in all {statistic['runs']} runs"
        return f"{write(statistic['mean'])}  ({why}: no interval)"
    low, high = map(write, statistic["interval"])
    return f"{write(statistic['mean'])} ± {write(statistic['std'])}  (95 % interval {low} to {high})"
