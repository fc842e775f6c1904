"""A sweep's trials as far as they have come, with what they say together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.config.load import dump_yaml
from cnnbench.errors import ConfigError
from cnnbench.runs.kinds import not_begun
from cnnbench.runs.parents import SweepDir
from cnnbench.runs.status import STATUS, is_alive
from cnnbench.sweep.define.file import load_sweep
from cnnbench.sweep.define.space import config_at
from cnnbench.sweep.define.sweep import Sweep, shrunk
from cnnbench.sweep.run.kept import kept_in
from cnnbench.sweep.run.place import Place
from cnnbench.sweep.run.study import open_study
from cnnbench.sweep.run.trials import SweepResults, trials_of
from cnnbench.sweep.tell.ranking import best

if TYPE_CHECKING:
    from optuna import Study


def read(study: Study, sweep: Sweep, place: Place, state: str, smoke: bool) -> SweepResults:
    """Return the trials of a study with what they say together; `state` is that of the sweep in this place."""
    trials = trials_of(study, sweep, idle=None if state == "running" else place)
    importances = _importances(study, sweep) if state != "running" else {}
    return _with_best(SweepResults(sweep, trials, importances, None, smoke, state))


def read_folder(path: Path, storage: str | None) -> SweepResults:
    """Return the results of the sweep in a folder.

    They are those of the study in `storage`. Without one they are those that the folder keeps of a study elsewhere, or
    else those of its own study. Raises ConfigError where there are none.
    """
    folder = SweepDir(path)
    if not folder.sweep.exists():
        raise ConfigError(f"{path}: not the folder of a sweep (it has no {folder.sweep.name})")
    if storage is None and (told := not_begun(path)):
        raise ConfigError(told)
    sweep, status = load_sweep(folder.sweep, checked=True), STATUS.read(folder.status)
    smoke, state = bool(status.get("smoke")), str(status.get("state", "unknown"))
    sweep = shrunk(sweep) if smoke else sweep  # the file holds what was asked for, the study what was made of it
    if state == "running" and not is_alive(path, status):
        state = "stopped"
    if storage is None and (kept := kept_in(folder)) is not None:
        return _with_best(SweepResults(sweep, kept.trials_of(sweep), kept.importances, None, smoke, state))
    return read(_study(folder, sweep, storage), sweep, Place(folder, shared=storage is not None), state, smoke)


def _study(folder: SweepDir, sweep: Sweep, storage: str | None) -> Study:
    if storage is None and not folder.study.exists():
        nothing = f"no trial is recorded here ({folder.study.name} or {folder.kept.name})"
        raise ConfigError(f"{folder.path}: {nothing}; where its study is elsewhere, --storage URL says where")
    return open_study(folder, sweep, storage, to_read=True)


def _with_best(results: SweepResults) -> SweepResults:
    """Return results with the best trial's configuration, by a name of its own, ready to run."""
    first = best(results)
    if first is None:
        return results
    config = config_at(results.sweep, first.trial.values)
    return replace(results, best_config=dump_yaml(config.model_copy(update={"name": f"{results.sweep.name}-best"})))


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
