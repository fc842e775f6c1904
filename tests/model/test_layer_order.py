"""Kinds and order of the layers of every shipped network that claims a source, in words written from that source.

A right number of parameters proves no network: dropouts and padding have none.
"""

from __future__ import annotations

import pytest
import yaml

from tests.builders.networks import ARCHITECTURES, shipped
from tests.builders.published import EXPECTED
from tests.builders.words import words

OWN_CHOICE = ("no paper", "sizes are this project's choice")  # what a source says that leaves nothing to hold


def test_every_network_that_claims_a_source_is_held_here() -> None:
    sources = {f.stem: yaml.safe_load(f.read_text(encoding="utf-8"))["source"] for f in ARCHITECTURES.glob("*.yaml")}
    claimed = {name for name, source in sources.items() if not any(own in source for own in OWN_CHOICE)}
    assert set(EXPECTED) == claimed


@pytest.mark.parametrize("name", EXPECTED)
def test_kinds_and_order_of_layers(name: str) -> None:
    nodes, _, _ = shipped(name)
    assert words(nodes) == EXPECTED[name]


def test_the_thesis_table_has_18_layers() -> None:
    assert sum(word != "relu" for word in EXPECTED["thesis-cnn"].split()) == 18
