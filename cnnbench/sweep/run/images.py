"""The images of a sweep's finished trials: what trials on other images are worth tells nothing of these."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.data.load import check_recorded
from cnnbench.runs.run import Run
from cnnbench.runs.split import images_of, recorded
from cnnbench.sweep.define.sweep import Sweep
from cnnbench.sweep.run.trials import trials_of

if TYPE_CHECKING:
    from optuna import Study


def check_images(study: Study, sweep: Sweep, *, offline: bool) -> None:
    """Raise DataError with the first differences where images that trials of this study used are not as recorded.

    Trainings of one kind of data stand for each other, and what lies on other machines is theirs to look at.
    """
    varies = any(axis.path.partition(".")[0] == "data" for axis in sweep.space)
    seen = set()
    for path in (run.path for trial in trials_of(study, sweep) for run in trial.runs if run.state == "done"):
        folder = Path(path or "")
        if (record := recorded(folder)) is None:
            continue
        data = Run(folder).load_config().data
        key = images_of(data)
        if key not in seen:
            check_recorded(record, data, offline=offline)
            seen.add(key)
        if not varies:
            return
