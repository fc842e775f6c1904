"""What every section of a configuration is made of: the base of all, and types that several of them share."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

Fraction = Annotated[float, Field(ge=0, lt=1)]
NotNegative = Annotated[float, Field(ge=0)]
AboveZero = Annotated[float, Field(gt=0)]
Between = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[int, Field(ge=1)]
Listed = Field(strict=False)  # a tuple is a list in YAML
Monitor = Literal["val_loss", "val_accuracy", "loss", "accuracy"]
BY_NAME: JsonDict = {"expected": "a name or a mapping with name"}


class Section(BaseModel):
    """A mapping of the file: unknown keys are mistakes and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Choice(Section):
    """One of several things by its name, with arguments of its own, all of which have defaults.

    Its first line is what `cnnbench list` says of it.
    """

    name: str

    @model_validator(mode="before")
    @classmethod
    def _null_is_the_default(cls, data: Any) -> Any:
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data

    @property
    def arguments(self) -> dict[str, Any]:
        """Everything but its name."""
        return {key: value for key, value in self if key != "name"}

    def told(self) -> dict[str, Any]:
        """Return its name and the arguments that are not their defaults, as JSON has them."""
        return {"name": self.name, **self.model_dump(mode="json", exclude_defaults=True)}

    @classmethod
    def called(cls) -> str:
        """Return the name that chooses it."""
        (name,) = cls.model_fields["name"].annotation.__args__  # type: ignore[union-attr]  # a Literal of one word
        return str(name)

    @classmethod
    def about(cls) -> str:
        """Return its line for `cnnbench list`."""
        line = (cls.__doc__ or "").partition("\n")[0].removesuffix(".")
        return line[:1].lower() + line[1:]


def by_name(default: str | None = None) -> BeforeValidator:
    """Let `optimizer: Adam` stand for `optimizer: {name: Adam}`, and `{}` for the default name where there is one."""

    def written_out(value: Any) -> Any:
        if isinstance(value, str):
            return {"name": value}
        return {"name": default, **value} if isinstance(value, dict) and default else value

    return BeforeValidator(written_out)
