"""What the page of repeats says besides its plots: plain values and rows of tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnbench.catalogue.measures import measure, title
from cnnbench.repeats.results import Repeats
from cnnbench.report.facts import STATES
from cnnbench.runs.run import Run
from cnnbench.runs.status import is_alive
from cnnbench.text import NOTHING, count, duration, in_unit, percent


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


def headline(found: Repeats, summary: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the result in one large line and what it was measured on in a second one."""
    if summary is None:
        return {"value": NOTHING, "meaning": "no result yet", "detail": f"{found.count}, {varied(found)}"}
    accuracy = summary["metrics"]["accuracy"]
    detail = f"{found.count} ({varied(found)}) on {count(summary['images'])} test images of {summary['source']}"
    if accuracy["std"] is None:
        return {
            "value": percent(accuracy["mean"]),
            "meaning": "test accuracy",
            "detail": f"{detail}; one run, no spread",
        }
    if not accuracy["std"]:
        return {"value": percent(accuracy["mean"]), "meaning": "test accuracy of every run", "detail": detail}
    low, high = map(percent, accuracy["interval"])
    spread = f"standard deviation {points(accuracy['std'])}, 95 % interval {low} to {high} (t interval over runs)"
    return {"value": percent(accuracy["mean"]), "meaning": "mean test accuracy", "detail": f"{detail}; {spread}"}


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
        ("Parameters", count(summary["parameters"]["total"])),
        ("MACs per image", count(summary["macs"])),
        ("Training per run", duration(summary["training_seconds"]["mean"])),
    ]


def runs(found: Repeats) -> list[dict[str, Any]]:
    """Return a line for every run, finished or not, with where its page is."""
    return [_run(child, str(found.status.get("failed", {}).get(child.path.name, ""))) for child in found.children]


def metrics(summary: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return mean, standard deviation, interval, lowest and highest of every number, as text."""
    return [_metric(name, statistic) for name, statistic in summary["metrics"].items()]


def _run(child: Run, failure: str) -> dict[str, Any]:
    found, held_out = child.metrics if child.is_done else None, child.kept.get("val_accuracy")
    low, high = found["accuracy_interval"] if found else (None, None)
    state = str(child.status.get("state", "not begun"))
    return {
        "name": child.path.name,
        "page": f"{child.path.name}/report.html" if child.folder.report.exists() else None,
        "state": state,
        "reason": "" if found else failure or str(child.status.get("reason") or ""),
        "val_accuracy": held_out,
        "accuracy": found["accuracy"] if found else None,
        "wilson": f"{percent(low)} to {percent(high)}" if found else NOTHING,
        "f1": found["macro"]["f1"] if found else None,
        "log_loss": found["log_loss"] if found else None,
        "epochs": f"{child.status.get('kept_epoch') or NOTHING} of {len(child.history)}",
        "time": duration(child.status.get("seconds")),
    }


def _metric(name: str, found: Mapping[str, Any]) -> dict[str, str]:
    row = measure(name)

    def write(value: float | None) -> str:
        return in_unit(value, row.unit)

    low, high = found["interval"] or (None, None)
    return {
        "name": title(name),
        "mean": write(found["mean"]),
        "std": write(found["std"]),
        "interval": NOTHING if low is None else f"{write(low)} to {write(high)}",
        "lowest": write(min(found["values"])),
        "highest": write(max(found["values"])),
        "runs": count(found["runs"]),
    }
