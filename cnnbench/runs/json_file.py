"""A JSON file of a run folder: what it holds, its reader and its writer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbench.files.checked import read_json
from cnnbench.files.whole import write_json


@dataclass(frozen=True)
class JsonFile:
    """A file that holds a mapping; `wanted` says what of, as `files.checked` does."""

    wanted: Mapping[str, Any]

    def read(self, path: Path) -> dict[str, Any]:
        """Return what the file holds, {} where it is not there (yet); raises DataError where it is damaged."""
        try:
            return read_json(path, self.wanted)
        except FileNotFoundError:
            return {}

    def write(self, path: Path, value: Mapping[str, Any]) -> None:
        """Write the file; raises OutputError."""
        write_json(path, value)
