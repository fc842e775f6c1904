"""The fields that runs are filtered and sorted by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from cnnbench.catalogue.measures import LISTED
from cnnbench.catalogue.signatures import OPTIMIZERS
from cnnbench.config.schema import Config
from cnnbench.errors import did_you_mean
from cnnbench.listing.conditions import Kind
from cnnbench.listing.lines import Line

STATES = ("done", "running", "stopped", "interrupted", "failed", "pruned", "unknown", "unreadable")


class UnknownFieldError(Exception):
    """There is no such field, or more than one."""


@dataclass(frozen=True)
class Field:
    """What is read of a line, and its kind; `allowed` are all values of a text, where they are known."""

    name: str
    kind: Kind
    read: Callable[[Line], Any]
    allowed: tuple[str, ...] = ()


def _described(name: str, kind: Kind, allowed: tuple[str, ...] = ()) -> Field:
    return Field(name, kind, lambda line: line.described[name], allowed)


BUILT_IN: Mapping[str, Field] = {
    field.name: field
    for field in (
        _described("name", "text"),
        _described("path", "text"),
        _described("kind", "text", ("run", "repeats", "sweep")),
        _described("reason", "text"),
        _described("smoke", "flag"),
        _described("accuracy", "number"),
        _described("images", "number"),
        _described("epoch", "number"),
        _described("epochs", "number"),
        _described("runs", "number"),
        _described("seconds", "seconds"),
        _described("started", "time"),
        Field("state", "text", lambda line: line.state, STATES),
        Field("architecture", "text", lambda line: line.config.get("model.name")),
        Field("data", "text", lambda line: line.shown["data"]),
        Field("network", "text", lambda line: line.shown["network"]),
        Field("changes", "text", lambda line: " ".join(line.described["changes"] or ())),
        Field("seed", "number", lambda line: line.config.get("seed")),
        Field("parameters", "number", lambda line: line.parameters),
    )
}


def resolve(name: str, lines: Sequence[Line]) -> Field:
    """Return the field of this name: one of the listing's own, a key of config.yaml or a number of metrics.json.

    A name that no experiment has to have, such as an optimizer's argument, is looked for in the runs.
    Raises UnknownFieldError, with the closest name.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    source, _, rest = name.partition(".")
    if source in ("config", "metrics") and rest:
        return _known(name, rest, lines, config=source == "config", metrics=source == "metrics")
    return _known(name, name, lines)


def _known(name: str, key: str, lines: Sequence[Line], config: bool = True, metrics: bool = True) -> Field:
    in_config = config and (key in config_keys() or any(key in line.config for line in lines))
    in_metrics = metrics and (key in LISTED or any(key in line.metrics for line in lines))
    if in_config and in_metrics:
        raise UnknownFieldError(f"{name} is in the configuration and among the metrics: config.{key} or metrics.{key}")
    if in_config:
        return Field(name, "any", lambda line: line.config.get(key))
    if in_metrics:
        return Field(name, "seconds" if key.endswith("seconds") else "number", lambda line: line.metrics.get(key))
    known = {*BUILT_IN, *config_keys(), *LISTED, *(k for line in lines for k in (*line.config, *line.metrics))}
    raise UnknownFieldError(f"unknown field {name}{_closest(name, known)}")


def _closest(name: str, known: set[str]) -> str:
    """Return the closest name; a key without its sections is close, and so is a section to its name."""
    whole = sorted(key for key in known if key.endswith(f".{name}") or key == f"{name}.name")
    return f"; did you mean {whole[0]}?" if whole else did_you_mean(name, sorted(known))


@cache
def config_keys() -> frozenset[str]:
    """Return every key that the schema knows, and every argument of an optimizer."""
    schema = Config.model_json_schema()
    arguments = (f"train.optimizer.{argument}" for table in OPTIMIZERS.values() for argument in table)
    return frozenset([*_keys(schema, schema["$defs"], ""), *arguments])


def _keys(schema: Mapping[str, Any], definitions: Mapping[str, Any], before: str) -> Iterator[str]:
    for name, described in schema.get("properties", {}).items():
        inner = [definitions[one["$ref"].rpartition("/")[2]] for one in _options(described) if "$ref" in one]
        for section in inner:
            yield from _keys(section, definitions, f"{before}{name}.")
        if len(inner) < len(_options(described)):
            yield f"{before}{name}"


def _options(described: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inside = described.get("anyOf") or described.get("allOf") or described.get("oneOf")
    return [option for one in inside for option in _options(one)] if inside else [described]
