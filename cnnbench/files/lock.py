"""Who works in a folder: a lock that the kernel lets go of however its process ends, and no process number can keep.

It reaches as far as the locks of the folder's file system do: all processes of a machine, and other machines where a
network file system has locks. On one that has none, nobody is kept out.
"""

from __future__ import annotations

import errno
import fcntl
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cnnbench.errors import ConfigError, OutputError

LOCK = ".lock"
CAREFUL = os.O_NOFOLLOW | os.O_NONBLOCK  # a link leads to somebody else's file, and a pipe would be waited for
PATIENCE = 0.5  # seconds that a look from elsewhere, which holds the lock for a moment, may take
LOCKLESS = (errno.ENOTSUP, errno.ENOLCK, errno.ENOSYS, errno.EINVAL)


@contextmanager
def held(folder: Path, refusal: str) -> Iterator[None]:
    """Work in a folder alone; raises ConfigError, `refusal` with who works there since when, and OutputError."""
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | CAREFUL, 0o644)
    except OSError as e:
        raise OutputError(f"{folder}: cannot be written ({e.strerror})") from e
    try:
        if not _taken(lock, fcntl.LOCK_EX, PATIENCE):
            raise ConfigError(f"{refusal} ({_written(lock)})")
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"process {os.getpid()} on {platform.node()} since {now}".encode(), 0)
        yield
    finally:
        os.close(lock)  # which lets go of it


def holder(folder: Path) -> str | None:
    """Return who works in a folder, such as "process 7 on boole since 2026-01-01 10:00:00 UTC", None for nobody."""
    try:
        lock = os.open(folder / LOCK, os.O_RDONLY | CAREFUL)
    except OSError:
        return None
    try:
        return None if _taken(lock, fcntl.LOCK_SH, 0) else _written(lock)
    finally:
        os.close(lock)


def _taken(lock: int, kind: int, patience: float) -> bool:
    """Take a lock; return False where another one still has it after `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        except OSError as e:
            if e.errno not in LOCKLESS:
                raise
            return True
        else:
            return True


def _written(lock: int) -> str:
    return os.pread(lock, 200, 0).decode(errors="replace") or "another process"
