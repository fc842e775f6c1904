"""The keys of a study file as frozen pydantic models: rows, the numbers published for them, and claims between rows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from cnnbench.config.schema import LARGEST_SEED, Config
from cnnbench.config.section import AboveZero, NotNegative, Positive, Section
from cnnbench.studies.checks import AnyCheck, Number

_NAME = Config.model_fields["name"]
_PATHS = Field(max_length=100, json_schema_extra={"expected": "a mapping of at most 100 dotted paths"})
Split = Literal["test", "validation", "train"]
Key = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$", json_schema_extra={"expected": "small letters, digits, . _ and -"}),
]
Values = Annotated[dict[str, Any], _PATHS]
Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
Seeds = Annotated[int, Field(ge=1, le=100)] | Annotated[list[Seed], Field(min_length=1, max_length=100)]


class Value(Section):
    """What was published of one measure: a number, or a bound where the words give no more."""

    is_: Number | None = Field(default=None, alias="is", description="the number as printed")
    step: AboveZero | None = Field(
        default=None, description="one in its last printed digit, as 100000 of 61.0 million; default: `decimals`"
    )
    over: Number | None = Field(default=None, description="in words: more than this")
    under: Number | None = Field(default=None, description="in words: less than this, or at most")


OneValue = Annotated[Value, BeforeValidator(lambda value: {"is": value} if isinstance(value, int | float) else value)]


class Published(Section):
    """Numbers that stand together in one place of the source."""

    at: str = Field(description="where they stand: table 1, page 7")
    split: Split = Field(default="test", description="which images they were measured on")
    decimals: Annotated[int, Field(ge=0, le=10)] | None = Field(
        default=None, description="digits after the point, as printed: .870 has 3; null: as many as the number shows"
    )
    values: dict[str, OneValue] = Field(default={}, description="measure: number, a share of 1 where it is a share")
    says: str | None = Field(default=None, description="what is said in words or shown in a figure alone")


class Elsewhere(Section):
    """Numbers that another program measured, as a benchmark of another framework."""

    command: str = Field(description="what measured them")
    data: str = Field(description="what they were measured on")
    runs: Annotated[dict[str, list[Number]], Field(min_length=1)] = Field(description="measure: a number of each run")


class Row(Section):
    """One thing that was published: how it is run here, and the numbers that stand for it there."""

    key: Key = Field(description="what claims and --only call it")
    title: str
    config: str | dict[str, Any] | None = Field(
        default=None, description="a shipped experiment or sweep, a file, or a configuration in place"
    )
    trial: Values = Field(default={}, description="of a sweep: path: value of the trial that is meant")
    overrides: Values = Field(default={}, description="path: value, laid over the configuration")
    seeds: Seeds = Field(default=3, description="how many runs, from the configuration's seed on, or a list of seeds")
    small: Values | Literal[False] | None = Field(
        default=None, description="path: value at --scale small in place of the study's; false leaves the row out there"
    )
    network: str | None = Field(default=None, description="an architecture that is counted and not trained")
    input: Annotated[list[Positive], Field(min_length=3, max_length=3)] | None = Field(
        default=None, description="network: [height, width, channels]; null: the architecture's own"
    )
    classes: Positive | None = Field(default=None, description="network: how many; null: the architecture's own")
    elsewhere: Elsewhere | None = Field(default=None, description="measured by another program")
    not_run: str | None = Field(default=None, description="why nothing is run: words alone, arithmetic alone")
    published: list[Published] = Field(default=[], description="numbers, by the places they stand in")
    deviations: list[str] = Field(default=[], description="how data and training differ from the source's")
    note: str | None = Field(default=None, description="why it differs")
    see: list[Key] = Field(default=[], description="rows and claims that support the note")


class Claim(Section):
    """Something that the source says of rows against each other."""

    key: Key
    says: str = Field(description="what the source says")
    at: str = Field(description="where it says so")
    measure: str = Field(default="accuracy", description="as in `published`")
    split: Split = "test"
    row: Key | None = Field(default=None, description="what is said to be higher, lower or the same ...")
    than: Key | None = Field(default=None, description="... than this one")
    rows: list[Key] = Field(default=[], description="in place of the two: rows in the order they rise or fall in")
    is_: Literal["higher", "lower", "same", "rising", "falling"] = Field(alias="is")
    by: NotNegative = Field(default=0.0, description="higher, lower: by at least so much; same: within so much")
    times: Annotated[float, Field(gt=1)] | None = Field(
        default=None, description="higher, lower: in place of `by`, at least so many times"
    )
    paired: bool | None = Field(default=None, description="run by run by seed; null: where both have the same seeds")
    note: str | None = None
    see: list[Key] = Field(default=[])

    @property
    def ordered(self) -> bool:
        """Whether it is about rows in order."""
        return self.is_ in ("rising", "falling")


class Tested(Section):
    """The images that the published numbers of the test split were measured on."""

    images: Positive
    classes: Annotated[int, Field(ge=2)]
    balanced: bool = Field(default=True, description="whether every class has as many")


class StudyFile(Section):
    """A published study: what it says, and how that is run again."""

    name: Annotated[str, _NAME] | None = Field(default=None, description="names its folder; default the file's")
    title: str
    citation: str = Field(description="author, title, year, where it was published")
    about: str | None = Field(default=None, description="what was done, and what the authors' code tells of it")
    tested: Tested | None = None
    f1: Literal["mean", "harmonic"] | None = Field(
        default=None, description="the formula that the source gives: mean of class F1, or 2PR/(P + R) of the means"
    )
    small: Values = Field(default={}, description="path: value, laid over every row at --scale small")
    rows: Annotated[list[Row], Field(min_length=1, max_length=500)]
    claims: list[Claim] = Field(default=[])
    arithmetic: list[AnyCheck] = Field(default=[], description="numbers that follow from others in the source")
