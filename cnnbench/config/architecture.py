"""Architecture files: a network as data, with the image size it was published for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from cnnbench.catalogue.values import LONGEST_PATH, KeyPath, found, shortened
from cnnbench.config.document import Document, Mark
from cnnbench.config.loader import missing, read_document
from cnnbench.config.published import Published
from cnnbench.config.section import Listed, Positive, Section
from cnnbench.config.shipped import architecture_names, is_path, shipped
from cnnbench.config.validation import validate
from cnnbench.errors import ConfigError, did_you_mean


class ArchitectureFile(Section):
    """A network of its own, to be named by experiments."""

    description: str | None = Field(default=None, description="what the network is, in one line")
    source: str | None = Field(default=None, description="where it was published")
    input: Annotated[tuple[Positive, Positive, Literal[1, 3]], Listed] | None = Field(
        default=None, description="[height, width, channels] it was published for"
    )
    classes: Annotated[int, Field(ge=2)] | None = Field(default=None, description="classes it was published for")
    parameters: dict[str, Any] | None = Field(
        default=None, description="what $name in `layers` stands for, unless an experiment says otherwise"
    )
    blocks: dict[str, Any] | None = Field(default=None, description="named blocks with parameters")
    layers: list[Any] = Field(description="the layers in order")
    weights: list[Published] | None = Field(
        default=None, description="weights trained on ImageNet, the preferred first"
    )


@dataclass(frozen=True)
class Architecture:
    """A network as data; `input` (H, W, C) and `classes` are the published ones, None where the file has none.

    `marks` maps key paths such as ("layers", 3, "Conv2D") to file and line.
    """

    name: str
    description: str | None
    source: str | None
    input: tuple[int, int, int] | None
    classes: int | None
    parameters: dict[str, Any] | None
    blocks: dict[str, Any] | None
    layers: list[Any]
    weights: list[Published] | None
    marks: Mapping[KeyPath, Mark]


def load_architecture(name_or_path: str | Path, folder: Path | None = None) -> Architecture:
    """Return a shipped architecture by name, or the one in a YAML file, relative to `folder`.

    Layers are not expanded here. Raises ConfigError, one line per mistake, with the closest name.
    """
    return read_architecture(find_architecture(name_or_path, folder))


def find_architecture(name_or_path: str | Path, folder: Path | None = None) -> Path:
    """Return the file of an architecture; raises ConfigError where there is none."""
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or is_path(text):
        path = (folder or Path()) / Path(text).expanduser()
        if message := missing(path):
            raise ConfigError(f"{shortened(str(path), LONGEST_PATH)}: {message}")
        return path
    known = architecture_names()
    if text in known:
        return shipped("architectures", text)
    hint = did_you_mean(text, known) or f"; shipped are {', '.join(known) or 'none'}"
    raise ConfigError(f"{found(text)} is neither a shipped architecture nor the path of a .yaml file{hint}")


def read_architecture(path: Path) -> Architecture:
    """Return the architecture in a file; raises ConfigError with a line per mistake."""
    return from_document(read_document(path), path.stem)


def from_document(document: Document, name: str) -> Architecture:
    """Return the architecture that a document holds; raises ConfigError."""
    file, mistakes = validate(ArchitectureFile, document.data)
    problems = [line for _, line in document.problems] + [document.problem(p, m) for p, m in mistakes]
    if file is None or problems:
        raise ConfigError(*problems)
    own = {key: getattr(file, key) for key in ArchitectureFile.model_fields}
    return Architecture(name=name, **own, marks=document.marks)
