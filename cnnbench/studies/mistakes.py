"""What is wrong between the keys of a study file, each of which is right by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cnnbench.catalogue.values import KeyPath, Violation
from cnnbench.errors import did_you_mean
from cnnbench.studies.measures import measure_mistake
from cnnbench.studies.sections import Claim, Published, Row, StudyFile

WAYS = ("config", "network", "elsewhere", "not_run")


def study_mistakes(file: StudyFile) -> Iterator[Violation]:
    """Yield every mistake as (key path, sentence)."""
    rows = [row.key for row in file.rows]
    keys = [*rows, *(claim.key for claim in file.claims)]
    for i, row in enumerate(file.rows):
        yield from _below(("rows", i), [*_key_mistakes(row.key, row.see, keys), *_row_mistakes(row)])
    for i, claim in enumerate(file.claims):
        yield from _below(("claims", i), [*_key_mistakes(claim.key, claim.see, keys), *_claim_mistakes(claim, rows)])
    for i, check in enumerate(file.arithmetic):
        yield from _below(("arithmetic", i, "rows"), _unknown(check.rows, rows))


def _below(path: KeyPath, mistakes: Iterable[Violation]) -> Iterator[Violation]:
    return (((*path, *inside), sentence) for inside, sentence in mistakes)


def _key_mistakes(key: str, see: Sequence[str], keys: Sequence[str]) -> Iterator[Violation]:
    if keys.count(key) > 1:
        yield ("key",), f"{key}: two rows or claims have this key"
    yield from _below(("see",), _unknown(see, keys))


def _unknown(named: Iterable[str], known: Sequence[str]) -> Iterator[Violation]:
    return (((), f"{key}: nothing has this key{did_you_mean(key, known)}") for key in named if key not in known)


def _row_mistakes(row: Row) -> Iterator[Violation]:
    ways = [way for way in WAYS if getattr(row, way) is not None]
    if len(ways) != 1:
        yield (), f"a row has one of {', '.join(WAYS)}; found {' and '.join(ways) or 'none'}"
    given = row.model_fields_set
    for needed, keys in (("config", ("trial", "overrides", "seeds", "small")), ("network", ("input", "classes"))):
        if getattr(row, needed) is None:
            yield from (((key,), f"has no effect without {needed}") for key in keys if key in given)
    for i, group in enumerate(row.published):
        yield from _below(("published", i), _published_mistakes(group))


def _published_mistakes(group: Published) -> Iterator[Violation]:
    if not group.values and group.says is None:
        yield (), "expected values, or says"
    for name, value in group.values.items():
        if wrong := measure_mistake(name, group.split):
            yield ("values", name), wrong
        if (value.is_ is None) == (value.over is None and value.under is None):
            yield ("values", name), "expected a number, or over or under"


def _claim_mistakes(claim: Claim, rows: Sequence[str]) -> Iterator[Violation]:
    yield from _unknown([key for key in (claim.row, claim.than, *claim.rows) if key is not None], rows)
    if claim.ordered and (len(claim.rows) < 2 or claim.row or claim.than):
        yield (), f"{claim.is_} takes `rows`, at least two"
    if not claim.ordered and (claim.rows or claim.row is None or claim.than is None):
        yield (), f"{claim.is_} takes `row` and `than`"
    if claim.times is not None and claim.is_ not in ("higher", "lower"):
        yield ("times",), f"has no effect with {claim.is_}"
    if wrong := measure_mistake(claim.measure, claim.split):
        yield ("measure",), wrong
