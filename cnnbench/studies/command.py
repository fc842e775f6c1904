"""The command that does what a row of a study does, to be copied."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

from cnnbench.config.shipped import experiment_names, is_path, study_names
from cnnbench.studies.file import Study
from cnnbench.studies.sections import Row


def trained(study: Study, row: Row) -> str:
    """Return what trains a row: `train` where an experiment or a file is its configuration, else its study."""
    is_trained_alone = isinstance(row.config, str) and not row.trial
    if not is_trained_alone or not (row.config in experiment_names() or is_path(str(row.config))):
        return reproduced(study, row.key)
    seeds, first = study.seeds(row), study.configs[row.key].seed
    changes = [f"{path}={_inline(value)}" for path, value in study.changes(row).items()]
    one = [f"seed={first}"] if isinstance(row.seeds, list) else []
    repeats = one if len(seeds) == 1 else ["--seeds", ",".join(map(str, seeds))]
    return shlex.join(["cnnbench", "train", str(row.config), *changes, *repeats])


def reproduced(study: Study, *rows: str) -> str:
    """Return what runs rows of a study, all of them where none is named."""
    named = study.name if study.name in study_names() else str(study.source)
    only = [word for key in rows for word in ("--only", key)]
    scale = ["--scale", "small"] if study.scale == "small" else []
    return shlex.join(["cnnbench", "reproduce", named, *only, *scale])


def inspected(row: Row) -> str:
    """Return what counts the network of a row."""
    size = ["--input", "x".join(map(str, row.input))] if row.input else []
    classes = ["--classes", str(row.classes)] if row.classes else []
    return shlex.join(["cnnbench", "inspect", str(row.network), *size, *classes])


def _inline(value: Any) -> str:
    """Return a value as YAML on a line: JSON, words bare."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z_][\w./-]*", value) and value not in ("true", "false", "null"):
        return value
    return json.dumps(value, ensure_ascii=False)
