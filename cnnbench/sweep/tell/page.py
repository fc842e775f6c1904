"""What a sweep leaves to look at: leaderboard, best configuration, plots, and one page that holds all it shows."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnbench.files.whole import own_folder, whole_file, write_text
from cnnbench.report.page import data_uri, environment
from cnnbench.runs.leaderboard import write_leaderboard
from cnnbench.runs.parents import SweepDir
from cnnbench.statistics.intervals import METHOD
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell import facts, plots
from cnnbench.sweep.tell.axis_tables import axis_tables, cells
from cnnbench.sweep.tell.conclusions import conclusions
from cnnbench.sweep.tell.leaderboard import leaderboard
from cnnbench.views.style import to_png

FRONTS = "Trials of rank 1 are on the Pareto front, those of rank 2 are beaten by rank 1 only, and so on. "
COURSE = ("best_so_far", "curves", "states")
TOGETHER = ("heat_map", "parallel_coordinates", "importances")


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
    images = _images(results)
    written += _write_plots(folder, images)
    write_text(folder.report, render(folder, results, images))
    return [*written, folder.report]


def render(folder: SweepDir, results: SweepResults, images: Mapping[str, bytes]) -> str:
    """Return the page as HTML; `images` maps names of plots to PNG files."""
    sweep, kinds = results.sweep, {plots.kind(name) for name in images}
    return (
        environment(Path(__file__).parent / "templates")
        .get_template("sweep.html")
        .render(
            title=sweep.name,
            description=sweep.description,
            status=facts.status(results),
            headline=facts.headline(results),
            winner=facts.winner(results),
            counted=facts.counted(results),
            conclusions=conclusions(results),
            facts=facts.key_facts(results),
            space=facts.space(results),
            ranking=facts.ranking(results),
            links=facts.links(results, folder),
            method=f"{METHOD[:1].upper()}{METHOD[1:]}",
            rank_note=FRONTS if len(sweep.objectives) > 1 else "",
            best_config=results.best_config,
            command=f"cnnbench train {shlex.quote(str(folder.best))}",
            any_done=any(trial.state == "done" for trial in results.trials),
            keys=_keys(results),
            pictures=[_picture(name, png) for name, png in images.items()],
            together=not kinds.isdisjoint(TOGETHER),
            course=not kinds.isdisjoint(COURSE),
            failed=facts.unfinished(results, folder, "failed"),
            pruned=facts.pruned(results),
            text=sweep.text,
            files=facts.files(folder),
        )
    )


def _images(results: SweepResults) -> dict[str, bytes]:
    return {name: to_png(figure) for name, figure in plots.draw(results)}


def _write_plots(folder: SweepDir, images: Mapping[str, bytes]) -> list[Path]:
    drawn = own_folder(folder.path, folder.plots.name)
    paths = {drawn / f"{name}.png": png for name, png in images.items()}
    for path, png in paths.items():
        with whole_file(path) as part:
            part.write_bytes(png)
    for old in set(drawn.glob("*.png")) - set(paths):
        if plots.kind(old.stem) in plots.CAPTIONS:  # of a state the sweep is no longer in
            old.unlink()
    return list(paths)


def _picture(name: str, png: bytes) -> dict[str, str]:
    kind = plots.kind(name)
    return {"name": name, "kind": kind, "uri": data_uri(png), "caption": plots.CAPTIONS[kind]}


def _keys(results: SweepResults) -> list[dict[str, Any]]:
    """Return path, name of the plot and table of every swept key."""
    metrics = [objective.metric for objective in results.sweep.objectives]
    tables = {table.path: {"rows": cells(table, metrics), "note": table.note} for table in axis_tables(results)}
    nothing: dict[str, Any] = {"rows": [], "note": ""}
    paths = [axis.path for axis in results.sweep.space]
    return [{"path": path, "plot": plots.name_of("against", path), **tables.get(path, nothing)} for path in paths]
