"""A sweep's trials as far as they have come, read from its study."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.errors import ConfigError
from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.define.types import Sweep, SweepResults, Trial
from cnnbench.sweep.run.ledger import results
from cnnbench.sweep.run.place import Place

if TYPE_CHECKING:
    from optuna import Study


def read(study: Study, sweep: Sweep, place: Place, state: str, smoke: bool) -> SweepResults:
    """Return the trials of a study with what they say together; `state` is that of the sweep in this place."""
    from cnnbench.sweep.tell.ranking import best

    trials = tuple(results(study, sweep, idle=None if state == "running" else place))
    found = SweepResults(sweep, trials, {}, None, smoke, state)
    first = best(found)
    return SweepResults(
        sweep=sweep,
        trials=trials,
        importances=_importances(study, sweep) if state != "running" else {},
        best_config=None if first is None else _config(first.trial, sweep),
        smoke=smoke,
        state=state,
    )


def read_folder(path: Path, storage: str | None) -> SweepResults:
    """Return the results of the sweep in a folder; raises ConfigError where there is none."""
    from cnnbench.runs.status import is_alive
    from cnnbench.sweep.define.file import load_sweep
    from cnnbench.sweep.run.run import shrunk
    from cnnbench.sweep.run.state import read_status
    from cnnbench.sweep.run.study import open_study

    folder = SweepDir(path)
    if not folder.sweep.exists():
        raise ConfigError(f"{path}: not the folder of a sweep (it has no {folder.sweep.name})")
    sweep, status = load_sweep(folder.sweep, checked=True), read_status(folder)
    if storage is None and not folder.study.exists():
        raise ConfigError(f"{path}: its study is elsewhere; --storage URL says where")
    smoke = bool(status.get("smoke"))
    sweep = shrunk(sweep) if smoke else sweep  # the file holds what was asked for, the study what was made of it
    state = str(status.get("state", "unknown"))
    if state == "running" and not is_alive(path, status):
        state = "stopped"
    place = Place(folder, shared=storage is not None)
    return read(open_study(folder, sweep, storage), sweep, place, state, smoke)


def _config(trial: Trial, sweep: Sweep) -> str:
    """Return a trial's configuration, by a name of its own, ready to run."""
    from cnnbench.config.load import dump_yaml
    from cnnbench.sweep.define.space import config_of, value_of

    axes = {axis.path: axis for axis in sweep.space}
    config = config_of(sweep, {path: value_of(axes[path], label) for path, label in trial.values.items()})
    return dump_yaml(config.model_copy(update={"name": f"{sweep.name}-best"}))


def _importances(study: Study, sweep: Sweep) -> Mapping[str, Mapping[str, float]]:
    """Return what share of each objective's variance each axis explains, by Optuna's fANOVA; empty for too few trials.

    Hutter, Hoos, Leyton-Brown 2014. Its forest needs values that differ, of more than one axis.
    """
    import optuna

    done = [t for t in study.get_trials(deepcopy=False) if t.state.name == "COMPLETE" and t.values]
    shares = {}
    for i, objective in enumerate(sweep.objectives):
        if len(sweep.space) > 1 and len({t.values[i] for t in done}) > 1:
            found = optuna.importance.get_param_importances(
                study,
                evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0),
                target=lambda trial, i=i: trial.values[i],  # type: ignore[misc]  # bound at once
            )
            shares[objective.metric] = {path: float(share) for path, share in found.items()}
    return shares
