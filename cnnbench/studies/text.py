"""A study in a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnnbench.studies import tables
from cnnbench.studies.file import Study
from cnnbench.studies.lines import Line, claims, contradictions, counted, lines, numbers
from cnnbench.studies.results import Results
from cnnbench.views.layout import aligned, titled


def as_document(results: Results) -> Mapping[str, Any]:
    """Return what `--json` prints."""
    folder = results.folder
    return {
        "study": results.study.name,
        "scale": results.study.scale,
        "path": str(folder.path),
        "report": str(folder.page),
        "verdicts": dict(counted(numbers(results))),
        "checks": len(results.findings),
        "lines": tables.everything(lines(results)).json(),
    }


def as_text(results: Results, room: int | None) -> str:
    """Return the numbers, the claims and what the source's arithmetic rules out, as far as there is room."""
    parts = [tables.numbers(numbers(results)).text(room)]
    if results.claims:
        parts.append(_titled("claims", claims(results), room))
    if results.contradictions:
        told = [f"  {line.at}{f' ({line.key})' if line.key else ''}: {line.reason}" for line in contradictions(results)]
        parts.append("\n".join(["the source contradicts itself:", *told]) + "\n")
    summed = ", ".join(f"{times} {verdict}" for verdict, times in counted(numbers(results)))
    rows = [("numbers", summed or "none"), ("arithmetic", f"{len(results.findings)} checks")]
    return "\n".join([*parts, titled(rows, str(results.folder.page), room)])


def _titled(title: str, found: Sequence[Line], room: int | None) -> str:
    rows = [[line.key, line.published, line.judged, line.title] for line in found]
    return f"{title}:\n{aligned(rows, (), room, (3, 1), (3,))}"


def listed(studies: Sequence[Study], room: int | None) -> str:
    """Return a line per study."""
    rows = [["study", "rows", "numbers", "claims", "title"]]
    rows += [[study.name, *map(str, _sizes(study)), study.file.title] for study in studies]
    return aligned(rows, (1, 2, 3), room, (3, 2, 1), (4,))


def as_list(studies: Sequence[Study]) -> list[dict[str, Any]]:
    """Return the studies as `--json` prints them."""
    keys = ("rows", "numbers", "claims")
    return [
        {"study": s.name, "title": s.file.title, "citation": s.file.citation, **dict(zip(keys, _sizes(s), strict=True))}
        for s in studies
    ]


def _sizes(study: Study) -> tuple[int, int, int]:
    file = study.file
    said = sum(len(group.values) + (group.says is not None) for row in file.rows for group in row.published)
    return len(file.rows), said, len(file.claims)
