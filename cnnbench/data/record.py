"""Which images a run uses for what, as the plain values that `split.json` holds, and taken from them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np

from cnnbench.catalogue.sources import sources
from cnnbench.data.content import DIGITS, Content
from cnnbench.data.types import Dataset, Labels, PartName, Rows, Split, Splits, Weights

IMAGES = "images: "  # begins what the source itself has to tell
NO_RECORD = "split.json is gone: the images are drawn again from the data as it is now"


@dataclass(frozen=True)
class RecordedSplit:
    """The images of one split in order; `content` is None, and `labels` may be, in what older versions wrote."""

    part: PartName | None
    rows: Rows
    names: Sequence[str]
    labels: Labels | None
    content: Content | None
    weights: Weights | None = None


@dataclass(frozen=True)
class Record:
    """What `split.json` holds of a run.

    `found` is how many images the data had and `size` the [height, width] that they were brought to, None where it does
    not say.
    """

    run: Path
    source: str
    class_names: Sequence[str]
    splits: Mapping[str, RecordedSplit]
    found: int | None
    size: tuple[int, int] | None
    seeds: Mapping[str, int]
    skipped: Sequence[str]
    notes: Sequence[str] = ()

    @property
    def is_checked(self) -> bool:
        """Whether it holds checksums: versions before there were any wrote names or row numbers alone."""
        return all(split.content is not None for split in self.splits.values())


def split_record(dataset: Dataset) -> dict[str, Any]:
    """Return what `split.json` holds: of every split its images, how many of each class, and what drew them.

    Images are named by `rows`, row numbers of a part of the source written as ranges with both ends, "0-3,7,9-12"
    (`parse_rows` reads them), and by `files` where they are files. `labels` are class numbers in the same order,
    `weights` what the images weigh in the loss where they do not weigh alike.
    """
    splits = Splits(dataset.train, dataset.validation, dataset.test).present
    return {
        "source": dataset.source,
        "seeds": dict(dataset.seeds),
        "class_names": list(dataset.class_names),
        "found": dataset.found,
        "input_shape": list(dataset.input_shape),
        **{
            name: _describe(splits[name], dataset.class_names, dataset.contents.get(name)) if name in splits else None
            for name in Splits._fields
        },
        "skipped": list(dataset.skipped),
        "notes": [note for note in dataset.notes if note.startswith(IMAGES)],
    }


def record_of(found: Mapping[str, Any], run: Path) -> Record:
    """Return what `split_record` made of a run's data; raises KeyError, TypeError, ValueError, AttributeError."""
    are_files = sources()[found["source"]].image_files
    present = {name: found[name] for name in Splits._fields if found[name] is not None}
    shape = found.get("input_shape")
    return Record(
        run,
        str(found["source"]),
        tuple(found.get("class_names") or found["train"]["per_class"]),
        {name: _recorded(split, are_files) for name, split in present.items()},
        None if found.get("found") is None else int(found["found"]),
        None if shape is None else (int(shape[0]), int(shape[1])),
        dict(found.get("seeds") or {}),
        list(found.get("skipped") or ()),
        list(found.get("notes") or ()),
    )


def parse_rows(text: str) -> Rows:
    """Return the row numbers that `split_record` wrote as ranges."""
    ends = [part.partition("-") for part in text.split(",") if part]
    return np.concatenate([np.zeros(0, np.int64), *(np.arange(int(a), int(b or a) + 1) for a, _, b in ends)])


def _describe(split: Split, class_names: Sequence[str], content: Content | None) -> dict[str, Any]:
    counts = np.bincount(split.labels, minlength=len(class_names))
    return {
        "images": len(split),
        "per_class": dict(zip(class_names, counts.tolist(), strict=True)),
        "part": split.part,
        "rows": _ranges(split.rows),
        **({"files": list(split.names)} if split.names else {}),
        "labels": " ".join(map(str, split.labels.tolist())),
        **({} if split.weights is None else {"weights": split.weights.tolist()}),
        **({"content": {**content.fingerprint, "checksums": "".join(content.checksums)}} if content else {}),
    }


def _ranges(rows: Rows) -> str:
    breaks = np.flatnonzero(np.diff(rows) != 1) + 1
    runs = (run for run in np.split(rows, breaks) if len(run))
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _recorded(split: Mapping[str, Any], are_files: bool) -> RecordedSplit:
    names = list(split["files"]) if are_files else []
    rows = np.arange(len(names)) if are_files and "rows" not in split else parse_rows(split["rows"])
    part = split.get("part")
    told = {len(rows), split["images"], *([len(names)] if names else [])}
    if len(told) > 1 or part not in (None, *get_args(PartName)):
        raise ValueError(f"{' or '.join(map(str, sorted(told)))} images of part {part}")
    labels, content = _labels(split, names), _content(split, len(rows))
    return RecordedSplit(cast("PartName | None", part), rows, names, labels, content, _weights(split))


def _labels(split: Mapping[str, Any], names: Sequence[str]) -> Labels | None:
    """Return the class of each image; files have always been listed class by class."""
    if "labels" in split:
        labels = np.array(split["labels"].split(), np.int64)
    elif names:
        labels = np.repeat(np.arange(len(split["per_class"])), list(split["per_class"].values()))
    else:
        return None
    if len(labels) != split["images"]:
        raise ValueError(f"{len(labels)} labels for {split['images']} images")
    return labels


def _weights(split: Mapping[str, Any]) -> Weights | None:
    if "weights" not in split:
        return None
    weights = np.array(split["weights"], np.float64)
    if weights.shape != (split["images"],):
        raise ValueError(f"{len(weights)} weights for {split['images']} images")
    return weights


def _content(split: Mapping[str, Any], images: int) -> Content | None:
    if "content" not in split:
        return None
    told = split["content"]
    checksums = [told["checksums"][i : i + DIGITS] for i in range(0, DIGITS * images, DIGITS)]
    return Content(told["sha256"], told["of"], checksums)
