"""From a configuration to a data set: read the source, draw the splits, bring the images to size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

import numpy as np

from cnnbench.catalogue.sources import DEFAULT_TEST, sources
from cnnbench.config.class_names import nearly_alike
from cnnbench.config.schema import Config, Data
from cnnbench.data.content import content_of
from cnnbench.data.files import ImageFolder
from cnnbench.data.names import Names
from cnnbench.data.pipeline import class_weight_vector
from cnnbench.data.prepare import Filter
from cnnbench.data.reading import find_files, read_source
from cnnbench.data.ready import ready
from cnnbench.data.record import IMAGES, Record
from cnnbench.data.recorded import follow
from cnnbench.data.split import fold, hold_out, subset
from cnnbench.data.types import Dataset, Drawn, Given, Part, PartName, Split, Splits
from cnnbench.errors import ConfigError, DataError


def load_dataset(
    config: Config,
    *,
    record: Record | None = None,
    like: Record | None = None,
    offline: bool = False,
    quiet: bool = False,
    resample: Filter = "bilinear",
) -> Dataset:
    """Return the splits of `config.data` with what tells their images from others (`contents`).

    With the `record` of a run they are the images that run began with, as `follow` finds them; else validation follows
    `config.seed`, other draws `data.split_seed`. With a record that the data are to be `like`, that of another run of
    the same repeats or sweep, validation images are drawn from those it trained and validated on. A named data set that
    is in none of its three places is downloaded unless `offline`, with a bar on a terminal unless `quiet`. Images of
    the test split are not decoded until they are asked for, where the source keeps them apart. Raises DataError for
    data that is missing, corrupt, too small or not as recorded, ConfigError where a key contradicts it. Images that
    change their size are scaled with `resample`.
    """
    read = partial(read_source, offline=offline, quiet=quiet)
    if record is not None:
        return _dataset(follow(record, config.data, read), config.data, resample)
    if like is not None:
        drawn = _redrawn(follow(like, config.data, read), config.data, config.seed)
    else:
        drawn = _drawn(read(config.data), config.data, config.seed)
    contents = {name: content_of(split) for name, split in drawn.splits.present.items()}
    return _dataset(replace(drawn, contents=contents), config.data, resample)


def load_data(data: Data, seed: int = 0, *, offline: bool = False, quiet: bool = False) -> Dataset:
    """Return the splits of `data` as they are now, without `contents`; see `load_dataset`."""
    return _dataset(_drawn(read_source(data, offline=offline, quiet=quiet), data, seed), data)


def check_recorded(record: Record, data: Data, *, offline: bool = False) -> None:
    """Raise what `load_dataset` would raise of data that are not as recorded, without preparing any image."""
    follow(record, data, partial(read_source, offline=offline, quiet=True))


def check_splits(config: Config, *, offline: bool = False, quiet: bool = False) -> None:
    """Raise what a training would of data that is missing, too small or not what its class weights name.

    No image is prepared.
    """
    source = read_source(config.data, offline=offline, quiet=quiet)
    train = _splits(source, config.data, config.seed).train
    class_weight_vector(config.train.class_weight, train.labels, source.class_names)


def _drawn(source: Given, data: Data, seed: int) -> Drawn:
    each_a_file = sources()[data.source].image_files
    return Drawn(
        class_names=source.class_names,
        splits=_splits(source, data, seed),
        contents={},
        found=len(find_files(data).files) if each_a_file else sum(len(part.labels) for part in source.parts.values()),
        seeds=_seeds(data, seed),
        notes=[f"{IMAGES}{note}" for note in source.notes],
        skipped=source.skipped,
    )


def _dataset(drawn: Drawn, data: Data, resample: Filter = "bilinear") -> Dataset:
    train, validation, test = ready(drawn.splits, data, drawn.contents, resample)
    return Dataset(
        source=data.source,
        class_names=drawn.class_names,
        train=train,
        validation=validation,
        test=test,
        contents=drawn.contents,
        found=drawn.found,
        grey_bits=_grey_bits(drawn),
        notes=[*drawn.notes, *_notes(drawn, data), *drawn.changes],
        changes=drawn.changes,
        seeds=drawn.seeds,
        skipped=drawn.skipped,
    )


def _grey_bits(drawn: Drawn) -> int | None:
    store = drawn.splits.train.store
    return store.target.grey_bits if isinstance(store, ImageFolder) else None


def _notes(drawn: Drawn, data: Data) -> list[str]:
    notes = [] if data.facts.class_names else nearly_alike(drawn.class_names)  # a published set means what it says
    validation, skipped = drawn.splits.validation, drawn.skipped
    if data.fold is not None:
        notes.append(f"validation: fold {data.fold.index} of {data.fold.of}, drawn by data.split_seed")
    if validation is not None and validation.part == "validation":
        notes.append("validation: the data's own split; data.validation is not used")
    if data.grey_bits == "auto" and (bits := _grey_bits(drawn)) is not None:
        evident = "" if bits == 16 else ", which their largest value shows"
        notes.append(f"16-bit grey files: scaled as {bits} bits{evident}; data.grey_bits can say otherwise")
    if skipped:
        first = "; ".join(skipped[:3]) + ("; ..." if len(skipped) > 3 else "")
        notes.append(f"{len(skipped)} bad image(s) skipped: {first}")
    return notes


def _redrawn(drawn: Drawn, data: Data, seed: int) -> Drawn:
    """Return recorded images with the validation split drawn again from those that were trained and validated on."""
    train, validation, test = drawn.splits
    if validation is not None and validation.part == "train":
        train, validation = _joined(train, validation), None
    validation, train = _validation(validation, train, data, seed, drawn.class_names)
    return replace(drawn, splits=Splits(train, validation, test), seeds=_seeds(data, seed))


def _joined(one: Split, other: Split) -> Split:
    """Return the images of two splits of one part in the order of their rows."""
    rows, labels = np.concatenate([one.rows, other.rows]), np.concatenate([one.labels, other.labels])
    weighted = one.weights is not None and other.weights is not None
    weights = np.concatenate([one.weights, other.weights]) if weighted else None
    both = replace(one, rows=rows, labels=labels, names=Names.of(chain(one.names, other.names)), weights=weights)
    return both.pick(np.argsort(rows))


def _seeds(data: Data, seed: int) -> dict[str, int]:
    return {"validation": seed if data.fold is None else data.split_seed, "split_seed": data.split_seed}


def _splits(source: Given, data: Data, seed: int) -> Splits:
    train, test = _train_and_test(source, data)
    own = None if source.validation is None else _whole(source.validation, "validation")
    validation, train = _validation(own, train, data, seed, source.class_names)
    if train.weights is not None and not train.weights.any():
        raise DataError(f"{data.path}: every training image would weigh 0")
    return Splits(train, validation, test)


def _train_and_test(source: Given, data: Data) -> tuple[Split, Split]:
    train, names, seed = _whole(source.train, "train"), source.class_names, data.split_seed
    if source.test is None and data.test == 1:
        train, test = train.pick(np.arange(0)), train
    elif source.test is None:
        share = DEFAULT_TEST if data.test is None else data.test
        held_out, rest = hold_out(train.labels, share, seed, "data.test", names)
        train, test = train.pick(rest), train.pick(held_out)
    elif data.test is not None:
        raise ConfigError(f"data.test: {data.test} has no effect: the data has a test split of its own")
    else:
        test = _whole(source.test, "test")
    train = train.pick(subset(train.labels, data.subset.train, seed, "data.subset.train", names))
    return train, test.pick(subset(test.labels, data.subset.test, seed, "data.subset.test", names))


def _validation(
    own: Split | None, train: Split, data: Data, seed: int, class_names: Sequence[str]
) -> tuple[Split | None, Split]:
    """Return the validation split, the data's `own` where they have one, and what is left to train on."""
    if own is not None:
        if data.fold is not None:
            raise ConfigError("data.fold: contradicts the data, which has a validation split of its own")
        return own, train
    if data.fold is not None:
        held_out, rest = fold(train.labels, data.fold.index, data.fold.of, data.split_seed, class_names)
    elif data.validation:
        held_out, rest = hold_out(train.labels, data.validation, seed, "data.validation", class_names)
    else:
        return None, train
    return train.pick(held_out), train.pick(rest)


def _whole(part: Part, name: PartName) -> Split:
    """Return all images of a part that are of a class; of those that `data.classes` leaves out the label is -1."""
    split = Split(part.store, np.arange(len(part.labels)), part.labels, part.names, name, part.weights)
    return split.pick(np.flatnonzero(part.labels >= 0)) if (part.labels < 0).any() else split
