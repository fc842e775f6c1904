"""What is written down of keras.applications against the installed Keras."""

from __future__ import annotations

import keras
import pytest

from cnnbench.catalogue.applications import APPLICATIONS
from scripts.keras_applications import facts, names


def test_every_network_of_keras_applications_is_known() -> None:
    assert sorted(APPLICATIONS) == names()


@pytest.mark.parametrize("name", ["MobileNet", pytest.param("NASNetMobile", marks=pytest.mark.slow)])
def test_facts_are_those_of_the_built_network(name: str) -> None:
    try:
        assert facts(name) == APPLICATIONS[name]
    finally:
        keras.utils.clear_session()
