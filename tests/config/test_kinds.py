"""Every name has a line, and every name that a file or an option takes is among them."""

from __future__ import annotations

import re
import typing
from collections.abc import Collection, Iterator, Mapping

import pytest
from pydantic import BaseModel

from cnnbench.catalogue.keys import ALIASES, WORDS, all_keys, full_path
from cnnbench.catalogue.measures import LISTED
from cnnbench.catalogue.objects import ACTIVATIONS
from cnnbench.catalogue.signatures import TABLES
from cnnbench.config.kinds import KINDS, names_of
from cnnbench.config.losses import LOSSES
from cnnbench.config.schedules import SCHEDULES
from cnnbench.config.schema import Application, Data, Train
from cnnbench.errors import ConfigError
from cnnbench.listing.fields import config_keys
from cnnbench.machine.runtime import BACKENDS
from cnnbench.sinks.choose import SINKS
from cnnbench.sweep.define.sections import Pruning, Search


def words(model: type[BaseModel], field: str) -> list[str]:
    """Return what a field of the schema takes by name."""
    return list(_words(model.model_json_schema()["properties"][field]))


def _words(fragment: Mapping[str, typing.Any]) -> Iterator[str]:
    yield from fragment.get("enum", [])
    if isinstance(fragment.get("const"), str):
        yield fragment["const"]
    for option in fragment.get("anyOf", []):
        yield from _words(option)


TOLD: Mapping[str, Collection[str]] = {
    "layers": [*TABLES["LAYERS"], "repeat", "residual", "branches", "auxiliary"],
    "applications": words(Application, "name"),
    "augmentations": TABLES["AUGMENTATIONS"],
    "optimizers": TABLES["OPTIMIZERS"],
    "initializers": TABLES["INITIALIZERS"],
    "regularizers": TABLES["REGULARIZERS"],
    "constraints": TABLES["CONSTRAINTS"],
    "activations": ACTIVATIONS,
    "schedules": SCHEDULES,
    "losses": LOSSES,
    "precisions": words(Train, "precision"),
    "normalizations": words(Data, "normalize"),
    "data": words(Data, "source"),
    "metrics": LISTED,
    "searches": words(Search, "method"),
    "prunings": words(Pruning, "method"),
    "backends": BACKENDS,
    "splits": ("test", "validation", "train"),
    "sinks": SINKS,
}


@pytest.mark.parametrize("kind", TOLD)
def test_what_there_is_is_named(kind: str) -> None:
    assert set(names_of(kind)) == set(TOLD[kind])


def test_every_key_of_the_schema_is_named() -> None:
    arguments = {f"train.optimizer.{name}" for table in TABLES["OPTIMIZERS"].values() for name in table}
    keys = all_keys()
    sections = {path for path in (*config_keys(), *keys) if any(other.startswith(f"{path}.") for other in keys)}
    assert config_keys() - arguments - sections <= set(keys)
    assert set(keys) - sections <= config_keys()


@pytest.mark.parametrize("kind", KINDS)
def test_every_name_has_a_line(kind: str) -> None:
    for name, about in names_of(kind).items():
        assert re.fullmatch(r"\S(.*\S)?", about), name
        assert not about.endswith("."), name


def test_what_others_call_it_leads_to_a_key_or_a_word() -> None:
    assert set(ALIASES.values()) <= set(all_keys())
    assert set(ALIASES) & {path.rpartition(".")[2] for path in all_keys()} == set()
    known = {name for kind in ("losses", "schedules", "precisions", "data") for name in names_of(kind)}
    assert set(WORDS.values()) <= known | set(words(Data, "color"))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("epochs", "train.epochs"),
        ("learning_rate", "train.optimizer.learning_rate"),
        ("lr", "train.optimizer.learning_rate"),
        ("batch-size", None),
        ("source", "data.source"),
        ("patience", None),
        ("nothing", None),
    ],
)
def test_full_paths(name: str, path: str | None) -> None:
    assert full_path(name) == path


def test_an_unknown_kind_gets_the_closest() -> None:
    with pytest.raises(ConfigError, match=r"^optimizer: nothing of this kind.*did you mean optimizers\?$"):
        names_of("optimizer")
