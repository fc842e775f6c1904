"""`trials.json`: what a sweep's folder keeps of a study that lies elsewhere, to be read where that is out of reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from cnnbench.errors import DataError
from cnnbench.files.checked import read_bytes
from cnnbench.files.whole import write_text
from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.define.sweep import Sweep
from cnnbench.sweep.run.trials import SweepResults, Trial


@dataclass(frozen=True)
class Kept:
    """The trials as they were last seen from here, and metric -> path -> share of variance."""

    trials: tuple[Trial, ...]
    importances: Mapping[str, Mapping[str, float]]

    def trials_of(self, sweep: Sweep) -> tuple[Trial, ...]:
        """Return those that are of this sweep's space."""
        return tuple(trial for trial in self.trials if trial.values.keys() == sweep.axes.keys())


_KEPT = TypeAdapter(Kept)


def keep(folder: SweepDir, results: SweepResults | None) -> None:
    """Write the trials down beside the leaderboard; None says that they are in the folder's own study again."""
    if results is None:
        folder.kept.unlink(missing_ok=True)
    else:
        kept = Kept(results.trials, results.importances)
        write_text(folder.kept, _KEPT.dump_json(kept, indent=1).decode() + "\n")


def kept_in(folder: SweepDir) -> Kept | None:
    """Return what was written, None where nothing was; raises DataError where it cannot be read."""
    try:
        return _KEPT.validate_json(read_bytes(folder.kept))
    except FileNotFoundError:
        return None
    except ValidationError as e:
        wrong = e.errors(include_url=False)[0]
        place = ".".join(map(str, wrong["loc"]))
        raise DataError(f"{folder.kept}: {place + ': ' if place else ''}{wrong['msg']}") from None
