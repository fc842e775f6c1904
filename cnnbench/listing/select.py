"""Which lines of the listing are shown, and in what order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cnnbench.errors import ConfigError
from cnnbench.listing.conditions import Condition, WrongKindError, asks_for_null, condition
from cnnbench.listing.fields import Field, UnknownFieldError, resolve
from cnnbench.listing.grammar import All, Comparison, Filter, Not, comparisons, parse
from cnnbench.listing.lines import Line
from cnnbench.listing.words import mistake
from cnnbench.numbers import is_number


class Where:
    """A filter made ready for some lines.

    A comparison with what a line does not have is neither true nor false, and neither is its `not`; `and` and `or`
    of such parts follow Kleene's three-valued logic. Only lines of which the whole is true are shown.
    """

    def __init__(self, text: str, lines: Sequence[Line]) -> None:
        """Parse and check the filter; raises ConfigError that names the place of a mistake."""
        self._filter = parse(text)
        self._ready: dict[Comparison, tuple[Field, Condition | None]] = {}
        for asked in comparisons(self._filter):
            self._ready[asked] = self._prepared(text, asked, lines)

    def holds(self, line: Line) -> bool:
        """Return whether a line is shown."""
        return self._truth(self._filter, line) is True

    def _prepared(self, text: str, asked: Comparison, lines: Sequence[Line]) -> tuple[Field, Condition | None]:
        """Return the field and what is asked of its value, None where it is whether there is one."""
        try:
            field = resolve(asked.field.text, lines)
        except UnknownFieldError as e:
            raise mistake(text, asked.field.at, str(e)) from None
        try:
            if asks_for_null(asked):
                return field, None
            ready = condition(field.kind, asked, field.allowed)
            _refuse_misfit(field, asked, ready, lines)
        except WrongKindError as e:
            at = (asked.value or asked.field).at
            raise mistake(text, at, f"{asked.field.text}: {e}") from None
        return field, ready

    def _truth(self, part: Filter, line: Line) -> bool | None:
        if isinstance(part, Comparison):
            return self._compared(part, line)
        if isinstance(part, Not):
            inner = self._truth(part.part, line)
            return None if inner is None else not inner
        found = [self._truth(inner, line) for inner in part.parts]
        decisive = not isinstance(part, All)  # one false ends an "and", one true an "or"
        if decisive in found:
            return decisive
        return None if None in found else not decisive

    def _compared(self, asked: Comparison, line: Line) -> bool | None:
        field, ready = self._ready[asked]
        value = field.read(line)
        if ready is None:
            return (value is None) is (asked.operator == "=")
        return None if value is None else ready(value)


def _refuse_misfit(field: Field, asked: Comparison, ready: Condition, lines: Iterable[Line]) -> None:
    """Raise WrongKindError where every run that has the key holds something of another kind there."""
    if field.kind != "any":
        return
    values = [value for line in lines if (value := field.read(line)) is not None]
    if values and all(ready(value) is None for value in values):
        found = asked.value.shown if asked.value else "a flag"
        raise WrongKindError(f"the runs hold {_kind(values[0])} there, such as {values[0]!r}; {found} is none")


def _kind(value: Any) -> str:
    return "flags" if isinstance(value, bool) else "numbers" if is_number(value) else "texts"


def ordered(lines: Sequence[Line], name: str, reverse: bool) -> list[Line]:
    """Return lines by a field, the lowest first or with `reverse` the highest; what lacks it comes last.

    Raises ConfigError for an unknown field.
    """
    try:
        field = resolve(name, lines)
    except UnknownFieldError as e:
        raise ConfigError(f"--sort {name}: {e}") from None
    have = [line for line in lines if field.read(line) is not None]
    lack = [line for line in lines if field.read(line) is None]
    return [*sorted(have, key=lambda line: _rank(field.read(line)), reverse=reverse), *lack]


def _rank(value: Any) -> tuple[bool, float, str]:
    """Return what numbers are ordered by, and after them texts."""
    return (False, float(value), "") if isinstance(value, int | float) else (True, 0.0, str(value))
