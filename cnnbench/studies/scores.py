"""Accuracy, macro precision, macro recall and macro F1 of one classifier against each other."""

from __future__ import annotations

from collections.abc import Iterator

from cnnbench.studies.checks import Scores
from cnnbench.studies.printed import Range, printed

Mistake = tuple[str, tuple[str, ...]]


def score_mistakes(check: Scores, *, balanced: bool, harmonic: bool) -> Iterator[Mistake]:
    """Yield what cannot be, and the scores that it speaks against.

    `balanced` says that every class has as many images, `harmonic` that the source gives 2PR/(P + R) as its F1.
    """
    if balanced and check.accuracy is not None and check.recall is not None:
        yield from _recall_mistake(check, check.accuracy, check.recall)
    if check.precision is not None and check.recall is not None and check.f1 is not None:
        yield from _f1_mistake(check, check.precision, check.recall, check.f1, harmonic=harmonic)


def _recall_mistake(check: Scores, accuracy: float, recall: float) -> Iterator[Mistake]:
    """Hold macro recall to the accuracy: with n images in each of K classes, both are the right ones by nK."""
    if _range(check, accuracy).meets(_range(check, recall)):
        return
    shown = f"recall {_shown(check, recall)} cannot differ from accuracy {_shown(check, accuracy)}"
    why = "as every class has as many images"
    if check.precision is not None and _range(check, accuracy).meets(_range(check, check.precision)):
        swapped = f"; precision {_shown(check, check.precision)} is the accuracy: the two are swapped"
        yield f"{shown}, {why}{swapped}", ("precision", "recall")
    else:
        yield f"{shown}, {why}", ("recall",)


def _f1_mistake(check: Scores, precision: float, recall: float, f1: float, *, harmonic: bool) -> Iterator[Mistake]:
    """Hold F1 to what precision and recall allow.

    F1 of a class, 2pr/(p + r), is concave in (p, r) and at most 1 where both are 1, and 0 at the other corners of the
    unit square: its mean over classes is at most 2PR/(P + R) of the means P and R, and at least P + R - 1.
    """
    p, r = _range(check, precision), _range(check, recall)
    formula = Range(_harmonic(p.low, r.low), _harmonic(p.high, r.high))
    allowed = formula if harmonic else Range(max(0.0, p.low + r.low - 1), formula.high)
    found = _range(check, f1)
    if allowed.meets(found):
        return
    scores = f"precision {_shown(check, precision)} and recall {_shown(check, recall)}"
    makes = _shown(check, _harmonic(precision, recall))
    if harmonic:
        could = max(0.0, p.low + r.low - 1) < found.high and found.low < formula.high
        instead = "; it can be the mean of the classes' F1" if could else ""
        yield f"F1 {_shown(check, f1)} is not 2PR/(P + R), {makes}, of {scores}{instead}", () if could else ("f1",)
    else:
        low = _shown(check, max(0.0, precision + recall - 1))
        yield f"{scores} allow an F1 of {low} to {makes}, not {_shown(check, f1)}", ("f1",)


def _harmonic(precision: float, recall: float) -> float:
    both = precision + recall
    return 2 * precision * recall / both if precision > 0 and recall > 0 else 0.0


def _range(check: Scores, value: float) -> Range:
    return printed(value, 10.0**-check.decimals)


def _shown(check: Scores, value: float) -> str:
    return f"{value:.{check.decimals}f}"
