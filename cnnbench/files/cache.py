"""The user's cache: what can be computed again, kept so that it need not be."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock

A_DAY = 86400.0  # seconds


def cache_folder(name: str = "") -> Path:
    """Return the folder for things of one kind below $XDG_CACHE_HOME, or ~/.cache where that is not set.

    A user without a home, as in some containers, gets a place that nothing can be written to.
    """
    try:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        root = Path(os.devnull)
    return root / "cnnbench" / name


def kept_bytes() -> dict[str, int]:
    """Return how many bytes are kept of each kind of things; none where that cannot be seen."""
    try:
        kinds = sorted(folder.name for folder in cache_folder().iterdir() if folder.is_dir())
        return {kind: _bytes_in(cache_folder(kind)) for kind in kinds}
    except OSError:
        return {}


def is_there(path: Path) -> bool:
    """Whether a file or folder is there, and nothing keeps this process from seeing it."""
    return _stat(path) is not None


@contextmanager
def alone(kept: Path) -> Iterator[None]:
    """Let processes that need the same file make it one after the other: the first one's is that of all."""
    with ExitStack() as held:
        with suppress(OSError):  # a cache that cannot be written is done without
            kept.parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(FileLock(kept.with_suffix(".lock")))
        yield


def used(kept: Path) -> None:
    """Note that a file is in use, so that `trim` removes others first."""
    with suppress(OSError):
        os.utime(kept)


def trim(folder: Path, most: int, keep: Path | None = None, pattern: str = "*.npy") -> None:
    """Remove the files of a cache that were not used for longest until `most` bytes are left, never `keep`.

    What was begun and left for a day counts among those of the `pattern`.
    """
    found = {path: stat for path in (*folder.glob(pattern), *folder.glob("*.part")) if (stat := _stat(path))}
    begun = {path for path, stat in found.items() if path.suffix == ".part" and stat.st_mtime > time.time() - A_DAY}
    files = sorted(found.keys() - begun, key=lambda path: found[path].st_mtime)
    total = sum(found[path].st_size for path in files)
    for path in files:
        if total <= most:
            break
        if path != keep:
            total -= found[path].st_size
            with suppress(OSError):  # another process may have removed it
                path.unlink()


def _bytes_in(folder: Path) -> int:
    stats = (_stat(path) for path in folder.rglob("*") if not path.is_dir())
    return sum(stat.st_size for stat in stats if stat)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:  # such as one that another process has removed
        return None
