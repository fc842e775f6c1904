"""The data of a run as the run recorded it: the same images in the same splits, held against what is there now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

import numpy as np

from cnnbench.catalogue.sources import sources
from cnnbench.config.schema import Data
from cnnbench.data.content import Content, content_of
from cnnbench.data.files import ImageFolder, settled
from cnnbench.data.parts import as_text
from cnnbench.data.prepare import target
from cnnbench.data.reading import find_files
from cnnbench.data.record import IMAGES, Record, RecordedSplit
from cnnbench.data.types import Drawn, Given, Labels, Listed, Part, PartName, Split, Splits
from cnnbench.errors import ConfigError, MissingData

SHOWN = 3  # differences that are told one by one
UNCHECKED = "split.json holds no checksums, as those of older versions: whether these are the same images is not known"


def follow(record: Record, data: Data, read: Callable[[Data], Given]) -> Drawn:
    """Return the images that a run recorded, in its splits, with its labels and classes.

    What has been added since is left out and counted in `changes`. Raises DataError with the first differences where
    an image is missing, changed or in another place; `read` returns the source where it is no folder.
    """
    if record.source != data.source:
        raise ConfigError(f"{record.run}: data.source is {data.source}, but split.json is of {record.source}")
    each_a_file = sources()[data.source].image_files
    drawn = _from_files(record, data) if each_a_file else _from_arrays(record, read(data))
    splits = drawn.splits.present
    contents: dict[str, Content] = {}
    differences = _other_names(record.class_names, drawn.class_names)
    for name, recorded in record.splits.items():
        present = splits[name].rows < len(splits[name].store)
        like = recorded.content.of if recorded.content else None
        contents[name] = content_of(splits[name].pick(np.flatnonzero(present)), like)
        now = np.full(len(present), "", object)
        now[present] = contents[name].checksums
        differences += _differences(name, splits[name], recorded, now.tolist())
    if differences:
        raise MissingData(*_told(record, differences))
    return replace(drawn, class_names=record.class_names, contents=contents, changes=_changes(record, drawn.found))


def _from_files(record: Record, data: Data) -> Drawn:
    """Return the recorded files, also those that are gone; rows are numbered as they were."""
    found = find_files(data)
    root, spelled = found.root, {text: file for file in found.files if (text := as_text(file)) != file}
    files: dict[PartName, list[str]] = {}
    for name, split in record.splits.items():
        listed = files.setdefault(_part(name, split), [])
        listed += [""] * (int(split.rows.max(initial=-1)) + 1 - len(listed))
        for row, file in zip(split.rows, split.names, strict=True):
            listed[row] = spelled.get(file, file)
    present = [file for listed in files.values() for file in listed if file]
    wanted = settled(root, present, target(data, 3), record.size)
    stores = {part: ImageFolder(root, listed, wanted) for part, listed in files.items()}
    splits = {}
    for name, split in record.splits.items():
        part, labels = _part(name, split), _labels_now(record, split, found)
        splits[name] = Split(stores[part], split.rows, labels, split.names, part, split.weights)
    where = Path(data.path or "").expanduser()  # it may have moved, its layout is as it was
    notes = (f"{IMAGES}{where}", *record.notes[1:])
    return Drawn(
        record.class_names, _as_splits(splits), {}, len(found.files), record.seeds, notes, skipped=record.skipped
    )


def _labels_now(record: Record, split: RecordedSplit, found: Listed) -> Labels:
    """Return the class that each file has now, the recorded one where the file is gone, -1 for one that is new."""
    assert split.labels is not None  # of files they are always known
    if found.classes is None:
        return split.labels
    numbers = {name: k for k, name in enumerate(record.class_names)}
    then = [record.class_names[label] for label in split.labels]
    now = [found.classes.get(name, was) for name, was in zip(split.names, then, strict=True)]
    return np.array([numbers.get(name, -1) for name in now], np.int64)


def _from_arrays(record: Record, source: Given) -> Drawn:
    """Return the recorded rows, also those that the source does not reach any more, with the labels they have now."""
    splits = {}
    for name, recorded in record.splits.items():
        part = _part_of(source, name, recorded, record)
        present = recorded.rows < len(part.labels)
        labels = np.full(len(recorded.rows), -1)
        labels[present] = part.labels[recorded.rows[present]]
        splits[name] = Split(part.store, recorded.rows, labels, part=_part(name, recorded))
    found = sum(len(part.labels) for part in source.parts.values())
    notes = [f"{IMAGES}{note}" for note in source.notes]
    return Drawn(source.class_names, _as_splits(splits), {}, found, record.seeds, notes, skipped=record.skipped)


def _part_of(source: Given, name: str, recorded: RecordedSplit, record: Record) -> Part:
    """Return the part that a split's rows are counted in; where that was not recorded, its own if there is one."""
    parts = source.parts
    if recorded.part is None:
        return parts.get(_part(name, recorded), source.train)
    if recorded.part not in parts:
        raise MissingData(
            *_told(record, [f"{name}: missing: the data has no {recorded.part} images of its own any more"])
        )
    return parts[recorded.part]


def _part(name: str, recorded: RecordedSplit) -> PartName:
    own: dict[str, PartName] = {"train": "train", "validation": "validation", "test": "test"}
    return recorded.part or own[name]


def _as_splits(splits: dict[str, Split]) -> Splits:
    return Splits(splits["train"], splits.get("validation"), splits["test"])


def _other_names(recorded: Sequence[str], now: Sequence[str]) -> list[str]:
    """Return the classes that are called otherwise now; ones that came after them are an addition."""
    pairs = zip_longest(recorded, now[: len(recorded)], fillvalue="not there")
    return [f"class {k}: {new}, was {old}" for k, (old, new) in enumerate(pairs) if old != new]


def _differences(name: str, split: Split, recorded: RecordedSplit, now: Sequence[str]) -> list[str]:
    """Return a line for every image of a split that is not as it was."""
    then = recorded.content.checksums if recorded.content else [None] * len(now)
    labels = split.labels if recorded.labels is None else recorded.labels
    moved = recorded.content is not None and Counter(then) == Counter(now)
    lines = []
    for i, (old, new) in enumerate(zip(then, now, strict=True)):
        if not new:
            lines.append(f"{_name(name, split, i)}: missing")
        elif split.labels[i] != labels[i]:
            lines.append(f"{_name(name, split, i)}: of class {split.labels[i]}, was {labels[i]}")
        elif old not in (None, new):
            lines.append(f"{_name(name, split, i)}: {'another image of the same split' if moved else 'changed'}")
    return lines


def _name(name: str, split: Split, position: int) -> str:
    if isinstance(split.store, ImageFolder):
        return str(split.store.root / split.store.files[split.rows[position]])
    return f"{name}: row {split.rows[position]} of the {split.part} images"


def _told(record: Record, differences: Sequence[str]) -> Iterator[str]:
    count = f"{len(differences)} difference{'s' if len(differences) > 1 else ''}"
    yield f"{record.run}: its data is not as split.json has it: {count}"
    yield from differences[:SHOWN]
    if len(differences) > SHOWN:
        yield f"... and {len(differences) - SHOWN} more"


def _changes(record: Record, found: int) -> list[str]:
    added = 0 if record.found is None else max(0, found - record.found)
    noted = [f"{added} image(s) added to the data since the run began are not used"] if added else []
    return [*noted, *([] if record.is_checked else [UNCHECKED])]
