"""Values of a space held against the base, by the checks that every configuration passes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnnbench.catalogue.values import KeyPath
from cnnbench.config.document import Document, Mark
from cnnbench.config.load import check_document
from cnnbench.config.overrides import Override, lay
from cnnbench.config.schema import Config
from cnnbench.config.static import may_bring_splits
from cnnbench.errors import ConfigError
from cnnbench.numbers import is_number
from cnnbench.sweep.define.base import marks_at
from cnnbench.sweep.define.schema import RangeSection
from cnnbench.sweep.define.space import override

_PROBE = Mark("\0", 0)  # no file has this name


@dataclass(frozen=True)
class Tried:
    """What became of the base with values over it: a configuration, or the lines that tell why there is none."""

    config: Config | None
    lines: tuple[str, ...] = field(default=())


def options(document: Document, path: str, entry: Any) -> list[Override]:
    """Return what can be tried of an entry of `space`: every listed value, both ends of a range."""
    places: dict[KeyPath, Any] = {}
    if isinstance(entry, list):
        places = {(i,): value for i, value in enumerate(entry)}
    elif isinstance(entry, dict) and isinstance(entry.get("choices"), dict):
        places = {("choices", name): value for name, value in entry["choices"].items()}
    elif isinstance(entry, dict):
        ends = {end: entry.get(end) for end in ("low", "high")}
        places = {(end,): value for end, value in ends.items() if all(map(_is_finite, ends.values()))}
    return [override(path, value, marks_at(document, ("space", path, *place))) for place, value in places.items()]


def _is_finite(value: Any) -> bool:
    return is_number(value) and math.isfinite(value)


def attempt(base: Document, overrides: Iterable[Override], needs_validation: str | None = None) -> Tried:
    """Return what becomes of the base with values over it.

    `needs_validation` names what reads validation data; without them there is no configuration.
    """
    document = lay(base, overrides)
    try:
        config = check_document(document)
    except ConfigError as e:
        return Tried(None, tuple(e.problems))
    data = config.data
    has_validation = data.validation or data.fold or may_bring_splits(data)
    if needs_validation and not has_validation:
        message = f"{needs_validation} needs validation data, found {data.validation:g}"
        return Tried(None, (document.problem(("data", "validation"), message),))
    return Tried(config)


def takes_whole_numbers(base: Document, others: Sequence[Override], path: str, spec: RangeSection) -> bool:
    """Return whether a range that is written in whole numbers is for a key that takes no others.

    The key's own check decides: a number between the ends that is not whole is tried.
    """
    if not (isinstance(spec.low, int) and isinstance(spec.high, int)):
        return False
    middle = math.floor((spec.low + spec.high) / 2) + 0.5
    tried = attempt(base, [*others, override(path, middle, {(): _PROBE})])
    return any(line.startswith(str(_PROBE)) for line in tried.lines)
