"""Images that were decoded and brought to size by one run on this machine, mapped by all runs that come after.

A file of them is named by everything that its pixels depend on: the bytes of the image files, or the pixels of the
source, in their order; size, fit, colour and filter; the code that prepares and the libraries that decode. Trials,
repeats and folds share one, for training and validation images are kept together. What takes no time is not kept.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import os
import platform
import shutil
import time
from contextlib import ExitStack
from dataclasses import asdict
from functools import cache
from pathlib import Path

import numpy as np
from PIL import features

from cnnbench.data import decode, grey, metadata, prepare
from cnnbench.data.chunks import chunks
from cnnbench.data.content import Seen, last_changes
from cnnbench.data.files import ImageFolder
from cnnbench.data.stores import ArrayStore, PreparedStore, filling, numbered
from cnnbench.data.types import Images, ImageStore, Rows
from cnnbench.errors import ConfigError, OutputError, shortened
from cnnbench.files.cache import alone, cache_folder, is_there, trim, used
from cnnbench.files.mapped import mapped, write_mapped

FOLDER = "prepared"
LIMIT = "CNNBENCH_PREPARED_GB"  # gigabytes that are kept, 0 for none
MOST = 10.0  # of them, where that is not set
WORTH = 0.01  # seconds of processor time: what takes less is done again each time
ROOM = 2  # times its size that must be free on the disk
LIBRARIES = ("pil", "jpg", "libjpeg_turbo", "zlib", "libtiff", "webp")


def kept(store: ImageFolder | PreparedStore, rows: Rows, seen: Seen | None) -> ArrayStore:
    """Return the images of `rows` as `materialize` does, from an earlier run's file where there is one.

    Of files, `seen` is what those of `rows` were when they were read. A cache that is full, cannot be written to or is
    damaged changes nothing. Raises ConfigError where the limit is no number.
    """
    path = _place(store, rows, seen)
    images = _found(path, store, rows)
    return numbered(_made(path, store, rows, seen) if images is None else images, rows, len(store))


def is_kept(store: ImageFolder, rows: Rows, seen: Seen | None) -> bool:
    """Whether an earlier run has decoded these files, all of them whole."""
    return is_there(_place(store, rows, seen))


def most_bytes() -> float:
    """Return how much is kept at most; raises ConfigError."""
    told = os.environ.get(LIMIT)
    try:
        limit = MOST if told is None else float(told)
    except ValueError:
        limit = math.nan
    if not 0 <= limit < math.inf:
        raise ConfigError(f"${LIMIT}: {shortened(repr(told))}; allowed are gigabytes from 0, which keeps none")
    return limit * 1e9


def _place(store: ImageFolder | PreparedStore, rows: Rows, seen: Seen | None) -> Path:
    """Return the file for these images, there or not."""
    images = _of_files(seen) if isinstance(store, ImageFolder) else _of_pixels(store.source, rows)
    parts = [images, asdict(store.target), store.shape, _made_by()]
    return cache_folder(FOLDER) / f"{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}.npy"


def _of_files(seen: Seen | None) -> str:
    assert seen is not None
    return hashlib.sha256(seen.digests.tobytes()).hexdigest()


def _of_pixels(source: ImageStore, rows: Rows) -> str:
    digest = hashlib.sha256(json.dumps(source.shape).encode())
    for positions in chunks(len(rows), source.shape):
        images = source.fetch(rows[positions])
        digest.update(f"{len(images)} {images.dtype}".encode())
        digest.update(images.tobytes())
    return digest.hexdigest()


@cache
def _made_by() -> list[str]:
    """Return what else decides the pixels: the code that prepares, the libraries that decode, the kind of processor."""
    code = hashlib.sha256()
    for module in (decode, grey, metadata, prepare):
        code.update(inspect.getsource(module).encode())
    return [code.hexdigest(), platform.machine(), *(f"{name} {features.version(name)}" for name in LIBRARIES)]


def _found(path: Path, store: ImageStore, rows: Rows) -> Images | None:
    images = mapped(path)
    if images is None or images.shape != (len(rows), *store.shape) or images.dtype not in (np.uint8, np.float32):
        return None
    used(path)
    return images


def _made(path: Path, store: ImageFolder | PreparedStore, rows: Rows, seen: Seen | None) -> Images:
    """Prepare images, and keep them where that takes long enough; of several processes at once only the first does."""
    began, worth = time.process_time(), False
    with ExitStack() as held:
        for images in filling(store, rows):
            if not worth and time.process_time() - began > WORTH and _fits(images.nbytes):
                worth = True
                held.enter_context(alone(path))
                if (found := _found(path, store, rows)) is not None:
                    return found
        return _written(path, images) if worth and _as_seen(store, rows, seen) else images


def _fits(wanted: int) -> bool:
    """Whether so many bytes can be kept and leave the disk room."""
    place = next(folder for folder in cache_folder(FOLDER).absolute().parents if is_there(folder))
    return wanted <= most_bytes() and ROOM * wanted <= shutil.disk_usage(place).free


def _as_seen(store: ImageStore, rows: Rows, seen: Seen | None) -> bool:
    """Whether the files are still those whose bytes were read, for what was decoded later may not be of them."""
    if not isinstance(store, ImageFolder) or seen is None:
        return True
    return np.array_equal(last_changes(store, rows), seen.changed)


def _written(path: Path, images: Images) -> Images:
    """Keep images and return them from their file, so that all runs of this machine share their memory."""
    try:
        write_mapped(path, images)
    except OutputError:
        return images
    trim(path.parent, int(most_bytes()), keep=path)
    found = mapped(path)
    return images if found is None else found
