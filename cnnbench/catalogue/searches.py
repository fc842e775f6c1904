"""How a sweep chooses its points and when it ends a trial early, a row each.

Classes of Optuna, and what stands beside them, are named by where they are: nothing of it loads before a search runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

Points = Callable[..., Iterator[tuple[Any, ...]]]  # of the values of every axis, in order


@dataclass(frozen=True)
class SearchMethod:
    """A way to choose points; it has `points` or a `sampler`, or its points are rows of the sweep file.

    `takes` are its keys beside `method`. `points` makes them of what is listed for each axis, and `size` says how many
    of how many values. A sampler's have no end; if it `learns`, each follows from the trials before. `needs` is the
    package that it cannot do without, by module and by name. It searches `least_ranges` ranges at least and nothing
    else, where that is not 0, and takes `most_objectives`, where that is not None. One that goes `in_turn` varies one
    key at a time around the base; one that `ablates` has a single axis of its own: what the base is without.
    """

    about: str
    takes: tuple[str, ...] = ()
    points: Points | None = None
    size: Callable[[Sequence[int]], int] = prod
    sampler: str = ""
    learns: bool = False
    needs: tuple[str, str] | None = None
    least_ranges: int = 0
    most_objectives: int | None = None
    in_turn: bool = False
    ablates: bool = False

    @property
    def lists_rows(self) -> bool:
        """Whether its points are listed in the sweep file."""
        return not (self.takes_listed or self.draws)

    @property
    def takes_listed(self) -> bool:
        """Whether its points are made of values that each axis lists."""
        return self.points is not None or self.in_turn

    @property
    def draws(self) -> bool:
        """Whether its points have no end but that of their space."""
        return bool(self.sampler)


def one_at_a_time(sizes: Sequence[int]) -> int:
    """Return how many points differ from one of them in one value, with that one."""
    return 1 + sum(size - 1 for size in sizes)


SEARCHES: Mapping[str, SearchMethod] = {
    "grid": SearchMethod("every combination of the values", points=product),
    "random": SearchMethod("points drawn at random", ("seed",), sampler="optuna.samplers:RandomSampler"),
    "tpe": SearchMethod(
        "points where good ones have been: a tree-structured Parzen estimator",
        ("seed",),
        sampler="optuna.samplers:TPESampler",
        learns=True,
    ),
    "gp": SearchMethod(
        "points that a Gaussian process expects most of",
        ("seed",),
        sampler="optuna.samplers:GPSampler",
        learns=True,
        needs=("torch", "PyTorch"),
    ),
    "cmaes": SearchMethod(
        "an evolution strategy, for numbers",
        ("seed",),
        sampler="cnnbench.sweep.run.evolution:RebuiltCmaEs",
        learns=True,
        least_ranges=2,
        most_objectives=1,
    ),
    "list": SearchMethod("the rows of a CSV file", ("file", "rows")),
    "one_factor": SearchMethod(
        "one key after another, the best value of each carried on or not",
        ("order", "carry"),
        size=one_at_a_time,
        most_objectives=1,
        in_turn=True,
    ),
    "ablation": SearchMethod(
        "the base, and the base without each of its techniques", ("without",), points=product, ablates=True
    ),
}


@dataclass(frozen=True)
class PruningMethod:
    """A way to end trials early: one of Optuna's pruners, and its argument for each key that is taken.

    `longest` is the pruner's argument for the epochs of the longest trial.
    """

    about: str
    pruner: str
    takes: Mapping[str, str] = field(default_factory=dict)
    longest: str | None = None


PRUNINGS: Mapping[str, PruningMethod] = {
    "none": PruningMethod("every trial runs to its end", "optuna.pruners:NopPruner"),
    "median": PruningMethod(
        "ends what is below the median of the others",
        "optuna.pruners:MedianPruner",
        {"min_epochs": "n_warmup_steps", "startup_trials": "n_startup_trials"},
    ),
    "asha": PruningMethod(
        "ends all but the best share at each rung",
        "optuna.pruners:SuccessiveHalvingPruner",
        {"min_epochs": "min_resource", "reduction_factor": "reduction_factor"},
    ),
    "hyperband": PruningMethod(
        "several rungs that begin at different epochs",
        "optuna.pruners:HyperbandPruner",
        {"min_epochs": "min_resource", "reduction_factor": "reduction_factor"},
        longest="max_resource",
    ),
}


def that_take(key: str) -> list[str]:
    """Return the searches and prunings that a key is for."""
    return [name for methods in (SEARCHES, PRUNINGS) for name, method in methods.items() if key in method.takes]
