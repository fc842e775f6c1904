"""What the page of repeats says besides its plots: plain values and rows of tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnbench.repeats.results import Repeats
from cnnbench.report.facts import STATES
from cnnbench.runs.status import is_alive
from cnnbench.text import NOTHING, count, duration, percent


def status(found: Repeats) -> dict[str, Any]:
    """Return state, what to call it and why the runs ended."""
    state = str(found.status.get("state", "unknown"))
    gone = state == "running" and not is_alive(found.folder.path, found.status)
    return {
        "state": state if state in STATES else "unknown",
        "name": "stopped without a word" if gone else found.count if state == "failed" else state,
        "reason": str(found.status.get("reason") or ""),
        "smoke": bool(found.plan["smoke"]),
    }


def varied(found: Repeats) -> str:
    """Return what differs between the runs: "seeds 0, 7, 42" or "5 folds"."""
    values = found.plan["values"]
    if found.plan["kind"] == "folds":
        return f"{len(values)} folds"
    run = values == list(range(values[0], values[0] + len(values)))
    return f"seeds {values[0]} to {values[-1]}" if run else f"seeds {', '.join(map(str, values))}"


def headline(found: Repeats, summary: Mapping[str, Any] | None) -> tuple[str, str, str]:
    """Return the result, what it means, and what it was measured on."""
    if summary is None:
        return NOTHING, "no result yet", f"{found.count}, {varied(found)}"
    accuracy = summary["metrics"]["accuracy"]
    mean = percent(accuracy["mean"])
    detail = f"{found.count} ({varied(found)}) on {count(summary['images'])} test images of {summary['source']}"
    if accuracy["std"] is None:
        return mean, "test accuracy", f"{detail}; one run, no spread"
    if not accuracy["std"]:
        return mean, "test accuracy of every run", detail
    low, high = map(percent, accuracy["interval"])
    spread = f"standard deviation {points(accuracy['std'])}, 95 % interval {low} to {high} (t interval over runs)"
    return mean, "mean test accuracy", f"{detail}; {spread}"


def points(share: float | None) -> str:
    """Return a difference of two shares in percentage points."""
    return NOTHING if share is None else f"{percent(share, sign='')} points"


def pooled(summary: Mapping[str, Any]) -> str | None:
    """Return a sentence on all held-out images together, where folds held out each of them once."""
    found = summary.get("pooled_validation")
    if found is None:
        return None
    low, high = map(percent, found["interval"])
    return (
        f"Over the held-out images of all finished folds ({count(found['images'])}, each held out once) "
        f"validation accuracy is {percent(found['accuracy'])} (95 % Wilson interval {low} to {high}). "
        "Where the kept epoch was chosen by these images, it is a little high."
    )


def key_facts(found: Repeats, summary: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Return (what, value) of what a reader asks first."""
    rows = [("Runs", found.count), ("Repeated over", varied(found)), ("Time", duration(found.status.get("seconds")))]
    if summary is None:
        return rows
    return [
        *rows,
        ("Data", summary["source"]),
        ("Test images", count(summary["images"])),
        *([("Parameters", count(summary["parameters"]["total"]))] if "parameters" in summary else []),
        *([("MACs per image", count(summary["macs"]))] if "macs" in summary else []),
        ("Training per run", duration(summary["training_seconds"]["mean"])),
    ]
