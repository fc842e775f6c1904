"""Files that appear whole or not at all: written beside, flushed to disk, renamed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cnnbench.errors import OutputError, first_line
from cnnbench.files.csv_text import as_csv


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; on success it is flushed to disk and renamed to `path`.

    Raises OutputError where the disk is full or the place cannot be written to.
    """
    part = path.parent / f".{path.stem}.{secrets.token_hex(4)}.part{path.suffix}"
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        with part.open("rb+") as f:
            os.fsync(f.fileno())
        part.replace(path)
    except OSError as e:
        raise unwritable(path, e) from e
    finally:
        with suppress(OSError):
            part.unlink()


def unwritable(path: Path, error: OSError) -> OutputError:
    """Return what to raise where a file or folder could not be written."""
    reason = f"{path.parent} is not a folder" if isinstance(error, FileExistsError) else error.strerror
    return OutputError(f"{path}: cannot be written ({reason or first_line(error)})")


def refuse_gone(folder: Path) -> None:
    """Raise OutputError where a folder of results is there no more: it would come back with one file in it."""
    if not folder.is_dir():
        raise OutputError(f"{folder}: cannot be written to (it is gone: moved away or removed)")


def own_folder(folder: Path, *names: str) -> Path:
    """Return the folder of this name inside a folder of results, created where it is not there yet.

    Raises OutputError where it is a link, for what that leads to belongs to somebody else.
    """
    refuse_gone(folder)
    for name in names:
        refuse_link(folder := folder / name)
        try:
            folder.mkdir(exist_ok=True)
        except FileExistsError:
            raise OutputError(f"{folder}: cannot be written to (it is not a folder)") from None
        except OSError as e:
            raise unwritable(folder, e) from e
    return folder


def refuse_link(*paths: Path) -> None:
    """Raise OutputError where one of the names inside a folder of results is a link, which may lead out of it."""
    for path in paths:
        if path.is_symlink():
            raise OutputError(f"{path}: cannot be written to (it is a link, and may lead out of {path.parent})")


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` as a whole; bytes of a file name that are no UTF-8 become an escape."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8", errors="backslashreplace")


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON; NaN and infinity become null."""
    write_text(path, json.dumps(_finite(value), indent=2, ensure_ascii=False) + "\n")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV table with a header row, text in it guarded against spreadsheets."""
    write_text(path, as_csv(header, rows))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, Mapping):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return value


def new_folder(parent: Path, files: Mapping[str, str]) -> Path:
    """Create `parent/<time>-<hash>/` holding these text files, atomically, and return it; raises OutputError."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        while (path := _named_folder(parent, files)) is None:
            pass
    except OSError as e:
        raise unwritable(parent, e) from e
    return path


def _named_folder(parent: Path, files: Mapping[str, str]) -> Path | None:
    """Return a new folder below `parent` with the files inside, or None where its name is taken."""
    digest = hashlib.sha256((secrets.token_hex(8) + "".join(files.values())).encode()).hexdigest()[:8]
    path = parent / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{digest}"
    return path if appears(path, files) else None


def appears(path: Path, files: Mapping[str, str]) -> bool:
    """Create a folder with the files inside; return False where its name is taken."""
    part = Path(tempfile.mkdtemp(prefix=".new-", dir=path.parent))
    try:
        part.chmod(0o755)
        for name, text in files.items():
            write_text(part / name, text)
        part.rename(path)
    except OSError:
        if not path.exists():
            raise
        return False
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return True
