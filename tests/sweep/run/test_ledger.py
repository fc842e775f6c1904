"""Which trial comes next, whatever ended the process before; no training is needed to see that."""

from __future__ import annotations

import math
import pickle
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cnnbench.errors import ConfigError
from cnnbench.files.whole import write_json
from cnnbench.runs.folder import RunDir
from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.define.file import load_sweep
from cnnbench.sweep.define.sweep import Sweep
from cnnbench.sweep.run.ledger import Ledger, Point
from cnnbench.sweep.run.place import Place
from cnnbench.sweep.run.proposals import planned
from cnnbench.sweep.run.study import GRACE, open_study, signature
from cnnbench.sweep.run.trials import SeedRun, Trial, trials_of
from tests.builders.searching import RATE, write_sweep

RANGE = {"low": 1e-4, "high": 1e-1, "log": True}


def sweep_of(folder: Path, **changes: Any) -> Sweep:
    return load_sweep(write_sweep(folder, **changes))


def ledger_of(folder: Path, sweep: Sweep, *, url: str | None = None, retry: bool = False) -> Ledger:
    study = open_study(SweepDir(folder), sweep, url)
    return Ledger(study, sweep, Place(SweepDir(folder), shared=url is not None), smoke=False, retry=retry)


def told(ledger: Ledger) -> tuple[Trial, ...]:
    return trials_of(ledger._study, ledger._sweep)


def all_points(ledger: Ledger) -> list[Point]:
    found = []
    while ledger.over is None:
        if (point := ledger.next()) is not None:
            found.append(point)
            ledger.finish(point, "done", "all epochs done", [0.5])
    return found


def test_random_points_follow_from_seed_and_number_alone(tmp_path: Path) -> None:
    def drawn(trials: int, seed: int = 0) -> list[float]:
        space = {RATE: RANGE, "train.batch_size": {"low": 8, "high": 64}}
        sweep = sweep_of(tmp_path, search={"method": "random", "seed": seed}, space=space, budget={"trials": trials})
        (folder := tmp_path / f"{trials}-{seed}").mkdir()
        return [point.values[RATE] for point in all_points(ledger_of(folder, sweep))]

    assert len(set(drawn(6))) == 6
    assert drawn(3) == drawn(7)[:3] != drawn(3, seed=1)
    assert all(1e-4 <= rate <= 1e-1 for rate in drawn(5))


def test_a_small_space_is_drawn_once_each(tmp_path: Path) -> None:
    space = {RATE: [0.1, 0.2], "train.batch_size": [8, 16]}
    sweep = sweep_of(tmp_path, search={"method": "random"}, space=space, budget={"trials": 50})
    values = [tuple(point.values.values()) for point in all_points(ledger_of(tmp_path, sweep))]
    assert len(values) == len(set(values)) == 4


def test_labels_of_all_kinds_come_back_as_they_were(tmp_path: Path) -> None:
    space = {
        RATE: [1, 0.5],
        "train.ema": [None, 0.9],
        "augment": [[], [{"RandomFlip": {"mode": "horizontal"}}]],
        "train.optimizer.name": ["SGD", "Adam"],
    }
    points = all_points(ledger_of(tmp_path, sweep_of(tmp_path, space=space)))
    assert len(points) == 16
    assert {repr(point.values[RATE]) for point in points} == {"1", "0.5"}
    assert {point.config.train.ema for point in points} == {None, 0.9}
    assert {len(point.config.augment) for point in points} == {0, 1}
    sweep = sweep_of(tmp_path, space=space)
    assert [trial.values for trial in told(ledger_of(tmp_path, sweep))] == list(
        planned(sweep)
    )  # 1 is 1 again, though the study has 1.0


def test_a_trial_that_was_left_running_comes_first_with_its_point(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path)
    first = ledger_of(tmp_path, sweep)
    begun = [first.next(), first.next()]
    again = ledger_of(tmp_path, sweep)  # this process is gone, as far as anybody can tell
    points = all_points(again)
    assert [point.number for point in points] == [0, 1, 2, 3]
    assert [point.values for point in points[:2]] == [point.values for point in begun if point]
    assert [trial.state for trial in told(again)] == ["done"] * 4


def test_a_trial_that_another_program_asked_for_is_none_of_the_sweep(tmp_path: Path) -> None:
    space = {RATE: RANGE, "train.batch_size": {"low": 8, "high": 64}}
    sweep = sweep_of(tmp_path, search="tpe", space=space, budget={"trials": 3})
    open_study(SweepDir(tmp_path), sweep, None).ask()  # and never gave it a value
    ledger = ledger_of(tmp_path, sweep)
    assert len(all_points(ledger)) == 3 and [trial.state for trial in told(ledger)] == ["done"] * 3


def test_machines_that_share_a_study_leave_each_other_their_trials(tmp_path: Path) -> None:
    sweep, url = sweep_of(tmp_path), f"sqlite:///{tmp_path}/shared.db"
    one, two = tmp_path / "one", tmp_path / "two"
    first = ledger_of(one, sweep, url=url).next()
    assert first is not None
    idle = [
        trials_of(open_study(SweepDir(two), sweep, url), sweep, Place(SweepDir(f), shared=True)) for f in (one, two)
    ]
    assert [trial.state for (trial,) in idle] == ["stopped", "running"]  # nobody works in the first one
    open_study(SweepDir(two), sweep, url).ask()  # asked for a moment ago, not signed yet
    assert [point.number for point in all_points(ledger_of(two, sweep, url=url))] == [2, 3, 4]
    again = all_points(ledger_of(one, sweep, url=url))  # killed and run again
    assert [(point.number, point.values) for point in again] == [(0, first.values)]


SMALL = {RATE: [0.1, 0.2], "train.batch_size": {"low": 4, "high": 8}}


@pytest.mark.parametrize(
    ("method", "space", "budget", "over"),
    [
        ("tpe", SMALL, {"trials": 10}, "all trials done"),
        ("tpe", SMALL, {"trials": 50}, "all 10 points of the space tried"),
        ("tpe", SMALL, {"hours": 1}, "all 10 points of the space tried"),
        ("random", SMALL, {"hours": 1}, "all 10 points of the space tried"),
        ("random", SMALL, {"trials": 10}, "all trials done"),
        (
            "cmaes",
            {"train.epochs": {"low": 1, "high": 2}, "train.batch_size": {"low": 4, "high": 8}},
            {"hours": 1},
            "all 10 points of the space tried",
        ),
        ("tpe", {RATE: [0.1]}, {"trials": 3}, "all 1 points of the space tried"),
    ],
)
def test_a_small_space_is_tried_to_its_end_and_no_repeat_takes_a_place(
    method: str, space: dict[str, Any], budget: dict[str, Any], over: str, tmp_path: Path
) -> None:
    sweep = sweep_of(tmp_path, search=method, space=space, budget=budget)
    ledger = ledger_of(tmp_path, sweep)
    points = [tuple(point.values.values()) for point in all_points(ledger)]
    assert len(points) == len(set(points)) == (1 if len(space) == 1 else 10)
    assert ledger.over == over
    study = open_study(SweepDir(tmp_path), sweep, None)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * len(points)
    again = ledger_of(tmp_path, sweep)
    assert all_points(again) == [] and again.over == over


def test_what_runs_is_not_proposed_again_and_no_trial_is_told_to_have_failed(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, search="tpe", space=SMALL, budget={"hours": 1})
    ledger, begun = ledger_of(tmp_path, sweep), []
    while ledger.over is None:
        if (point := ledger.next()) is not None:
            begun.append(point.values)  # none of them ends
    assert len(begun) == 10 and ledger.over == "all 10 points of the space tried"
    assert {trial.state.name for trial in open_study(SweepDir(tmp_path), sweep, None).trials} == {"RUNNING"}


def test_a_configuration_in_other_words_is_no_new_trial(tmp_path: Path) -> None:
    space = {"train.epochs": [5, 6, 7], RATE: [0.1, 0.2]}  # a smoke test trains fewer epochs than any of them
    sweep = sweep_of(tmp_path, search="tpe", space=space, budget={"trials": 5})
    study = open_study(SweepDir(tmp_path), sweep, None)
    ledger = Ledger(study, sweep, Place(SweepDir(tmp_path), shared=False), smoke=True, retry=False)
    assert len(all_points(ledger)) == 2 and ledger.over == "all 6 points of the space tried"
    assert len(study.trials) == 2


def test_proposals_that_make_no_trial_come_one_by_one_and_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    monkeypatch.setattr("cnnbench.sweep.run.ledger.FRUITLESS", 5)
    schedule = {"train.schedule": {"name": "CosineDecay", "warmup_epochs": 9}, "train.epochs": 9}
    changes: dict[str, Any] = {"search": "tpe", "fixed": schedule, "budget": {"hours": 1}}
    sweep = sweep_of(tmp_path, space={RATE: RANGE}, **changes)
    bad = {"train.epochs": {"low": 1, "high": 3}, RATE: RANGE}
    small = {"search": "tpe", "space": bad, "budget": {"hours": 1}}
    ledger = ledger_of(tmp_path, replace(sweep, space=load_sweep(write_sweep(tmp_path, "b", **small)).space))
    for failed in range(1, 6):  # who asks is asked back after each, with its clock, its signals and its events
        assert ledger.next() is None and ledger.over is None
        assert [trial.state for trial in told(ledger)] == ["failed"] * failed
    assert ledger.next() is None and ledger.over == "5 proposals in a row made no new trial"


@pytest.mark.parametrize("method", ["random", "tpe", "cmaes"])
def test_what_a_step_leads_to_is_what_a_grid_has(method: str, tmp_path: Path) -> None:
    space = {"train.ema": {"low": 0.1, "high": 0.9, "step": 0.1}, RATE: {"low": 0.1, "high": 0.7, "step": 0.2}}
    sweep = sweep_of(tmp_path, search=method, space=space, budget={"trials": 12})
    ledger = ledger_of(tmp_path, sweep)
    points = all_points(ledger)
    assert len(points) == 12
    assert {point.values["train.ema"] for point in points} <= {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}
    assert {point.values[RATE] for point in points} <= {0.1, 0.3, 0.5, 0.7}
    assert [dict(trial.values) for trial in told(ledger)] == [dict(point.values) for point in points]


def test_failed_trials_are_tried_again_when_asked(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, space={RATE: [0.1, 0.2]})
    ledger = ledger_of(tmp_path, sweep)
    for state in ("failed", "done"):
        point = ledger.next()
        assert point is not None
        ledger.finish(point, state, "as it was", [0.3])
    assert all_points(ledger_of(tmp_path, sweep)) == []
    (again,) = all_points(ledger_of(tmp_path, sweep, retry=True))
    assert again.values[RATE] == 0.1
    assert [(trial.values[RATE], trial.state) for trial in told(ledger)] == [(0.2, "done"), (0.1, "done")]


def test_a_failed_point_is_tried_again_once_however_often_it_failed(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, space={RATE: [0.1]})
    for retry in (False, True):
        point = ledger_of(tmp_path, sweep, retry=retry).next()
        assert point is not None
        ledger_of(tmp_path, sweep).finish(point, "failed", "as it was")
    assert len(all_points(ledger_of(tmp_path, sweep, retry=True))) == 1


@pytest.mark.parametrize("state", ["failed", "pruned"])
def test_a_trial_whose_run_somebody_has_finished_is_begun_again_to_be_done(state: str, tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, space={RATE: [0.1, 0.2]})
    ledger = ledger_of(tmp_path, sweep)
    ended = [ledger.next(), ledger.next()]
    for point in ended:
        assert point is not None
        ledger.note(point, {0: SeedRun(0, state, "as it was", {}, 1, 1.0)})
        ledger.finish(point, state, "seed 0: as it was")
    assert ended[0] is not None and all_points(ledger_of(tmp_path, sweep)) == []
    run = RunDir(SweepDir(tmp_path).run(ended[0].identity, 0))  # `train --resume` went on with it
    write_json(run.status, {"state": "done"})
    write_json(run.metrics, {})
    (again,) = all_points(ledger_of(tmp_path, sweep))
    assert again.values == ended[0].values
    states = {trial.values[RATE]: trial.state for trial in told(ledger)}
    assert states == {0.1: "done", 0.2: state}
    assert all_points(ledger_of(tmp_path, sweep)) == []


def test_a_combination_that_is_no_configuration_fails_by_itself(tmp_path: Path) -> None:
    space = {"train.epochs": {"low": 1, "high": 3}, RATE: RANGE}
    schedule = {"train.schedule": {"name": "CosineDecay", "warmup_epochs": 3}, "train.epochs": 3}
    sweep = sweep_of(tmp_path, search={"method": "tpe"}, space={RATE: RANGE}, fixed=schedule, budget={"trials": 8})
    from dataclasses import replace

    wide = replace(
        sweep, space=load_sweep(write_sweep(tmp_path, "b", search="tpe", space=space, budget={"trials": 8})).space
    )
    ledger = ledger_of(tmp_path, wide)
    points = all_points(ledger)
    assert {point.config.train.epochs for point in points} <= {3}
    failed = [trial for trial in told(ledger) if trial.state == "failed"]
    assert len(points) + len(failed) == 8 and failed
    assert all("warmup_epochs" in trial.reason for trial in failed)


def test_a_sampler_follows_from_seed_and_number(tmp_path: Path) -> None:
    space = {RATE: RANGE, "train.batch_size": [8, 16, 32]}

    def proposed(seed: int, interrupted: bool) -> list[dict[str, Any]]:
        sweep = sweep_of(tmp_path, search={"method": "tpe", "seed": seed}, space=space, budget={"trials": 14})
        (folder := tmp_path / f"{seed}{interrupted}").mkdir()
        ledger, found = ledger_of(folder, sweep), []
        while ledger.over is None:
            if (point := ledger.next()) is None:
                continue
            found.append(dict(point.values))
            ledger.finish(point, "done", "", [float(point.values[RATE])])
            if interrupted:
                ledger = ledger_of(folder, sweep)
        return found

    assert proposed(0, False) == proposed(0, True) != proposed(1, False)


def test_what_changes_the_trials_changes_the_study(tmp_path: Path) -> None:
    plain = signature(sweep_of(tmp_path))
    assert signature(sweep_of(tmp_path, budget={"trials": 2}, execution={"slots": 1, "preload": False})) == plain
    for change in ({"repeats": 2}, {"objective": "val_loss"}, {"pruning": "median"}, {"space": {RATE: [0.5]}}):
        assert signature(sweep_of(tmp_path, **change)) != plain


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "cannot be used"),
        ("postgresql://user:secret@localhost:1/x", "postgresql://user:***@localhost:1/x: cannot be used"),
        ("sqlite:////nowhere/at/all/study.db", "unable to open database file"),
    ],
)
def test_a_storage_that_cannot_be_used_is_told_without_its_password(url: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        open_study(SweepDir(tmp_path), sweep_of(tmp_path), url)
    assert said in str(raised.value) and "secret" not in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_a_storage_without_its_driver_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(
        ConfigError, match=r"localhost/x: cannot be used .*; pip install 'cnnbench\[postgresql\]' brings"
    ):
        open_study(SweepDir(tmp_path), sweep_of(tmp_path), "postgresql://localhost/x")


@pytest.mark.parametrize("name", ["what?x=1", "a%20b", "a%", "{curly}", "{0}", "sp ace", "#h&;", "é"])
def test_the_study_lies_in_its_folder_whatever_that_is_called(name: str, tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, space={RATE: [0.1]})
    (folder := tmp_path / "in" / name).mkdir(parents=True)
    assert len(all_points(ledger_of(folder, sweep))) == 1
    assert [path.name for path in folder.iterdir()] == ["study.db"]
    assert [path.name for path in folder.parent.iterdir()] == [name]
    assert all_points(ledger_of(folder, sweep)) == []


def test_an_optuna_program_reads_the_study(tmp_path: Path) -> None:
    import optuna

    sweep = sweep_of(tmp_path)
    all_points(ledger_of(tmp_path, sweep))
    url = f"sqlite:///{tmp_path}/study.db"
    study = optuna.load_study(study_name=None, storage=url)
    assert study.study_name == f"sweep-{signature(sweep)}" and len(study.trials) == 4
    assert study.best_value == 0.5 and set(study.best_params) == {RATE, "train.batch_size"}


def let_an_hour_pass(shared: Path) -> None:
    """Have all signs of life in a storage be older than any trial may be silent."""
    assert GRACE < 3600
    with closing(sqlite3.connect(shared)) as database, database:
        aged = database.execute("UPDATE trial_heartbeats SET heartbeat = datetime(heartbeat, '-1 hour')")
        assert aged.rowcount > 0


def test_the_trial_of_a_machine_that_went_silent_is_done_again(tmp_path: Path) -> None:
    sweep, url = sweep_of(tmp_path, space={RATE: [0.1, 0.2]}), f"sqlite:///{tmp_path}/shared.db"

    def machine(name: str) -> Ledger:
        return ledger_of(tmp_path / name, sweep, url=url)

    silent = machine("silent")
    begun = silent.next()
    assert begun is not None
    silent.beat(iter([begun]))
    assert [point.values[RATE] for point in all_points(machine("second"))] == [0.2]  # it may still work on the first
    let_an_hour_pass(tmp_path / "shared.db")
    late = machine("late")
    assert [point.values[RATE] for point in all_points(late)] == [0.1]
    ended = [(trial.values[RATE], trial.state, trial.objectives) for trial in told(late)]
    assert ended == [(0.2, "done", (0.5,)), (0.1, "done", (0.5,))]
    assert not silent.report(begun, 1, 0.9)  # it wakes and goes on to the end
    silent.note(begun, {})
    silent.finish(begun, "done", "", [0.9])
    assert [(trial.values[RATE], trial.state, trial.objectives) for trial in told(silent)] == ended
    assert silent.next() is None


def test_a_trial_of_its_own_that_was_taken_for_lost_is_begun_anew(tmp_path: Path) -> None:
    sweep, url = sweep_of(tmp_path, space={RATE: [0.1]}), f"sqlite:///{tmp_path}/shared.db"
    killed = ledger_of(tmp_path, sweep, url=url)
    begun = killed.next()
    assert begun is not None
    killed.beat(iter([begun]))
    let_an_hour_pass(tmp_path / "shared.db")
    again = all_points(ledger_of(tmp_path, sweep, url=url))
    assert [(point.number, point.identity) for point in again] == [(1, begun.identity)]


def test_what_waits_to_be_gone_on_with_gives_signs_of_life_too(tmp_path: Path) -> None:
    sweep, url = sweep_of(tmp_path, space={RATE: [0.1, 0.2]}), f"sqlite:///{tmp_path}/shared.db"
    killed = ledger_of(tmp_path / "one", sweep, url=url)
    assert killed.next() and killed.next()
    ledger = ledger_of(tmp_path / "one", sweep, url=url)
    first = ledger.next()
    assert first is not None and first.number == 0  # the other one waits
    ledger.beat(iter([first]))
    with closing(sqlite3.connect(tmp_path / "shared.db")) as database:
        assert database.execute("SELECT COUNT(DISTINCT trial_id) FROM trial_heartbeats").fetchone() == (2,)
    let_an_hour_pass(tmp_path / "shared.db")  # as if this machine slept
    assert [point.values[RATE] for point in all_points(ledger_of(tmp_path / "two", sweep, url=url))] == [0.1, 0.2]
    assert ledger.next() is None  # and finds the one that waited done


def test_a_gaussian_process_searches_where_pytorch_is_installed(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    space = {RATE: RANGE, "train.batch_size": {"low": 8, "high": 64}}
    sweep = sweep_of(tmp_path, search="gp", space=space, budget={"trials": 12})
    ledger, found = ledger_of(tmp_path, sweep), []
    while (point := ledger.next()) is not None:
        found.append(-((math.log10(point.values[RATE]) + 3) ** 2))
        ledger.finish(point, "done", "", [found[-1]])
    assert len(found) == 12 and max(found[10:]) > sorted(found[:10])[5]  # better than it began


class Payload:
    """What runs code in who unpickles it."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("shared", [False, True])
def test_what_lies_in_somebody_else_s_study_is_never_run(shared: bool, tmp_path: Path) -> None:
    space = {RATE: RANGE, "train.batch_size": {"low": 8, "high": 64}}
    sweep = sweep_of(tmp_path, search="cmaes", space=space, budget={"trials": 3})
    url = f"sqlite:///{tmp_path}/shared.db" if shared else None
    ledger, study = ledger_of(tmp_path, sweep, url=url), open_study(SweepDir(tmp_path), sweep, url)
    code = pickle.dumps(Payload(tmp_path / "it ran")).hex()
    for _ in range(2):
        point = ledger.next()
        assert point is not None
        for prefix in ("cma", "sepcma", "cmawm"):
            study._storage.set_trial_system_attr(point.trial._trial_id, f"{prefix}:optimizer:0", code)
        ledger.finish(point, "done", "", [0.5])
    assert ledger_of(tmp_path, sweep, url=url).next() is not None
    assert not (tmp_path / "it ran").exists()
    pickle.loads(bytes.fromhex(code))
    assert (tmp_path / "it ran").exists()  # so the payload is a real one


def test_cma_es_learns_from_generation_to_generation_and_keeps_no_state(tmp_path: Path) -> None:
    space = {RATE: RANGE, "train.batch_size": {"low": 8, "high": 64}}
    sweep = sweep_of(tmp_path, search="cmaes", space=space, budget={"trials": 40})
    ledger, found = ledger_of(tmp_path, sweep), []
    while ledger.over is None:
        if (point := ledger.next()) is not None:
            found.append(abs(math.log10(point.values[RATE]) + 1.5))  # how far from the best
            ledger.finish(point, "done", "", [-found[-1]])
    assert sum(found[-10:]) < sum(found[:10]) / 2
    trials = open_study(SweepDir(tmp_path), sweep, None).trials
    assert {key for trial in trials for key in trial.system_attrs} == {"cma:generation"}
    assert max(trial.system_attrs.get("cma:generation", 0) for trial in trials) > 3
