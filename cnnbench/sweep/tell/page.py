"""What a sweep leaves to look at: leaderboard, best configuration, plots, and one page that holds all it shows."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from cnnbench.files.whole import own_folder, write_text
from cnnbench.runs.leaderboard import write_leaderboard
from cnnbench.runs.parents import SweepDir
from cnnbench.statistics.intervals import METHOD
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell import facts, plots, tables, turns
from cnnbench.sweep.tell.axis_tables import axis_tables
from cnnbench.sweep.tell.conclusions import conclusions
from cnnbench.sweep.tell.gains import gains
from cnnbench.sweep.tell.leaderboard import leaderboard
from cnnbench.views import figure
from cnnbench.views.figure import Drawn
from cnnbench.views.page import Code, Facts, Folded, Heading, Page, Part, Points, Section, Text, render

READ = (
    "The base minus the base without the technique, seed by seed, so that what is positive was gained by it; interval "
    "and p of the paired t-test, p corrected over the techniques after Holm. Techniques that work alike can each look "
    "like nothing, because the other one is still there. Nothing is decided by the test images."
)
FRONTS = "Trials of rank 1 are on the Pareto front, those of rank 2 are beaten by rank 1 only, and so on. "


def write_all(folder: SweepDir, results: SweepResults, plots: bool = True) -> list[Path]:
    """Write leaderboard and best configuration, with `plots` also the plots and the page; return their paths.

    The page is the last of them. Without `plots` it takes milliseconds, so that it can follow every trial.
    """
    write_leaderboard(folder.leaderboard, leaderboard(results))
    written = [folder.leaderboard]
    if results.best_config is not None:
        write_text(folder.best, results.best_config)
        written.append(folder.best)
    if not plots:
        return written
    drawn = _drawn(results)
    written += figure.write(drawn, folder.path, _there(folder))
    write_text(folder.report, render(page(folder, results, drawn)))
    return [*written, folder.report]


def page_now(folder: SweepDir, results: SweepResults) -> Page:
    """Return the page of a sweep as its results are now; nothing is written."""
    return page(folder, results, _drawn(results))


def page(folder: SweepDir, results: SweepResults, drawn: Mapping[str, Drawn]) -> Page:
    """Return the page of a sweep."""
    value, meaning, detail = facts.headline(results)
    status, description = facts.status(results), results.sweep.description
    about = [Text(detail), Text(facts.winner(results), "winner"), Text(description or "", "soft")]
    return Page(
        title=results.sweep.name,
        headline=(value, meaning),
        badges=[(status["name"], status["state"]), *([("smoke run", "smoke")] if status["smoke"] else [])],
        about=[text for text in (*about, *_said_first(results)) if text.text],
        sections=_sections(folder, results, drawn),
        source="Every number on this page is in leaderboard.csv or in the run folders of the trials.",
    )


def _said_first(results: SweepResults) -> list[Text]:
    """Return what keeps a reader from taking the page for more than it is."""
    said, counted = [], facts.counted(results)
    if results.state == "running":
        said.append(f"This sweep still runs: {counted}.")
    elif results.state != "done":
        said.append(f"This sweep is not finished ({results.state}): {counted}. The same command goes on with it.")
    if results.smoke:
        smoke = "This is a smoke run: shrunk to a few seconds to show that everything works. "
        said.append(f"{smoke}Its numbers say nothing about the networks.")
    return [Text(text, "banner") for text in said]


def _sections(folder: SweepDir, results: SweepResults, drawn: Mapping[str, Drawn]) -> list[Section]:
    def of(*kinds: str) -> list[Drawn]:
        return [one for kind in kinds for name, one in drawn.items() if plots.kind(name) == kind]

    several = len(results.sweep.objectives) > 1
    method = (
        f"{METHOD[:1].upper()}{METHOD[1:]}; ± is the standard deviation; neither for a single seed nor for seeds that "
        "all agree. Epochs and time are means per training. Nothing is ranked by the test accuracy. "
        f"{FRONTS if several else ''}Numbers are rounded; only what is all reads as 100 %."
    )
    ranking = tables.ranking(results, folder)
    failed = Folded("failed trials", facts.unfinished(results, folder, "failed"))
    return [
        Section("turns", "One key after another", _turns(results), "In turn"),
        Section("gave", "What each technique gave", _gave(results), "What each gave"),
        Section("supports", "What these numbers support", [Points.of(conclusions(results))]),
        Section("facts", "Facts", [Facts(facts.key_facts(results)), tables.space(results)]),
        Section("ranking", "Ranking", [ranking, Text(method, "soft"), *of("pareto_front")] if ranking else []),
        Section("measures", "Four measures of each trial", _measures(results), "Four measures"),
        Section("best", "The best trial's configuration", _best(folder, results), "Best configuration"),
        Section("values", "What each value gave", _values(results, drawn), "Swept values"),
        Section("together", "All keys together", of("heat_map", "parallel_coordinates", "importances")),
        Section("course", "How it went", of("best_so_far", "curves", "states"), "Course"),
        Section("failed", "Failed trials", [failed], "Failed"),
        Section("pruned", "Pruned trials", [tables.pruned(results, folder)], "Pruned"),
        Section("sweep", "The sweep file", [Code("sweep file", results.sweep.text)], "Sweep file"),
        Section("files", "Files of this sweep", [tables.files(folder)], "Files"),
    ]


def _turns(results: SweepResults) -> list[Part | None]:
    """Return what became of each key of a search that takes one at a time."""
    return [Points.of([turns.sentence(results, factor) for factor in turns.turns(results)])]


def _gave(results: SweepResults) -> list[Part | None]:
    """Return what each technique of an ablation gave in each objective."""
    parts: list[Part | None] = []
    for objective in results.sweep.objectives:
        if found := gains(results, objective.metric):
            parts += [tables.gave(found, objective.metric), Text(READ, "soft")]
    return parts


def _measures(results: SweepResults) -> list[Part | None]:
    table = tables.measures(results)
    averages = "Precision, recall and F1 are means over classes (macro averages). Nothing is ranked by these."
    return [table, Text(averages, "soft")] if table else []


def _best(folder: SweepDir, results: SweepResults) -> list[Part | None]:
    if results.best_config is None:
        return []
    command = f"cnnbench train {shlex.quote(str(folder.best))}"
    told = Text(f"Ready to run, as {command}; with --seeds 5 it is repeated with five seeds.")
    return [told, Code("best configuration", results.best_config)]


def _values(results: SweepResults, drawn: Mapping[str, Drawn]) -> list[Part | None]:
    """Return plot and table of every swept key."""
    if not any(trial.state == "done" for trial in results.trials):
        return []
    metrics = [objective.metric for objective in results.sweep.objectives]
    found = {table.path: table for table in axis_tables(results)}
    parts: list[Part | None] = []
    for axis in results.sweep.space:
        parts += [Heading(axis.path), drawn.get(plots.name_of("against", axis.path))]
        if axis.path in found:
            table = found[axis.path]
            parts += [tables.of_axis(table, metrics), Text(table.note, "soft")]
            four = tables.measures_of_axis(table)
            parts += [drawn.get(plots.name_of("measures", axis.path)), four] if four else []
    return parts


def _drawn(results: SweepResults) -> dict[str, Drawn]:
    return figure.draw(plots.figures(results))


def _there(folder: SweepDir) -> set[str]:
    """Return the names of the plots of earlier states that are there."""
    found = {path.stem for path in own_folder(folder.path, folder.plots.name).glob("*.p*")}
    return {name for name in found if plots.kind(name) in plots.KINDS}
