"""`config.yaml` of a run, and `base.yaml` of repeats: the resolved configuration, as it stands there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cnnbench.config.yaml_text import LOADER
from cnnbench.errors import DataError
from cnnbench.files.checked import MAPPING, checked, read_text

SECTIONS = {f"{section}?": MAPPING for section in ("data", "model", "train", "evaluation")}


def read_config_text(path: Path) -> str:
    """Return the text of a configuration, or "" where there is none; raises DataError."""
    try:
        return read_text(path)
    except FileNotFoundError:
        return ""


def parse_config(path: Path, text: str) -> Mapping[str, Any]:
    """Return the keys of a configuration, unchecked but for its sections being some; raises DataError."""
    try:
        value = yaml.load(text, Loader=LOADER) or {}
    except (ValueError, RecursionError, yaml.YAMLError) as e:
        raise DataError(f"{path}: cannot be read ({' '.join(str(e).split())})") from None
    return checked(path, value, SECTIONS)
