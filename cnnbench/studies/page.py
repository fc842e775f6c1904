"""The page of a study: what holds, what contradicts itself, every number, every claim, and each row by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnbench.studies import tables
from cnnbench.studies.lines import Line, beside, claims, contradictions, counted, numbers
from cnnbench.studies.measured import Measured
from cnnbench.studies.results import Results
from cnnbench.text import duration
from cnnbench.views.page import Code, Facts, Heading, Page, Part, Points, Section, Text

HOW = (
    "A published number is one run's, as a rule: the interval is where one more run of ours would lie (95 %, "
    "Student's t; of a single run Wilson's, of other test images).",
    "A number holds where what is printed, to its last digit, meets the interval; one that meets an interval wider "
    "than ten points is not told. Counts are exact and have no interval.",
    "A claim holds where all of the 95 % interval of the difference lies on its side, and does not hold where none of "
    "it does. Rows with the same seeds are compared run by run.",
    "Times are shown and not judged, as another machine took them; claims compare times of this one.",
)
SMALL = (
    "This is the small scale: real images, but few of them, and short trainings, to show that everything works. "
    "Its numbers say nothing about the networks; what is counted or reckoned is judged."
)


def page(results: Results) -> Page:
    """Return the page; links lead to the pages of runs from the study's folder."""
    file, small = results.study.file, results.study.scale == "small"
    of_rows, of_claims, impossible = numbers(results), claims(results), contradictions(results)
    held = sum(line.verdict == "holds" for line in of_rows)
    told = [Text(file.about)] if file.about else []
    return Page(
        title=file.title,
        headline=(f"{held} of {len(of_rows)}", "published numbers hold"),
        badges=[("small scale", "smoke")] if small else [],
        about=[Text(file.citation, "soft"), *told, *([Text(SMALL, "banner")] if small else [])],
        sections=[
            Section("facts", "Facts", [Facts(list(_facts(results)))]),
            Section("arithmetic", "What the source's own arithmetic rules out", _arithmetic(results), "Arithmetic"),
            Section("claims", "Claims", [tables.claims(of_claims), *_notes(of_claims)]),
            Section("numbers", "Published and measured", [tables.numbers(of_rows), *_beside(results)], "Numbers"),
            Section("rows", "Rows", [part for row in results.rows for part in _row(results, row)]),
            Section("reading", "How to read this", [Points.of(HOW)], "Reading"),
        ],
        source="Every number on this page is in results.csv and the folders of the runs."
        + ("" if impossible or not results.findings else " The source's arithmetic holds wherever it can be checked."),
    )


def _facts(results: Results) -> Iterator[tuple[str, str]]:
    yield from ((f"numbers: {verdict}", str(times)) for verdict, times in counted(numbers(results)))
    rows = results.rows
    runs = {run.path for row in rows for run in row.runs}
    trained = [row for row in rows if row.wanted]
    yield "rows", f"{len(rows)}, {len(trained)} of them trained"
    yield "runs", f"{len(runs)}"
    seconds = {run.path: float(run.status.get("seconds") or 0) for row in rows for run in row.runs}
    yield "time", duration(sum(seconds.values()))
    yield "checks of arithmetic", f"{len(results.findings)}, {len(results.contradictions)} of them fail"
    yield "claims", f"{sum(one.verdict == 'holds' for one in results.claims)} of {len(results.claims)} hold"


def _arithmetic(results: Results) -> list[Part]:
    """Return what cannot be; a source of which everything fits says so."""
    found = contradictions(results)
    if not found and results.findings:
        return [Text(f"Nothing: {len(results.findings)} checks of its numbers against each other hold.")]
    told = [(f"{line.at}{f' ({line.key})' if line.key else ''}: {line.reason}.", "told") for line in found]
    return [Points(told, "verdicts")]


def _notes(found: Sequence[Line]) -> list[Part]:
    """Return why claims differ from what is measured, each with what supports that."""
    told = [f"{line.title} {line.note}" for line in found if line.note]
    return [Heading("Why"), Points.of(told)] if told else []


def _beside(results: Results) -> list[Part]:
    """Return what is measured of rows of which no number is published."""
    found = beside(results)
    told = "No number of these rows is published; notes and claims stand on them."
    return [Heading("Measured beside them"), Text(told, "soft"), tables.beside(found)] if found else []


def _row(results: Results, row: Measured) -> Iterator[Part]:
    yield Heading(f"{row.row.key}: {row.row.title}")
    done = f"{len(row.runs)} of {row.wanted} runs, {duration(row.seconds)}" if row.wanted else ""
    told = [
        ("runs", f"{done}, in {_folder(results, row)}" if row.runs else done),
        ("data", row.data),
        ("deviates", "; ".join(row.row.deviations)),
        ("note", row.row.note or ""),
        ("supported by", ", ".join(row.row.see)),
        ("", row.reason),
    ]
    yield Points.of([f"{what}: {text}" if what else text for what, text in told if text])
    yield Code(f"command of {row.row.key}", row.command)


def _folder(results: Results, row: Measured) -> str:
    return row.runs[0].path.parent.relative_to(results.folder.path).as_posix()
