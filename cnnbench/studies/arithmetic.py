"""What follows from numbers that a source prints, against others that it prints.

Every check takes printed numbers as all those that would be printed so, and says what cannot be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import prod
from typing import Any

from cnnbench.studies.checks import Check, Counts, Layers, Matrix, Order, Product, Scores, Share, Times
from cnnbench.studies.layers import layer_mistakes
from cnnbench.studies.printed import decimals_of, printed
from cnnbench.studies.scores import score_mistakes
from cnnbench.studies.sections import Published, StudyFile
from cnnbench.text import count, duration, fixed, plain

SCORES = {"accuracy": "accuracy", "macro.precision": "precision", "macro.recall": "recall", "macro.f1": "f1"}


@dataclass(frozen=True)
class Finding:
    """One check: where the numbers stand, which rows show them, and what cannot be; nothing where all fits.

    `measures` are the numbers of those rows that cannot be right beside the others.
    """

    at: str
    rows: tuple[str, ...]
    wrong: str | None
    measures: tuple[str, ...] = ()


def findings(file: StudyFile) -> list[Finding]:
    """Return every check of a study: those of its rows' numbers, then those under `arithmetic`."""
    return [*_of_rows(file), *(finding for check in file.arithmetic for finding in _of(check, file))]


def _of_rows(file: StudyFile) -> Iterator[Finding]:
    for row in file.rows:
        for group in row.published:
            if (check := _scores_of(group, row.key)) is not None:
                yield from _scores(check, file, tested=group.split == "test")


def _scores_of(group: Published, row: str) -> Scores | None:
    """Return the scores that stand together in one place, None where there are not two of them."""
    printed_ones = {name: value for name, value in group.values.items() if name in SCORES and value.is_ is not None}
    if len(printed_ones) < 2:
        return None
    digits = [decimals_of(value, group.decimals) for value in printed_ones.values()]
    scores = {SCORES[name]: value.is_ for name, value in printed_ones.items()}
    return Scores.model_validate({"name": "scores", "at": group.at, "rows": [row], "decimals": max(digits), **scores})


def _of(check: Check, file: StudyFile) -> Iterator[Finding]:
    if isinstance(check, Scores):
        yield from _scores(check, file, tested=True)
        return
    place = check.at, tuple(check.rows)
    wrong = list(_CHECKS[type(check)](check))
    yield from [Finding(*place, sentence) for sentence in wrong] or [Finding(*place, None)]


def _scores(check: Scores, file: StudyFile, *, tested: bool) -> Iterator[Finding]:
    balanced = tested and file.tested is not None and file.tested.balanced
    names = {short: name for name, short in SCORES.items()}
    wrong = list(score_mistakes(check, balanced=balanced, harmonic=file.f1 == "harmonic"))
    place = check.at, tuple(check.rows)
    told = [Finding(*place, sentence, tuple(names[each] for each in measures)) for sentence, measures in wrong]
    yield from told or [Finding(*place, None)]


def count_mistakes(check: Counts) -> Iterator[str]:
    """Say where parts do not add up."""
    total = sum(check.parts.values())
    if abs(total - check.total) > check.step / 2:
        parts = " + ".join(f"{count(number)} {name}" for name, number in check.parts.items())
        yield f"{parts} make {count(total)}, not {count(check.total)}"


def share_mistakes(check: Share) -> Iterator[str]:
    """Say where a share is not that of its count."""
    share = check.part / check.of
    if abs(share - check.printed) > check.step / 2 * (1 + 1e-9):
        yield f"{plain(check.part)} of {plain(check.of)} is {share:.6g}, not {plain(check.printed)}"


def product_mistakes(check: Product) -> Iterator[str]:
    """Say where factors do not make the product."""
    product = prod(check.factors)
    if abs(product - check.printed) > check.step / 2:
        yield f"{' x '.join(map(count, check.factors))} is {count(product)}, not {count(check.printed)}"


def time_mistakes(check: Times) -> Iterator[str]:
    """Say where the time of some images does not make the time of all."""
    times = check.images / check.per
    whole = printed(check.seconds, check.seconds_step).through(lambda seconds: seconds * times)
    if not whole.meets(printed(check.total, check.total_step)):
        each = f"{duration(check.seconds)} for {count(check.per)} images"
        yield f"{each} make {duration(check.seconds * times)} for {count(check.images)}, not {duration(check.total)}"


def matrix_mistakes(check: Matrix) -> Iterator[str]:
    """Say which rows in per cent do not add up to 100, and where the diagonal is not the accuracy.

    The mean of the diagonal is the accuracy where every class has as many images.
    """
    step = 10.0**-check.decimals
    for number, row in enumerate(check.cells, start=1):
        known = [cell for cell in row if cell is not None]
        if len(known) == len(row) and abs(sum(known) - 100) > len(row) * step / 2:
            yield f"row {number} adds up to {plain(sum(known))} %, not 100 %"
    diagonal = check.diagonal or [row[i] for i, row in enumerate(check.cells)]
    known = [cell for cell in diagonal if cell is not None]
    if check.accuracy is not None and known and len(known) == len(diagonal):
        mean = sum(known) / len(known)
        if not printed(mean / 100, step / 100).meets(printed(check.accuracy, 10.0**-check.accuracy_decimals)):
            yield f"the diagonal's mean is {mean:.4g} %, the accuracy {plain(100 * check.accuracy)} %"


def order_mistakes(check: Order) -> Iterator[str]:
    """Say where numbers do not rise or fall as is said."""
    sign = 1 if check.says == "rising" else -1
    if any(sign * (after - before) < 0 for before, after in pairwise(check.values)):
        digits = max(-int(Decimal(repr(value)).as_tuple().exponent) for value in check.values)
        yield f"{', '.join(fixed(value, max(0, digits)) for value in check.values)} are said to be {check.says}"


def _layers(check: Layers) -> Sequence[str]:
    return layer_mistakes(check)


_CHECKS: dict[type[Check], Callable[[Any], Iterator[str] | Sequence[str]]] = {
    Counts: count_mistakes,
    Share: share_mistakes,
    Product: product_mistakes,
    Times: time_mistakes,
    Matrix: matrix_mistakes,
    Order: order_mistakes,
    Layers: _layers,
}
