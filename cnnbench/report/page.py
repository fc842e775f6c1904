"""`report.html` of a run: its sections, made of results and the plots drawn from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnnbench.report import calibration, explained, exports, facts, mistakes, plots, robustness, tables
from cnnbench.report.tiles import tile
from cnnbench.runs.run import Run
from cnnbench.views.figure import Drawn
from cnnbench.views.page import Code, Facts, Heading, Page, Part, Points, Section, Text, Tiles, chosen

ROUNDED = "Numbers are rounded; only what is all reads as 100 %. A class nobody predicted has precision 0. "
MICRO = "Averaged over images, precision, recall and F1 are all the accuracy."
SEEN = {
    "validation": "Early stopping and schedules, and whoever chose between networks, have looked at these images: a "
    "network tends to be better at them than at images that nobody has looked at.",
    "train": "The network has learnt from these images: how good it is at them says little about others.",
}


def page(results: Run, drawn: Mapping[str, Drawn], others: Sequence[Run] = ()) -> Page:
    """Return the page of a run, with links to those of `others`, the same run measured on other images.

    The page of other than test images has what was measured on them and nothing of the training.
    """
    value, meaning, detail = facts.headline(results)
    status = facts.status(results)
    tested = results.of == "test"
    measured = _measured(results, drawn)
    return Page(
        title=facts.title(results),
        headline=(value, meaning),
        badges=[
            (status["name"], status["state"]),
            *([] if tested else [(facts.images(results), "split")]),
            *([("smoke run", "smoke")] if status["smoke"] else []),
        ],
        about=[Text(detail), *_said_first(status), *_said_of(results), *map(_link, others)],
        sections=[*_before(results, drawn), *measured, explained.section(results, drawn), *_behind(results)]
        if tested
        else measured,
        source="Every number on this page is in the files of the run folder.",
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


def _said_of(results: Run) -> list[Text]:
    """Return what to bear in mind of images that are not the test images."""
    return [Text(SEEN[results.of], "soft")] if results.of in SEEN else []


def _link(results: Run) -> Text:
    """Return a line that leads to another page of the run."""
    value, meaning, _ = facts.headline(results)
    return Text(f"{value} {meaning}: the page of the {facts.images(results)}", link=results.folder.report.name)


def _figures(results: Run, drawn: Mapping[str, Drawn], section: str) -> list[Drawn]:
    named = [plots.name_of(plot, results) for plot in plots.PLOTS if plot.section == section]
    return chosen(drawn, *named)


def _before(results: Run, drawn: Mapping[str, Drawn]) -> list[Section]:
    """Return what is to be said of the training."""
    notes = Points.of(facts.notes(results))
    training = [*_figures(results, drawn, "training"), tables.epochs(results), *_stages(results)]
    return [
        Section("facts", "Facts", [Facts(facts.key_facts(results)), Heading("Notes") if notes else None, notes]),
        Section("training", "Training", training),
        Section("augmentation", "Augmentation", _figures(results, drawn, "augmentation")),
    ]


def _measured(results: Run, drawn: Mapping[str, Drawn]) -> list[Section]:
    """Return what was measured on images of one split."""
    confusions, images, left_out = tables.confusions(results), facts.images(results), facts.left_out(results)
    measured: list[Part | None] = [
        tables.measures(results),
        Text(left_out) if left_out else None,
        tables.averages(results),
        Text(ROUNDED + MICRO, "soft"),
    ]
    return [
        Section("metrics", f"Metrics on the {images}", measured if results.metrics else [], "Metrics"),
        Section("classes", "Classes", [tables.classes(results), *_figures(results, drawn, "classes")]),
        Section("calibration", "Calibration", [*_figures(results, drawn, "calibration"), *calibration.told(results)]),
        Section(
            "confusion",
            "Confusion",
            [
                *_figures(results, drawn, "confusion"),
                Heading("Most frequent mistakes") if confusions else None,
                confusions,
                *mistakes.by_cell(results),
            ],
            script="cells" if results.gallery else "",
            data=mistakes.matrix(results),
        ),
        Section(
            "mistakes", "Mistakes" if left_out else "Most confident mistakes", [_tiles(results, "mistake")], "Mistakes"
        ),
        *mistakes.sections(results),
        Section("samples", f"Random {images}", [_tiles(results, "random")], "Samples"),
        *robustness.sections(results, _figures(results, drawn, "robustness")),
    ]


def _behind(results: Run) -> list[Section]:
    """Return what the run was made of."""
    return [
        exports.section(results),
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
