"""Any Keras optimizer with a factor of the learning rate and a mask of what may differ from zero for each variable."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from keras import ops  # noqa: TID253 - reached only once Keras is up


@cache
def layerwise(optimizer: type) -> Any:
    """Return a subclass of a Keras optimizer; `configure` says what it does differently, before it is built."""
    return type(f"Layerwise{optimizer.__name__}", (_Layerwise, optimizer), {})


class _Layerwise:
    """What a step of one variable becomes; the optimizer's own step is that of the class beside it.

    The factor goes into the learning rate of the step, and so into what Adam and its kind make of it too: scaling the
    gradient would change nothing there. Weight decay, which Keras multiplies by the learning rate, follows. Masks are
    variables of the optimizer, so that checkpoints hold them; they act after each step, before weights are averaged.
    """

    _factors_by_path: Mapping[str, float]
    _masked_paths: Collection[str]
    _held: Any = None  # what every question for the learning rate is answered with, if anything

    def configure(self, factors: Mapping[str, float], masked: Collection[str]) -> None:
        """Take factors, 1 where none is given, and what is masked, by paths of variables."""
        self._factors_by_path, self._masked_paths = factors, masked

    def build(self, variables: Any) -> None:
        """Keras' hook: make what is kept of each variable."""
        super().build(variables)  # type: ignore[misc]  # the optimizer's
        self._factors = [self._factors_by_path.get(variable.path, 1.0) for variable in variables]
        self._masks = [self._mask_of(variable) for variable in variables]

    def _mask_of(self, variable: Any) -> Any:
        if variable.path not in self._masked_paths:
            return None
        return self.add_variable_from_reference(variable, name="mask", initializer="ones")  # type: ignore[attr-defined]

    def mask(self, variable: Any) -> Any:
        """Return the mask of a variable, ones and zeros of its shape, or None."""
        return self._masks[self._get_variable_index(variable)]  # type: ignore[attr-defined]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Keras' hook: change one variable."""
        factor = self._factors[self._get_variable_index(variable)]  # type: ignore[attr-defined]
        super().update_step(gradient, variable, learning_rate * factor)  # type: ignore[misc]
        if (mask := self.mask(variable)) is not None:
            self.assign(variable, ops.multiply(variable, mask))  # type: ignore[attr-defined]

    def _apply_weight_decay(self, variables: Any) -> None:
        """Keras' hook: decay the variables of each factor by themselves."""
        rate = super()._get_current_learning_rate()  # type: ignore[misc]
        factors = [self._factors[self._get_variable_index(v)] for v in variables]  # type: ignore[attr-defined]
        for factor in dict.fromkeys(factors):
            self._held = rate if factor == 1.0 else rate * factor
            alike = [variable for variable, own in zip(variables, factors, strict=True) if own == factor]
            super()._apply_weight_decay(alike)  # type: ignore[misc]
        self._held = None

    def _get_current_learning_rate(self) -> Any:
        """Keras' hook: what the rate is now."""
        return super()._get_current_learning_rate() if self._held is None else self._held  # type: ignore[misc]


def factors_of(model: Any, by_pattern: Mapping[str, float]) -> dict[str, float]:
    """Return the factor of each variable that learns, by its path; of several patterns the last that matches counts."""
    return {
        variable.path: factor
        for pattern, factor in by_pattern.items()
        for layer in model.layers
        if fnmatchcase(layer.name, pattern)
        for variable in layer.trainable_variables
    }
