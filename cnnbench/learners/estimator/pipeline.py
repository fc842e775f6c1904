"""The scikit-learn pipeline of a configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sklearn.cluster import KMeans, MiniBatchKMeans  # noqa: TID253 - reached only where an estimator is asked for
from sklearn.decomposition import PCA  # noqa: TID253
from sklearn.pipeline import Pipeline  # noqa: TID253
from sklearn.utils import all_estimators  # noqa: TID253

from cnnbench.catalogue.estimators import CLUSTERERS
from cnnbench.config.estimator import estimator_of, steps_of
from cnnbench.config.schema import Config
from cnnbench.data.normalize import Normalization
from cnnbench.learners.estimator.features import Hog, Normalize, Pixels
from cnnbench.learners.estimator.fuzzy import FuzzyCMeans
from cnnbench.learners.estimator.matched import Matched
from cnnbench.seeds import Stream, words

CLUSTERING = {"FuzzyCMeans": FuzzyCMeans, "KMeans": KMeans, "MiniBatchKMeans": MiniBatchKMeans}
ALWAYS = {"KNeighborsClassifier": {"algorithm": "brute"}}  # trees of neighbours are in no file that is safe to read


def pipeline_of(config: Config, normalization: Normalization, threads: int) -> Pipeline:
    """Return what fits images (n, H, W, C) with pixel values 0..255 and their labels (n,), not fitted yet.

    What draws has a seed of its own, by its place.
    """
    steps = [("normalize", Normalize(normalization.scale, normalization.offset)), *_features(config)]
    name, arguments = estimator_of(config.model)
    made = _estimator(name, arguments)
    drawn = words(len(steps) + 1, Stream.ESTIMATOR, config.seed).tolist()
    for (_, step), seed in zip([*steps, (name, made)], drawn, strict=True):
        _set(step, random_state=seed, n_jobs=threads)
    return Pipeline([*steps, (name, Matched(made) if name in CLUSTERERS else made)])


def _features(config: Config) -> Iterator[tuple[str, Any]]:
    for name, arguments in steps_of(config.model):
        yield name, _step(name, arguments)


def _step(name: str, arguments: Mapping[str, Any]) -> Any:
    if name == "pca":
        return PCA(n_components=arguments["components"], whiten=arguments.get("whiten", False))
    return Hog(**arguments) if name == "hog" else Pixels()


def _estimator(name: str, arguments: Mapping[str, Any]) -> Any:
    return class_of(name)(**arguments, **ALWAYS.get(name, {}))


def class_of(name: str) -> Any:
    """Return the class of an estimator by its name."""
    return CLUSTERING[name] if name in CLUSTERERS else dict(all_estimators("classifier"))[name]


def _set(step: Any, **values: Any) -> None:
    """Set what a step has of some arguments."""
    has = step.get_params(deep=False)
    step.set_params(**{key: value for key, value in values.items() if key in has})
