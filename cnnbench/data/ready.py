"""Splits whose images are as the network takes them: decoded, scaled, in memory where they fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from cnnbench.config.schema import Data
from cnnbench.data.content import Content, Seen
from cnnbench.data.files import ImageFolder, refuse
from cnnbench.data.kept import is_kept, kept, most_bytes
from cnnbench.data.prepare import Filter, target
from cnnbench.data.stores import KEEP_BELOW, LazyStore, PreparedStore, materialize, prepared_bytes
from cnnbench.data.types import ImageStore, Rows, Split, Splits


def ready(splits: Splits, data: Data, contents: Mapping[str, Content], resample: Filter) -> Splits:
    """Give every split a store of prepared images; splits of one store go on sharing one.

    Files and images that only the test split uses are decoded and prepared when they are first asked for. Where the
    `contents` are known, images that an earlier run of this machine has prepared are not prepared again.
    """
    stores: dict[object, ImageStore] = {}

    def key(split: Split) -> object:
        return id(split.store), split is splits.test and isinstance(split.store, ImageFolder)

    for split in splits.present.values():
        if key(split) not in stores:
            sharing = {name: other for name, other in splits.present.items() if key(other) == key(split)}
            rows, seen = _together(sharing, contents)
            scaled = _scaled_by(split.store, data, resample)
            stores[key(split)] = _store(scaled, rows, seen, data, split is splits.test, bool(contents))

    def moved(split: Split) -> Split:
        return replace(split, store=stores[key(split)])

    train, validation, test = splits
    return Splits(moved(train), None if validation is None else moved(validation), moved(test))


def _together(splits: Mapping[str, Split], contents: Mapping[str, Content]) -> tuple[Rows, Seen | None]:
    """Return the rows that splits of one store use, in order, and what the files in them were, where they are files."""
    rows, first = np.unique(np.concatenate([split.rows for split in splits.values()]), return_index=True)
    seen = [contents[name].seen for name in splits if name in contents]
    known = [one for one in seen if one is not None]
    if len(known) < len(splits):
        return rows, None
    digests, changed = (np.concatenate([getattr(one, name) for one in known])[first] for name in ("digests", "changed"))
    return rows, Seen(digests, changed)


def _scaled_by(store: ImageStore, data: Data, resample: Filter) -> ImageStore:
    """Return a store whose images are scaled as `data` says, with a filter; `store` itself where nothing changes."""
    if isinstance(store, ImageFolder):
        return store if resample == "bilinear" else store.scaled_by(resample)
    wanted = replace(target(data, store.shape[2]), resample=resample)
    return store if wanted.shape(store.shape) == store.shape else PreparedStore(store, wanted)


def _store(prepared: ImageStore, rows: Rows, seen: Seen | None, data: Data, lazily: bool, share: bool) -> ImageStore:
    """Return a store of prepared images, in memory where they fit, those of earlier runs where they are to `share`."""
    if not isinstance(prepared, ImageFolder | PreparedStore):
        return prepared
    keep = prepared_bytes(prepared, rows) < KEEP_BELOW if data.in_memory == "auto" else data.in_memory
    share = share and len(rows) > 0 and most_bytes() > 0

    def whole() -> ImageStore:
        return kept(prepared, rows, seen) if share else materialize(prepared, rows)

    if keep and not lazily:
        return whole()
    if isinstance(prepared, ImageFolder) and data.on_bad_image == "refuse":
        _refuse_bad(prepared, rows, lazily, keep and share and is_kept(prepared, rows, seen))
    return LazyStore(prepared.shape, len(prepared), whole) if keep else prepared


def _refuse_bad(files: ImageFolder, rows: Rows, lazily: bool, decoded: bool) -> None:
    """Raise DataError before training, not in epoch three, for files that cannot be read; `decoded` ones could be."""
    if not decoded:
        refuse(files.unreadable(rows) if lazily else list(files.problems(rows).values()))
