from __future__ import annotations

import math

import numpy as np
import pytest

from cnnbench.catalogue.activations import FORMULAS
from cnnbench.catalogue.objects import ACTIVATIONS
from cnnbench.model.activations import slope, valued

X = np.linspace(-7, 7, 57) + 0.1  # on no kink
WORDS = {
    **{name: getattr(math, name) for name in ("exp", "log", "sqrt", "tanh", "erf", "pi")},
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
}


def by_formula(text: str) -> np.ndarray:
    return np.array([eval(text, WORDS, {"x": float(x)}) for x in X])


def test_every_activation_has_its_formula() -> None:
    assert FORMULAS.keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("name", sorted(FORMULAS.keys() - {"sparsemax"}))
def test_formulas_are_those_of_keras(name: str) -> None:
    value, derivative = FORMULAS[name]
    np.testing.assert_allclose(valued(name, X), by_formula(value), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(slope(name, X), by_formula(derivative), rtol=1e-3, atol=1e-4)


def test_sparsemax_of_keras_is_wrong_where_both_values_count() -> None:
    """Once this fails, Keras has been mended, and the catalogue need no longer say that it sums to less."""
    found, right = valued("sparsemax", X), by_formula(FORMULAS["sparsemax"].value)
    wrong = (X > 0) & (X < 1)
    np.testing.assert_allclose(found[~wrong], right[~wrong], atol=1e-6)
    np.testing.assert_allclose(found[wrong], 0.5, atol=1e-6)
    assert (right[wrong] > 0.5).all()
