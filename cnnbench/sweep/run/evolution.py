"""CMA-ES that remembers nothing but trials: what lies in a study is somebody's text and never becomes code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optuna._transform import _SearchSpaceTransform  # noqa: TID253  # a class needs its base
from optuna.samplers import CmaEsSampler  # noqa: TID253

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial


class RebuiltCmaEs(CmaEsSampler):
    """Optuna's sampler, without the pickled state that it keeps in the study and would unpickle from anybody's.

    The state follows from the finished trials of each generation, told in their order (Hansen, "The CMA Evolution
    Strategy: A Tutorial", 2016), which costs milliseconds for hundreds.
    """

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return values for the axes that all trials have in common, none before the first trial is done."""
        done = self._get_trials(study)
        if not search_space or len(done) < self._n_startup_trials:
            return {}
        transform = _SearchSpaceTransform(search_space, transform_0_1=True)
        optimizer = self._init_optimizer(transform, study.direction)
        sign = 1 if study.direction.name == "MINIMIZE" else -1
        size = optimizer.population_size
        while len(solutions := self._get_solution_trials(done, optimizer.generation)) >= size:
            optimizer.tell([(transform.transform(t.params), sign * (t.value or 0.0)) for t in solutions[:size]])
        optimizer._rng.seed(self._cma_rng.rng.randint(1, 2**16) + trial.number)
        study._storage.set_trial_system_attr(trial._trial_id, self._attr_key_generation, optimizer.generation)
        return transform.untransform(optimizer.ask())
