"""A user's own image files, listed in a table: a line for each with its path and its label."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

from cnnbench.catalogue.sources import Own, Source, key
from cnnbench.data.tables import read_table
from cnnbench.errors import DataError, did_you_mean, shortened

if TYPE_CHECKING:
    from pydantic import Field

    from cnnbench.config.schema import Data
    from cnnbench.data.types import Given, Listed

SHOWN = 10  # mistakes of a table told one by one
NAMES = {  # of columns, in lower case, where the configuration names none
    "path": ("path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path"),
    "label": ("label", "class", "target", "category"),
    "split": ("split", "subset", "set", "partition"),
    "weight": (),  # it may as well be that of an animal
}
WEIGHTS = ("weight", "sample_weight")  # columns that are told not to be used


@dataclass(frozen=True)
class Options:
    """Columns of the `image_table` source; null finds path, label and split by their usual names."""

    path: Annotated[str, Field(min_length=1)] | None = key(None, "column of the images' paths, relative to the table")
    label: Annotated[str, Field(min_length=1)] | None = key(None, "column of the classes")
    split: Annotated[str, Field(min_length=1)] | None = key(None, "column that says train, val or test")
    weight: Annotated[str, Field(min_length=1)] | None = key(None, "column of what images weigh in the training loss")


SOURCE = Source(
    "your own: a CSV, TSV or Parquet file with columns path and label, optional split and weight",
    own=Own("a .csv, .tsv or .parquet file", (".csv", ".tsv", ".parquet")),
    image_files=True,
    options=Options,
)


@dataclass(frozen=True)
class Row:
    """An image: where it stands in the table, its file relative to the table's folder, and what is said of it."""

    where: str
    file: str
    real: str
    label: str
    split: str
    weight: float


class _Wrong(Exception):
    """What is wrong with a row."""


def load(data: Data, place: Path) -> Given:
    """Return the images that the table names.

    Raises DataError with a line for each row that is wrong, for files that are missing or bad unless they are skipped,
    and for a split without classes.
    """
    import numpy as np

    from cnnbench.data.files import refuse
    from cnnbench.data.names import Names
    from cnnbench.data.parts import parts_of, without_bad
    from cnnbench.data.types import Given

    rows, notes = _read(place, data.options)
    skip = data.on_bad_image == "skip"
    skipped: list[str] = []
    if not skip:
        refuse([f"{place}: {row.where}: no such file: {row.file}" for row in rows if not Path(row.real).is_file()])
    classes = _in_order(place, {row.label for row in rows})
    numbers = {name: k for k, name in enumerate(classes)}
    found = {}
    for split in dict.fromkeys(["train", *(row.split for row in rows)]):
        those = [row for row in rows if row.split == split]
        labels = np.array([numbers[row.label] for row in those], np.int64)
        weights = None if data.options.weight is None else np.array([row.weight for row in those])
        found[split] = (Names.of(row.file for row in those), labels, weights)
    parts = parts_of(place.parent, found, data)
    if skip:
        parts, skipped = without_bad(parts)
    for split, part in parts.items():
        _check_classes(place, split, {classes[k] for k in part.labels}, classes)
    told = (f"{place}", *notes)
    return Given(classes, parts["train"], parts.get("val"), parts.get("test"), notes=told, skipped=skipped)


def find(data: Data, place: Path) -> Listed:
    """Return the files that the table names now, and their classes."""
    from cnnbench.data.names import Names
    from cnnbench.data.types import Listed

    rows, _ = _read(place, data.options)
    return Listed(place.parent, Names.of(row.file for row in rows), {row.file: row.label for row in rows})


def _read(place: Path, options: Options) -> tuple[list[Row], list[str]]:
    """Return the rows of a table, and what is worth telling of its columns; raises DataError for wrong ones."""
    table = read_table(place)
    columns = _columns(place, table.header, options)
    rows: list[Row] = []
    problems: list[str] = []
    first: dict[str, str] = {}
    inside = _Folder(place.parent)
    for where, cells in table.rows:
        try:
            if len(cells) != len(table.header):
                raise _Wrong(f"{len(cells)} cells, but the header has {len(table.header)}")
            row = _row(inside, where, {use: _cell(cells[at]) for use, at in columns.items()})
            if (before := first.setdefault(row.real, where)) != where:
                raise _Wrong(f"the same file as in {before}: {row.file}")
            rows.append(row)
        except _Wrong as e:
            problems.append(f"{place}: {where}: {e}")
    if problems or not rows:
        more = [f"... and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
        raise DataError(*(problems[:SHOWN] or [f"{place}: a table without rows"]), *more)
    return rows, _told(table.header, columns)


def _row(inside: _Folder, where: str, cells: Mapping[str, str]) -> Row:
    file, real = inside.file(cells["path"])
    if not cells["label"]:
        raise _Wrong("no label")
    return Row(where, file, real, cells["label"], _split(cells), _weight(cells))


class _Folder:
    """The folder of a table, which no path of it may leave."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._real = cache(os.path.realpath)  # a hundred thousand files lie in a few folders

    def file(self, path: str) -> tuple[str, str]:
        """Return a path as it is written everywhere, and where it leads when links are followed."""
        path = path if "/" in path else path.replace("\\", "/")  # as tables from Windows have it
        if not path or "\0" in path:
            raise _Wrong("path holds a zero byte" if path else "no path")
        file = PurePosixPath(path)
        if file.is_absolute() or re.match("[A-Za-z]:", path):
            allowed = "allowed are paths relative to the table, inside its folder"
            raise _Wrong(f"path {shortened(path)} is absolute; {allowed}")
        real = Path(self._real(self._folder / file.parent)) / file.name
        real = Path(os.path.realpath(real)) if real.is_symlink() else real
        if ".." in file.parts or not real.is_relative_to(self._real(self._folder)):
            raise _Wrong(f"path {shortened(path)} leaves the folder of the table")
        return str(file), str(real)


def _split(cells: Mapping[str, str]) -> str:
    from cnnbench.data.layout import SPLITS, split_of

    if "split" not in cells:
        return "train"
    if (split := split_of(cells["split"])) is None:
        hint = did_you_mean(cells["split"], SPLITS)
        raise _Wrong(f"split {shortened(repr(cells['split']))}; allowed are train, val and test{hint}")
    return split


def _weight(cells: Mapping[str, str]) -> float:
    try:
        weight = float(cells.get("weight", 1))
    except ValueError:
        weight = math.nan
    if not 0 <= weight < math.inf:
        raise _Wrong(f"weight {shortened(repr(cells['weight']))}; allowed are numbers from 0")
    return weight


def _cell(value: Any) -> str:
    """Return a value as text: nothing for null, whole numbers without a point, words for true and false."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | dict | tuple | bytes):
        raise _Wrong(f"holds {shortened(repr(value))}, which is no text, number or truth value")
    return str(value).strip()


def _columns(place: Path, header: Sequence[str], options: Options) -> dict[str, int]:
    """Return the place of each column that is used, by its use; raises DataError where that is not clear."""
    columns = {use: _column(place, header, use, named) for use, named in vars(options).items()}
    for use in ("path", "label"):
        if columns[use] is None:
            raise DataError(
                f"{place}: no column for the {use}, such as {', '.join(NAMES[use])}; "
                f"data.image_table.{use} names one of {shortened(', '.join(header))}"
            )
    found = {use: at for use, at in columns.items() if at is not None}
    for use, at in found.items():
        twin = next((other for other in found if other < use and found[other] == at), None)
        if twin:
            raise DataError(f"{place}: column {header[at]} cannot be both {twin} and {use} (data.image_table)")
    return found


def _column(place: Path, header: Sequence[str], use: str, named: str | None) -> int | None:
    wanted = NAMES[use] if named is None else (named,)
    at = [i for i, name in enumerate(header) if (name.lower() if named is None else name) in wanted]
    if named and not at:
        known = f"there are {shortened(', '.join(header))}{did_you_mean(named, header)}"
        raise DataError(f"{place}: no column {named} (data.image_table.{use}); {known}")
    if len(at) > 1:
        names = " and ".join(header[i] for i in at)
        raise DataError(f"{place}: columns {names} could each be the {use}; data.image_table.{use} says which")
    return at[0] if at else None


def _told(header: Sequence[str], columns: Mapping[str, int]) -> list[str]:
    """Return which columns are used, and which may have been meant to be."""
    idle = [name for name in header if name.lower() in WEIGHTS and "weight" not in columns]
    hint = [f"column {name} is not used; data.image_table.weight: {name} makes it weights" for name in idle]
    return ["; ".join(f"{use} in column {header[at]}" for use, at in columns.items()), *hint]


def _in_order(place: Path, labels: set[str]) -> tuple[str, ...]:
    """Return the classes: numbers by their value, text as people sort it (`b2` before `b10`)."""
    try:
        values = {label: float(label) for label in labels}
    except ValueError:
        return tuple(sorted(labels, key=_natural))
    by_value: dict[float, str] = {}
    for label in sorted(labels):
        if not values[label].is_integer():
            raise DataError(f"{place}: label {label} is no whole number, as labels that are numbers have to be")
        if (twin := by_value.setdefault(values[label], label)) != label:
            raise DataError(f"{place}: labels {twin} and {label} are the same number, written in two ways")
    return tuple(by_value[value] for value in sorted(by_value))


def _natural(text: str) -> tuple[list[tuple[bool, int, str]], str]:
    parts = re.findall(r"\d+|\D+", text.casefold())
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts], text


def _check_classes(place: Path, split: str, present: set[str], classes: Sequence[str]) -> None:
    if len(present) < 2:
        found = f"only class {min(present)!r}" if present else "no image"
        raise DataError(f"{place}: {split}: {found}; there must be at least 2 classes")
    if split == "train" and (missing := [name for name in classes if name not in present]):
        raise DataError(f"{place}: train: no image of class {missing[0]!r}")
