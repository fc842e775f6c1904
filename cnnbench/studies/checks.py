"""What can be checked of a source by arithmetic, as keys of a study file; `arithmetic.py` does the reckoning."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cnnbench.config.section import AboveZero, Positive, Section

Number = Annotated[int | float, Field(json_schema_extra={"expected": "a number"})]
Decimals = Annotated[int, Field(ge=0, le=10)]


class Check(Section):
    """Numbers of one place in the source; `rows` are those that show them."""

    name: str
    at: str = Field(description="where they stand")
    rows: list[str] = Field(default=[], description="rows whose numbers these are")


class Counts(Check):
    """Parts that make up a whole."""

    name: Literal["counts"]
    parts: Annotated[dict[str, Number], Field(min_length=1)]
    total: Number
    step: AboveZero = Field(default=1, description="one in the last printed digit of the total")


class Share(Check):
    """A share that is printed beside its count."""

    name: Literal["share"]
    part: Number
    of: AboveZero
    printed: Number = Field(description="as a share of 1")
    step: AboveZero = Field(description="one in its last printed digit")


class Product(Check):
    """A number that is a product of others: connections, weights."""

    name: Literal["product"]
    factors: Annotated[list[Number], Field(min_length=2)]
    printed: Number
    step: AboveZero = 1


class Times(Check):
    """A total of times against the time of some images; seconds."""

    name: Literal["times"]
    seconds: AboveZero = Field(description="that `per` images take")
    seconds_step: AboveZero = Field(description="one in the last printed digit of `seconds`, in seconds")
    per: Positive
    images: Positive = Field(description="images in all")
    total: AboveZero = Field(description="seconds that all images are said to take")
    total_step: AboveZero = Field(description="one in the last printed digit of `total`, in seconds")


class Matrix(Check):
    """A confusion matrix in per cent of each true class."""

    name: Literal["matrix"]
    cells: list[list[Number | None]] = Field(default=[], description="a row per true class; null is illegible")
    diagonal: list[Number | None] = Field(default=[], description="where no more than the diagonal is known")
    accuracy: Number | None = Field(default=None, description="a share of 1, where the source gives it")
    decimals: Decimals = Field(default=0, description="printed digits of each cell")
    accuracy_decimals: Decimals = 2


class Scores(Check):
    """Accuracy, precision, recall and F1 (macro) that no row has; those of rows are checked without being asked."""

    name: Literal["scores"]
    accuracy: Number | None = None
    precision: Number | None = None
    recall: Number | None = None
    f1: Number | None = None
    decimals: Decimals = 3


class Order(Check):
    """Numbers that are said to rise, or to fall."""

    name: Literal["order"]
    values: Annotated[list[Number], Field(min_length=2)]
    says: Literal["rising", "falling"]


class LayerSays(Section):
    """A layer as the source prints it; null is not said."""

    kind: Literal["convolution", "pooling", "dense", "same"] = Field(
        description="same: any layer that keeps the size, such as batch normalisation"
    )
    kernel: Positive | None = None
    stride: Positive = 1
    padding: Annotated[int, Field(ge=0)] | Literal["same", "valid"] = "valid"
    inputs: Positive | None = Field(default=None, description="channels or units that come in; null: from before")
    units: Positive | None = Field(default=None, description="channels or units that go out")
    size: Positive | None = Field(default=None, description="height and width that the source prints behind it")
    parameters: Annotated[int, Field(ge=0)] | None = Field(default=None, description="that the source prints")
    also: list[Positive] = Field(default=[], description="other right numbers, as with a table of connections")
    label: str | None = Field(default=None, description="what it is called in messages")


class Layers(Check):
    """Sizes and parameters of layers, each of which follows from those before."""

    name: Literal["layers"]
    size: Positive | None = Field(default=None, description="height and width of the image, or of the map before them")
    channels: Positive | None = None
    layers: Annotated[list[LayerSays], Field(min_length=1)]
    total: Positive | None = Field(default=None, description="parameters in all, as printed")


AnyCheck = Annotated[Counts | Share | Product | Times | Matrix | Scores | Order | Layers, Field(discriminator="name")]
