"""What a comparison asks of a value, by the kind of its field; a value of the wrong kind is a mistake."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Literal

from cnnbench.errors import did_you_mean
from cnnbench.listing.grammar import Comparison
from cnnbench.listing.words import Word
from cnnbench.numbers import is_number

Kind = Literal["number", "seconds", "text", "flag", "time", "any"]
Condition = Callable[[Any], bool | None]  # None: the value is of another kind
ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
UNITS = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86400}
_NUMBER = re.compile(r"([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)(%?)")
_SPAN = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:s|min|m|h|d))+")
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(s|min|m|h|d)")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?)?")


class WrongKindError(Exception):
    """What a comparison asks cannot be asked of its field."""


def condition(kind: Kind, asked: Comparison, allowed: tuple[str, ...] = ()) -> Condition:
    """Return what tells whether a value is the one asked for; `allowed` are all texts there can be, if known.

    Raises WrongKindError with a message.
    """
    if asked.value is None:
        return _alone(kind)
    if _is_null(asked.value):
        raise AssertionError("null is asked of the run, not of a value")
    if kind == "any":
        return _any(asked, asked.value)
    return _BY_KIND[kind](asked, asked.value, allowed)


def asks_for_null(asked: Comparison) -> bool:
    """Return whether a comparison asks if there is a value at all; raises WrongKindError for `<null`."""
    if asked.value is None or not _is_null(asked.value):
        return False
    if asked.operator not in ("=", "!="):
        raise WrongKindError("null is compared with = and != only")
    return True


def _is_null(value: Word) -> bool:
    return value.kind == "word" and value.text == "null"


def _alone(kind: Kind) -> Condition:
    if kind not in ("flag", "any"):
        raise WrongKindError(f"it is a {_NAMES[kind]}: expected a comparison, as in {_EXAMPLES[kind]}")
    return lambda found: found if isinstance(found, bool) else None


def _number(asked: Comparison, value: Word, allowed: tuple[str, ...]) -> Condition:
    wanted = number(value)
    if wanted is None:
        raise WrongKindError(f"it is a number; {value.shown} is none")
    return _ordered(asked.operator, wanted)


def _seconds(asked: Comparison, value: Word, allowed: tuple[str, ...]) -> Condition:
    wanted = span(value.text)
    wanted = number(value) if wanted is None else wanted
    if wanted is None or "%" in value.text:
        raise WrongKindError(f"it is a time span; {value.shown} is none, 90s, 5min or 1h30min is")
    return _ordered(asked.operator, wanted)


def _ordered(sign: str, wanted: float) -> Condition:
    def holds(found: Any) -> bool | None:
        return ORDER[sign](found, wanted) if is_number(found) else None

    return holds


def _text(asked: Comparison, value: Word, allowed: tuple[str, ...]) -> Condition:
    _refuse_order(asked, "text")
    is_glob = value.kind == "word" and any(c in value.text for c in "*?[")
    if allowed and not is_glob and value.text not in allowed:
        raise WrongKindError(f"{value.shown} is none of {', '.join(allowed)}{did_you_mean(value.text, allowed)}")
    wanted = asked.operator == "="

    def holds(found: Any) -> bool | None:
        if not isinstance(found, str):
            return None
        return (fnmatchcase(found, value.text) if is_glob else found == value.text) is wanted

    return holds


def _flag(asked: Comparison, value: Word, allowed: tuple[str, ...]) -> Condition:
    _refuse_order(asked, "true or false")
    if value.text not in ("true", "false"):
        raise WrongKindError(f"it is true or false; {value.shown} is neither")
    wanted = (value.text == "true") is (asked.operator == "=")
    return lambda found: found is wanted if isinstance(found, bool) else None


def _refuse_order(asked: Comparison, what: str) -> None:
    if asked.operator not in ("=", "!="):
        raise WrongKindError(f"it is {what}: {asked.operator} compares numbers and times; expected = or !=")


def _time(asked: Comparison, value: Word, allowed: tuple[str, ...]) -> Condition:
    """Compare with a moment or a whole day, minute or second: `started<=2026-11-20` takes all of that day."""
    first, last = moment(value.text, datetime.now(UTC))
    compare: Mapping[str, Callable[[datetime], bool]] = {
        "=": lambda found: first <= found < last,
        "!=": lambda found: not first <= found < last,
        "<": lambda found: found < first,
        "<=": lambda found: found < last,
        ">": lambda found: found >= last,
        ">=": lambda found: found >= first,
    }

    def holds(found: Any) -> bool | None:
        try:
            when = datetime.fromisoformat(found)
        except (TypeError, ValueError):
            return None
        return compare[asked.operator](when if when.tzinfo else when.replace(tzinfo=UTC))

    return holds


def moment(text: str, now: datetime) -> tuple[datetime, datetime]:
    """Return begin and end of what a text names, in UTC as runs are dated: a day, a minute, a second, `-2h`, `today`.

    Raises WrongKindError.
    """
    if text in ("today", "yesterday"):
        begin = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=text == "yesterday")
        return begin, begin + timedelta(days=1)
    past = span(text[1:]) if text.startswith("-") else None
    if past is not None:
        begin = now - timedelta(seconds=past)
        return begin, begin + timedelta(microseconds=1)
    if found := _DATE.fullmatch(text):
        length = timedelta(seconds=1) if found[3] else timedelta(minutes=1) if found[2] else timedelta(days=1)
        try:
            begin = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return begin, begin + length
        except (ValueError, OverflowError):
            pass
    raise WrongKindError(f"it is a time; {text!r} is none, 2026-11-20, 2026-11-20T14:30, today or -2h (2 hours ago) is")


def _any(asked: Comparison, value: Word) -> Condition:
    """Compare with what a configuration may hold: a number, true or false, text, or a list as JSON."""
    if value.kind == "word" and value.text in ("true", "false"):
        return _flag(asked, value, ())
    if number(value) is not None:
        return _number(asked, value, ())
    if asked.operator not in ("=", "!="):
        raise WrongKindError(f"{asked.operator} compares numbers; {value.shown} is none")
    of_text = _text(asked, value, ())
    return lambda found: of_text(json.dumps(found, ensure_ascii=False) if isinstance(found, list) else found)


def number(value: Word) -> float | None:
    """Return the number a word is, 0.9 for 90%, or None."""
    found = _NUMBER.fullmatch(value.text) if value.kind == "word" else None
    if found is None:
        return None
    read = float(found[1]) / (100 if found[2] else 1)
    return read if abs(read) < float("inf") else None


def span(text: str) -> float | None:
    """Return the seconds of a text such as 90s or 1h30min, or None."""
    if not _SPAN.fullmatch(text):
        return None
    total = sum(float(amount) * UNITS[unit] for amount, unit in _PART.findall(text))
    return total if total < timedelta.max.total_seconds() / 1e3 else None


_BY_KIND: Mapping[Kind, Callable[[Comparison, Word, tuple[str, ...]], Condition]] = {
    "number": _number,
    "seconds": _seconds,
    "text": _text,
    "flag": _flag,
    "time": _time,
}
_NAMES = {"number": "number", "seconds": "time span", "text": "text", "time": "time"}
_EXAMPLES = {"number": ">0.9", "seconds": ">5min", "text": "=vgg*", "time": ">=2026-11-20"}
