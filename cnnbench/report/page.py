"""`report.html` of a run: its sections, made of results and the plots drawn from them."""

from __future__ import annotations

from collections.abc import Mapping

from cnnbench.report import facts, plots, tables
from cnnbench.runs.run import Run
from cnnbench.views.charts.pictures import Sample
from cnnbench.views.figure import Drawn
from cnnbench.views.page import Code, Facts, Heading, Page, Part, Points, Section, Text, Tile, Tiles, named

ROUNDED = "Numbers are rounded; only what is all reads as 100 %. A class nobody predicted has precision 0. "
MICRO = "Averaged over images, precision, recall and F1 are all the accuracy."


def page(results: Run, drawn: Mapping[str, Drawn]) -> Page:
    """Return the page of a run."""
    value, meaning, detail = facts.headline(results)
    status = facts.status(results)
    return Page(
        title=facts.title(results),
        headline=(value, meaning),
        badges=[(status["name"], status["state"]), *([("smoke run", "smoke")] if status["smoke"] else [])],
        about=[Text(detail), *_said_first(status)],
        sections=_sections(results, drawn),
        source="Every number on this page is in the files of the run folder.",
    )


def tile(sample: Sample) -> Tile:
    """Return what a page shows of a test image: what it was taken for and how sure that was."""
    true, predicted = named(sample.true), named(sample.predicted)
    kinds = {sample.predicted: "wrong", sample.true: "right"}
    return Tile(
        head=f"✓ {true}" if sample.right else f"✗ {predicted}, true: {true}",
        file_name=sample.file_name,
        image=sample.image,
        true=sample.true,
        right=sample.right,
        bars=[(name, chance, kinds.get(name, "")) for name, chance in sample.chances],
    )


def _said_first(status: Mapping[str, object]) -> list[Text]:
    """Return how the run ended and what keeps its numbers from saying anything."""
    reason = str(status["reason"])
    if status["state"] == "done":
        said = [Text(reason, "soft")] if reason else []
    else:
        ended = f"{status['name']}{f' – {reason}' if reason else ''}"
        said = [Text(f"This run is not complete: {ended}. What follows is what it left behind.", "banner")]
    smoke = "This is a smoke run: shrunk to a few seconds to show that everything works. "
    return said + [Text(f"{smoke}Its numbers say nothing about the network.", "banner")] * bool(status["smoke"])


def _sections(results: Run, drawn: Mapping[str, Drawn]) -> list[Section]:
    def figures(section: str) -> list[Drawn]:
        return [drawn[plot.name] for plot in plots.PLOTS if plot.section == section and plot.name in drawn]

    notes, confusions = Points.of(facts.notes(results)), tables.confusions(results)
    measured: list[Part | None] = [tables.measures(results), tables.averages(results), Text(ROUNDED + MICRO, "soft")]
    return [
        Section("facts", "Facts", [Facts(facts.key_facts(results)), Heading("Notes") if notes else None, notes]),
        Section("training", "Training", [*figures("training"), tables.epochs(results), *_stages(results)]),
        Section("augmentation", "Augmentation", figures("augmentation")),
        Section("metrics", "Metrics on the test images", measured if results.metrics else [], "Metrics"),
        Section("classes", "Classes", [tables.classes(results), *figures("classes")]),
        Section("calibration", "Calibration", figures("calibration")),
        Section(
            "confusion",
            "Confusion",
            [*figures("confusion"), Heading("Most frequent mistakes") if confusions else None, confusions],
        ),
        Section("mistakes", "Most confident mistakes", [_tiles(results, "mistake")], "Mistakes"),
        Section("samples", "Random test images", [_tiles(results, "random")], "Samples"),
        Section("network", "Network", [*_first_weights(results), tables.layers(results)]),
        Section("configuration", "Configuration", [Code("configuration", results.config_text)]),
        Section("environment", "Environment", [tables.environment(results)]),
        Section("files", "Files of this run", [tables.files(results)], "Files"),
    ]


def _first_weights(results: Run) -> list[Part | None]:
    """Return where the network's first weights came from, where they were not drawn."""
    found = tables.weights(results)
    return [Heading("First weights"), found, Heading("Layers")] if found else []


def _stages(results: Run) -> list[Part | None]:
    """Return what was frozen or pruned when, of a training in stages."""
    if not results.stages:
        return []
    inference = any(stage["frozen_normalizations"] for stage in results.stages)
    said = "Batch normalisation of frozen layers stays in inference mode: it normalises by its moving statistics."
    pruned: list[Part | None] = [Heading("Sparsity"), tables.sparsity(results)]
    return [
        Heading("Stages of the training"),
        tables.stages(results),
        Text(said, "soft") if inference else None,
        *(pruned if any("sparsity" in stage for stage in results.stages) else []),
    ]


def _tiles(results: Run, kind: str) -> Tiles:
    return Tiles([tile(sample) for sample in plots.samples(results, kind)])
