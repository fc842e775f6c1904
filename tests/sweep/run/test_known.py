"""What a ledger remembers of a study's trials is what the study has, though each is read but twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution, IntDistribution
from optuna.trial import TrialState, create_trial

from cnnbench.sweep.run.known import Known
from cnnbench.sweep.run.trials import is_lost, is_same, key_of

AXES = {"rate": FloatDistribution(0, 1), "batch": IntDistribution(1, 4)}


@pytest.fixture
def study(tmp_path: Path) -> optuna.Study:
    return optuna.create_study(storage=f"sqlite:///{tmp_path}/study.db")


def begin(study: optuna.Study, rate: float, batch: int, **told: Any) -> int:
    told = {"point": f"{rate} {batch}", **told}
    values = {"rate": rate, "batch": batch}
    made = create_trial(state=TrialState.RUNNING, params=values, distributions=AXES, user_attrs=told)
    return study._storage.create_new_trial(study._study_id, made)


def end(study: optuna.Study, identifier: int, how: str, **told: Any) -> None:
    for key, value in told.items():
        study._storage.set_trial_user_attr(identifier, key, value)
    study._storage.set_trial_state_values(identifier, TrialState[how], [0.5] if how == "COMPLETE" else None)


def is_all_there(known: Known, study: optuna.Study) -> bool:
    there = [t for t in study.get_trials() if t.params.keys() == AXES.keys() and not is_lost(t)]
    points = {t.user_attrs["point"] for t in there}
    return (
        [(t.number, t.state, t.user_attrs) for t in known] == [(t.number, t.state, t.user_attrs) for t in there]
        and known.tried.keys() == {key_of(t.params) for t in there}
        and known.counted == sum("retried" not in t.user_attrs and not is_same(t) for t in there)
        and [t.number for t in known.running] == [t.number for t in there if t.state.name == "RUNNING"]
        and all(known.of_point(p) == [t for t in known if t.user_attrs["point"] == p] for p in points)
    )


@pytest.mark.parametrize("seed", range(4))
def test_it_has_what_the_study_has_whatever_happens(study: optuna.Study, seed: int) -> None:
    random, known, running = np.random.default_rng(seed), Known(study, AXES.keys()), []
    study.ask()  # another program's, without values
    for _ in range(25):
        for _ in range(random.integers(4)):
            told = {"retried": True} if random.random() < 0.2 else {}
            running.append(begin(study, float(random.choice([0.25, 0.5])), int(random.integers(1, 5)), **told))
        for _ in range(min(len(running), random.integers(4))):
            one = running.pop(random.integers(len(running)))
            ends: list[tuple[str, dict[str, Any]]] = [
                ("COMPLETE", {"reason": "done"}),
                ("COMPLETE", {"reason": "as that one", "same_as": 0}),
                ("FAIL", {"reason": "it diverged"}),
                ("FAIL", {}),  # lost
            ]
            how, told = ends[random.integers(len(ends))]
            end(study, one, how, **told)
        known.look()
        assert is_all_there(known, study)


def test_each_trial_is_read_when_it_is_new_and_when_it_has_ended(
    study: optuna.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage: Any = study._storage
    read, reading = [], storage._backend._get_trials

    def counted(*arguments: Any, **named: Any) -> Any:
        found = reading(*arguments, **named)
        read.extend(trial.number for trial in found)
        return found

    monkeypatch.setattr(storage._backend, "_get_trials", counted)
    known = Known(study, AXES.keys())
    begun = [begin(study, 0.5, batch) for batch in (1, 2, 3)]
    for _ in range(3):
        known.look()
    end(study, begun[1], "COMPLETE", reason="done")
    for _ in range(3):
        known.look()
    assert read == [0, 1, 2, 1]


def test_a_point_in_other_words_stays_tried_whatever_becomes_of_a_trial_of_it(study: optuna.Study) -> None:
    known = Known(study, AXES.keys())
    key = known.repeats({"rate": 0.5, "batch": 1})
    assert set(known.tried) == {key} and not list(known)
    begun = begin(study, 0.5, 1)
    known.look()
    end(study, begun, "FAIL")  # lost
    known.look()
    assert set(known.tried) == {key} and not list(known)
