"""Which of two runs is older, told by the names of their folders."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

STAMP = re.compile(r"\d{8}-\d{6}-")


def age(config: Path) -> tuple[str, list[str | int], str]:
    """Return what sorts runs, given by their `config.yaml`, the oldest first.

    That is the time in the nearest folder's name that has one, then the run folder's own name with its numbers as
    numbers. Where no name tells a time, as in a sweep, it is that of the file's last writing.
    """
    folders = [p.name for p in config.absolute().parents]
    stamp = next(filter(STAMP.match, folders), None) or _written(config)
    return stamp, [int(part) if part.isdigit() else part for part in re.split(r"([0-9]+)", folders[0])], str(config)


def _written(path: Path) -> str:
    try:
        return f"{datetime.fromtimestamp(path.stat().st_mtime, UTC):%Y%m%d-%H%M%S}"
    except OSError:  # it is gone since
        return ""
