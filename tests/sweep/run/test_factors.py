"""One key after another: which trial is next, and what is carried on; no training is needed to see that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.define.sweep import Sweep
from cnnbench.sweep.run.ledger import ALL_DONE, Ledger, Point
from cnnbench.sweep.run.place import Place
from cnnbench.sweep.run.plan import BEST, plan_of
from cnnbench.sweep.run.study import open_study
from tests.builders.searching import RATE
from tests.sweep.run.test_ledger import sweep_of

BATCH = "train.batch_size"
SPACE = {RATE: [0.1, 0.01, 0.001], BATCH: [16, 32, 64]}
WORTH = {(0.1, 32): 0.7, (0.01, 32): 0.8, (0.001, 32): 0.8, (0.01, 16): 0.9, (0.01, 64): 0.85}


def made(folder: Path, **search: Any) -> Sweep:
    return sweep_of(folder, search={"method": "one_factor", **search}, space=SPACE)


def opened(folder: Path, sweep: Sweep, *, retry: bool = False, url: str | None = None) -> Ledger:
    place = Place(SweepDir(folder), shared=url is not None)
    return Ledger(open_study(SweepDir(folder), sweep, url), sweep, place, smoke=False, retry=retry)


def values(point: Point) -> tuple[float, int]:
    return point.values[RATE], point.values[BATCH]


def ended(ledger: Ledger, worth: dict[tuple[float, int], float]) -> list[tuple[float, int]]:
    """Let every trial end in turn, those without a worth fail, and return their values."""
    found = []
    while ledger.over is None:
        if (point := ledger.next()) is not None:
            found.append(values(point))
            is_done = found[-1] in worth
            ledger.finish(point, "done" if is_done else "failed", "", [worth[found[-1]]] if is_done else None)
    assert ledger.over == ALL_DONE
    return found


def test_the_best_of_a_key_is_carried_on_and_of_equals_the_first_listed(tmp_path: Path) -> None:
    tried = ended(opened(tmp_path, made(tmp_path)), WORTH)
    assert tried == [(0.1, 32), (0.01, 32), (0.001, 32), (0.01, 16), (0.01, 64)]  # (0.01, 32) is known by then


def test_without_carrying_on_every_key_is_tried_around_the_base(tmp_path: Path) -> None:
    tried = ended(opened(tmp_path, made(tmp_path, carry=False)), {})
    assert tried == [(0.1, 32), (0.01, 32), (0.001, 32), (0.01, 16), (0.01, 64)]  # the base has 0.01 and 32
    other = sweep_of(tmp_path, search={"method": "one_factor", "order": [BATCH, RATE]}, space=SPACE)
    (folder := tmp_path / "other").mkdir()
    tried = ended(opened(folder, other), {(0.01, 16): 0.9})
    assert tried == [(0.01, 16), (0.01, 32), (0.01, 64), (0.1, 16), (0.001, 16)]


def test_a_key_whose_trials_all_failed_carries_on_the_base(tmp_path: Path) -> None:
    assert ended(opened(tmp_path, made(tmp_path)), {})[3:] == [(0.01, 16), (0.01, 64)]


def test_the_next_key_waits_for_every_trial_of_the_one_before(tmp_path: Path) -> None:
    sweep = made(tmp_path)
    ledger = opened(tmp_path, sweep)
    running = [ledger.next() for _ in range(3)]
    assert ledger.next() is None and ledger.waits and ledger.over is None
    for point, worth in zip(running[1:], (0.5, 0.6), strict=True):
        assert point is not None
        ledger.finish(point, "done", "", [worth])
    assert ledger.next() is None and ledger.waits
    again = opened(tmp_path, sweep)  # after a kill: what was left running is gone on with
    first = again.next()
    assert first is not None and values(first) == (0.1, 32) == values(running[0])  # type: ignore[arg-type]  # a point
    assert again.next() is None and again.waits
    again.finish(first, "done", "", [0.4])
    assert ended(again, {}) == [(0.001, 16), (0.001, 64)]


def test_a_machine_waits_for_what_another_one_runs(tmp_path: Path) -> None:
    sweep, url = made(tmp_path), f"sqlite:///{tmp_path / 'shared.db'}"
    here, there = opened(tmp_path / "here", sweep, url=url), opened(tmp_path / "there", sweep, url=url)
    points = [ledger.next() for ledger in (here, there, here)]  # in an order of their own: they are not alone
    assert here.next() is None and here.waits_for_others
    for ledger, point, worth in zip((here, there, here), points, (0.1, 0.9, 0.2), strict=True):
        assert point is not None
        ledger.finish(point, "done", "", [worth])
    best, point = points[1], here.next()
    assert best is not None and point is not None and not here.waits
    assert values(point) == (values(best)[0], 16)


def test_a_failed_trial_that_is_retried_and_becomes_the_best_is_carried_on(tmp_path: Path) -> None:
    sweep = made(tmp_path)
    ended(opened(tmp_path, sweep), {(0.01, 32): 0.5, (0.01, 16): 0.6, (0.01, 64): 0.7, (0.001, 32): 0.4})
    retried = ended(opened(tmp_path, sweep, retry=True), {(0.1, 32): 0.9})
    assert retried == [(0.1, 32), (0.1, 16), (0.1, 64)]


def test_values_that_a_smoke_run_shrinks_to_one_do_not_hold_it_up(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, search="one_factor", space={"train.epochs": [5, 9, 20], RATE: [0.1, 0.01]})
    place = Place(SweepDir(tmp_path), shared=False)
    ledger, begun = Ledger(open_study(place.folder, sweep, None), sweep, place, smoke=True, retry=False), []
    while ledger.over is None:
        if (point := ledger.next()) is not None:
            begun.append((point.values["train.epochs"], point.values[RATE]))
            ledger.finish(point, "done", "", [0.5])
    assert begun[0] == (2, 0.01) and begun[-1] == (2, 0.1) and len(begun) < 4


@pytest.mark.parametrize("carry", [True, False])
def test_the_plan_says_what_is_known_beforehand(carry: bool, tmp_path: Path) -> None:
    plan = plan_of(made(tmp_path, carry=carry), tmp_path, smoke=False)
    assert plan.trials is not None and plan.runs == 5
    later = BEST if carry else 0.01
    rows = [(trial.values[RATE], trial.values[BATCH]) for trial in plan.trials]
    assert rows == [(0.1, 32), (0.01, 32), (0.001, 32), (later, 16), (later, 64)]
