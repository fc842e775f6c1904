"""What is taken of a plan, alone and beside others."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cnnbench.sweep.define.sweep import Values
from cnnbench.sweep.run.ahead import SPREAD, Ahead, Crowd
from cnnbench.sweep.run.trials import key_of

PLAN = [{"train.batch_size": n} for n in range(1, 101)]


def taken(crowd: Crowd, left: int, tried: dict[str, Values] | None = None) -> int:
    point = Ahead(PLAN).pick(tried or {}, crowd, left)
    assert point is not None
    number = point["train.batch_size"]
    assert isinstance(number, int)
    return number


def test_who_is_alone_takes_one_after_the_other_and_looks_no_further() -> None:
    looked: list[Values] = []

    def plan() -> Iterator[Values]:
        for values in PLAN:
            looked.append(values)
            yield values

    ahead, tried = Ahead(plan()), {}
    for number in range(1, 4):
        point = ahead.pick(tried, Crowd(), math.inf)
        assert point == {"train.batch_size": number}
        tried[key_of(point)] = point
    assert len(looked) == 3


def test_machines_that_ask_at_once_take_different_points() -> None:
    machines = [Crowd(63, f"machine {n}") for n in range(64)]
    assert len({taken(machine, left=100) for machine in machines}) > 40  # of 64 drawn from 100, 47 differ on average


def test_a_point_stays_until_somebody_has_tried_it() -> None:
    ahead = Ahead(PLAN[:1])
    assert ahead.pick({}, Crowd(5, "here"), math.inf) == PLAN[0]
    assert ahead.pick({}, Crowd(), math.inf) == PLAN[0], "the other one's machine went silent"
    assert ahead.pick({key_of(PLAN[0]): PLAN[0]}, Crowd(), math.inf) is None


def test_many_machines_try_what_one_would() -> None:
    tried: dict[str, Values] = {}
    for turn in range(20):
        number = taken(Crowd(7, f"machine {turn % 8}"), 20 - len(tried), tried)
        tried[key_of(PLAN[number - 1])] = PLAN[number - 1]
    assert sorted(int(str(values["train.batch_size"])) for values in tried.values()) == list(range(1, 21))


def test_it_looks_as_far_as_others_may_take_points() -> None:
    assert {taken(Crowd(1, f"machine {n}"), left=100) for n in range(300)} == set(range(1, 2 + SPREAD))
