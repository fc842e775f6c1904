"""A line for everything that a source says: numbers, words, claims and what its arithmetic rules out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Literal

from cnnbench.studies.claims import Outcome
from cnnbench.studies.measured import Measured, spoken
from cnnbench.studies.printed import decimals_of
from cnnbench.studies.results import Results
from cnnbench.studies.sections import Published
from cnnbench.studies.verdict import Number, Verdict, spread
from cnnbench.text import NOTHING, fixed

Kind = Literal["number", "words", "row", "claim", "arithmetic"]
BESIDE = ("accuracy", "best.val_accuracy")  # of a run of which nothing is published
CONTRADICTS: Verdict = "the source contradicts itself"
DECIMALS = 4  # of what is held against words


@dataclass(frozen=True)
class Line:
    """What is said and what is found; `measured`, `low`, `high` and `difference` are unrounded, `page` is a run's."""

    kind: Kind
    key: str
    title: str
    what: str
    at: str
    published: str
    verdict: str
    reason: str = ""
    measured: float | None = None
    low: float | None = None
    high: float | None = None
    runs: int | None = None
    difference: float | None = None
    decimals: int = DECIMALS
    how: str = ""
    row: Measured | None = None
    page: str | None = None
    note: str = ""

    @property
    def interval(self) -> str:
        """The interval as it is read."""
        if self.low is None or self.high is None:
            return NOTHING
        return f"{fixed(self.low, self.decimals)} to {fixed(self.high, self.decimals)}"

    @property
    def judged(self) -> str:
        """Verdict and reason."""
        return self.verdict + (f": {self.reason}" if self.reason not in ("", self.verdict) else "")


def lines(results: Results) -> list[Line]:
    """Return a line of every number and words, in the order of the rows, then other rows, claims, contradictions."""
    return [*numbers(results), *beside(results), *claims(results), *contradictions(results)]


def numbers(results: Results) -> list[Line]:
    """Return what is published of rows."""
    of_row = {row.row.key: [n for n in results.numbers if n.measured is row] for row in results.rows}
    found: list[Line] = []
    for row in results.rows:
        found += [_number(number, _page(results, row)) for number in of_row[row.row.key]]
        found += [_words(results, row, group) for group in row.row.published if group.says is not None]
    return found


def beside(results: Results) -> list[Line]:
    """Return what is measured of rows of which no number is published: notes and claims stand on them."""
    rows = [row for row in results.rows if not any(group.values for group in row.row.published)]
    return [line for row in rows for line in _beside(row, _page(results, row))]


def claims(results: Results) -> list[Line]:
    """Return what is said of rows against each other."""
    return list(map(_claim, results.claims))


def contradictions(results: Results) -> list[Line]:
    """Return what cannot be in the source."""
    return [
        Line(
            "arithmetic",
            ", ".join(found.rows),
            "arithmetic",
            "arithmetic",
            found.at,
            "",
            CONTRADICTS,
            found.wrong or "",
        )
        for found in results.contradictions
    ]


def _number(number: Number, page: str | None) -> Line:
    value, row = number.value, number.measured
    exact = row.is_count(number.measure)
    shown = _of_words(number.mean) if value.is_ is None else decimals_of(value, number.group.decimals)
    low, high = number.interval or (None, None)
    return Line(
        kind="number",
        key=row.row.key,
        title=row.row.title,
        what=spoken(number.measure, number.group.split),
        at=number.group.at,
        published=number.published,
        verdict=number.verdict,
        reason=number.reason,
        measured=number.mean,
        low=low,
        high=high,
        runs=None if exact or not number.runs else number.runs,
        difference=number.difference,
        decimals=shown if exact or value.is_ is None or not shown else shown + 1,
        how="counted" if exact else "",
        row=row,
        page=page,
        note=_why(row.row.note, row.row.see),
    )


def _beside(row: Measured, page: str | None) -> Iterator[Line]:
    for measure in BESIDE if row.row.elsewhere is None else row.row.elsewhere.runs:
        values = row.values(measure)
        mean, interval = spread(row, measure, "test", values)
        if mean is None:
            continue
        low, high = interval or (None, None)
        yield Line(
            kind="row",
            key=row.row.key,
            title=row.row.title,
            what=spoken(measure, "test"),
            at="",
            published=NOTHING,
            verdict=NOTHING,
            measured=mean,
            low=low,
            high=high,
            runs=len(values),
            decimals=_of_words(mean),
            row=row,
            page=page,
        )


def _of_words(mean: float | None) -> int:
    """Return how many digits are shown of what is held against words, or of a difference: none of whole numbers.

    Of what is less than a hundredth, such as seconds by image, three digits that count.
    """
    if mean is None:
        return DECIMALS
    return 0 if float(mean).is_integer() else max(DECIMALS, 2 - floor(log10(abs(mean))))


def _why(note: str | None, see: Sequence[str]) -> str:
    """Return why something differs, and by which rows and claims it is said."""
    return " ".join([*([note] if note else []), *([f"See {', '.join(see)}."] if see else [])])


def _page(results: Results, row: Measured) -> str | None:
    """Return where the page of a row's first run is, as seen from the study's folder; None where it has none."""
    report = row.runs[0].folder.report if row.runs else None
    return report.relative_to(results.folder.path).as_posix() if report is not None and report.exists() else None


def _words(results: Results, row: Measured, group: Published) -> Line:
    """Return words with the verdict of the claims that the row names for them."""
    named = [found for found in results.claims if found.claim.key in row.row.see]
    verdict, reason = _of_claims(named)
    said = group.says or ""
    return Line("words", row.row.key, row.row.title, said, group.at, "in words", verdict, reason, row=row)


def _of_claims(named: Sequence[Outcome]) -> tuple[Verdict, str]:
    if not named:
        return "cannot be told", "words or a figure alone"
    reason = f"see {', '.join(found.claim.key for found in named)}"
    if any(found.verdict == "does not hold" for found in named):
        return "differs by more than the interval", reason
    return ("holds" if all(found.verdict == "holds" for found in named) else "cannot be told"), reason


def _claim(found: Outcome) -> Line:
    claim, difference = found.claim, found.found
    low, high = (difference.interval if difference else None) or (None, None)
    return Line(
        kind="claim",
        key=claim.key,
        title=claim.says,
        what=_compared(found),
        at=claim.at,
        published=_wanted(found),
        verdict=found.verdict,
        reason=found.reason,
        measured=None if difference is None else difference.value,
        low=low,
        high=high,
        decimals=_of_words(difference.value if difference is not None else None),
        how="" if difference is None else difference.how,
        note=_why(claim.note, claim.see),
    )


def _compared(found: Outcome) -> str:
    claim = found.claim
    what = spoken(claim.measure, claim.split)
    if claim.ordered:
        return f"{what}: {', '.join(claim.rows)}"
    return f"{what}: {claim.row} against {claim.than}"


def _wanted(found: Outcome) -> str:
    claim = found.claim
    if claim.times is not None:
        return f"{claim.times:g} times as {'high' if claim.is_ == 'higher' else 'low'}"
    if claim.is_ == "same":
        return f"the same within {claim.by:g}"
    return claim.is_ + (f" by {claim.by:g}" if claim.by else "")


def counted(found: Sequence[Line]) -> Iterator[tuple[str, int]]:
    """Yield how often each verdict is there, the commonest first."""
    verdicts = [line.verdict for line in found]
    yield from sorted(((one, verdicts.count(one)) for one in dict.fromkeys(verdicts)), key=lambda pair: -pair[1])
