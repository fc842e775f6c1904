"""`repeats.json`: what is repeated, there before the first of the runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnbench.errors import ConfigError, first_line
from cnnbench.files.checked import read_bytes
from cnnbench.files.whole import new_folder
from cnnbench.runs.parents import RepeatsDir

CHILD = {"seeds": "seed", "folds": "fold"}  # what the folders of the runs are called by
LEAST = 2  # runs; one says nothing of how runs differ


def create_repeats(root: Path, plan: Mapping[str, Any], base: str) -> RepeatsDir:
    """Create `root/<time>-<hash>/` with the plan and its base configuration inside, atomically; raises OutputError."""
    names = RepeatsDir(Path())
    text = json.dumps(plan, indent=2, ensure_ascii=False) + "\n"
    return RepeatsDir(new_folder(root, {names.plan.name: text, names.base.name: base}))


def read_plan(path: Path) -> Mapping[str, Any]:
    """Return kind, values, children and how they are run; raises ConfigError where they are not what is written."""
    try:
        found = json.loads(read_bytes(path).decode("utf-8"))
        ok = found["kind"] in CHILD and len(found["values"]) == len(found["children"]) >= LEAST
        ok = ok and all(type(value) is int for value in found["values"])
        ok = ok and found["children"] == [f"{CHILD[found['kind']]}-{value}" for value in found["values"]]
    except (FileNotFoundError, ValueError, RecursionError, TypeError, KeyError) as e:
        raise ConfigError(f"{path}: cannot be read ({first_line(e)})") from None
    if not ok:
        raise ConfigError(f"{path}: names no runs that belong together")
    return dict(found)
