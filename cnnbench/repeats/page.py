"""`report.html` of repeats: what they say together, with links to the pages of the runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnbench.repeats import facts, tables
from cnnbench.repeats.results import Repeats
from cnnbench.text import count
from cnnbench.views.figure import Drawn
from cnnbench.views.page import Code, Facts, Page, Part, Section, Text, chosen


def page(found: Repeats, summary: Mapping[str, Any] | None, drawn: Mapping[str, Drawn]) -> Page:
    """Return the page; `summary` is None where no run has finished."""
    value, meaning, detail = facts.headline(found, summary)
    status = facts.status(found)
    return Page(
        title=found.plan["name"],
        headline=(value, meaning),
        badges=[(status["name"], status["state"]), *([("smoke run", "smoke")] if status["smoke"] else [])],
        about=[Text(detail), *_said_first(status, facts.pooled(summary) if summary else None)],
        sections=_sections(found, summary, drawn),
        source="Every number on this page is in summary.json, curves.csv and the folders of the runs.",
    )


def _said_first(status: Mapping[str, Any], pooled: str | None) -> list[Text]:
    said = [Text(pooled)] if pooled else []
    if status["state"] != "done":
        ended = status["reason"] or status["name"]
        said.append(Text(f"Not all runs have finished: {ended}. What follows is over those that have.", "banner"))
    smoke = "These are smoke runs: shrunk to a few seconds to show that everything works. "
    return said + [Text(f"{smoke}Their numbers say nothing about the network.", "banner")] * bool(status["smoke"])


def _sections(found: Repeats, summary: Mapping[str, Any] | None, drawn: Mapping[str, Drawn]) -> list[Section]:
    first: list[Part | None] = [Facts(facts.key_facts(found, summary))]
    measured: list[Section] = []
    if summary:
        first.append(Text(f"Method: {summary['method']}. {summary['caution']}", "soft"))
        over = f"over {found.count}"
        told = (
            f"Measured on {count(summary['images'])} test images unless validation is named. Standard deviation with "
            "n - 1. Numbers are rounded; only what is all reads as 100 %."
        )
        measured = [
            Section("curves", "Curves", chosen(drawn, "curves")),
            Section("metrics", f"Metrics {over}", [tables.measures(summary), Text(told, "soft")], "Metrics"),
            Section(
                "classes",
                f"Classes {over}",
                [tables.classes(summary), *chosen(drawn, "per_class")],
                "Classes",
            ),
            Section("confusion", f"Confusion {over}", chosen(drawn, "confusion_matrix"), "Confusion"),
        ]
    config = found.folder.base.read_text(encoding="utf-8")
    said = Text("That of every run but for its seed or fold.", "soft")
    return [
        Section("facts", "Facts", first),
        Section("runs", "Runs", [tables.runs(found), *chosen(drawn, "accuracy")]),
        *measured,
        Section("configuration", "Configuration", [said, Code("configuration", config)]),
    ]
