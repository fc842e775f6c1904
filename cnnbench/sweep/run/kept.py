"""`trials.json`: what a sweep's folder keeps of a study that lies elsewhere, to be read where that is out of reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from cnnbench.errors import DataError
from cnnbench.files.checked import read_bytes
from cnnbench.files.whole import write_text
from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.run.trials import SweepResults, Trial


@dataclass(frozen=True)
class Kept:
    """The trials as they were last seen from here, and metric -> path -> share of variance."""

    trials: tuple[Trial, ...]
    importances: Mapping[str, Mapping[str, float]]


_KEPT = TypeAdapter(Kept)


def write_kept(folder: SweepDir, results: SweepResults) -> None:
    """Write the trials down beside the leaderboard."""
    kept = Kept(results.trials, results.importances)
    write_text(folder.kept, _KEPT.dump_json(kept, indent=1).decode() + "\n")


def read_kept(folder: SweepDir) -> Kept:
    """Return what was written; raises FileNotFoundError, and DataError where that cannot be read."""
    try:
        return _KEPT.validate_json(read_bytes(folder.kept))
    except ValidationError as e:
        wrong = e.errors(include_url=False)[0]
        place = ".".join(map(str, wrong["loc"]))
        raise DataError(f"{folder.kept}: {place + ': ' if place else ''}{wrong['msg']}") from None
