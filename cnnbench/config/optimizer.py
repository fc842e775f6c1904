"""The optimizer of a configuration: Keras' by its name, with every argument that acts written out."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, model_validator

from cnnbench.catalogue.signatures import OPTIMIZERS
from cnnbench.catalogue.values import Fragment
from cnnbench.config.section import BY_NAME, Section


class Optimizer(Section):
    """A Keras optimizer by name with Keras' arguments."""

    model_config = ConfigDict(extra="allow", json_schema_extra=BY_NAME)
    name: str = "Adam"

    @model_validator(mode="before")
    @classmethod
    def _in_full(cls, data: Any) -> Any:
        """Add Keras' defaults, and make floats of whole numbers where Keras wants them: `momentum: 0` is 0.0.

        A null that Keras has as its default too says nothing and is left out.
        """
        name = data.get("name", "Adam") if isinstance(data, dict) else None
        known = OPTIMIZERS.get(name) if isinstance(name, str) else None
        if known is None:
            return data
        full = {"name": name, **{key: argument.default for key, argument in known.items()}, **data}
        numbers = {key for key, argument in known.items() if _is_number(argument.fragment)}
        floats = {key: float(value) for key, value in full.items() if type(value) is int and key in numbers}
        silent = {key for key, argument in known.items() if full[key] is None and argument.default is None}
        return {key: value for key, value in {**full, **floats}.items() if key not in silent}

    @property
    def arguments(self) -> dict[str, Any]:
        """Every argument that acts."""
        return dict(self.model_extra or {})

    def told(self) -> dict[str, Any]:
        """Return its name and the arguments that are not Keras' defaults."""
        usual = Optimizer(name=self.name).arguments
        return {"name": self.name, **{k: v for k, v in self.arguments.items() if k not in usual or usual[k] != v}}


def _is_number(fragment: Fragment) -> bool:
    return fragment.get("type") == "number" or any(map(_is_number, fragment.get("anyOf", ())))
