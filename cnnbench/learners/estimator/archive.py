"""`model.skops`: a fitted pipeline in a file that is read without running anything in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import numpy as np
from sklearn.decomposition import PCA  # noqa: TID253 - reached only where an estimator is asked for
from sklearn.pipeline import Pipeline  # noqa: TID253

from cnnbench.catalogue.estimators import ESTIMATORS
from cnnbench.errors import DataError, first_line
from cnnbench.files.swollen import refuse_swollen_archive
from cnnbench.learners.estimator.features import Hog, Normalize, Pixels
from cnnbench.learners.estimator.matched import Matched
from cnnbench.learners.estimator.pipeline import class_of

# Besides what skops itself knows to be harmless: the steps of this package, and what scikit-learn's estimators keep.
TRUSTED = (
    "cnnbench.learners.estimator.features.Hog",
    "cnnbench.learners.estimator.features.Normalize",
    "cnnbench.learners.estimator.features.Pixels",
    "cnnbench.learners.estimator.fuzzy.FuzzyCMeans",
    "cnnbench.learners.estimator.matched.Matched",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",  # its nodes are looked at before they are followed
)
STEPS = (Normalize, Pixels, Hog, PCA, Matched)
UNREADABLE = (OSError, BadZipFile, ValueError, TypeError, LookupError, AttributeError, ImportError, RecursionError)


@dataclass(frozen=True)
class Saved:
    """A fitted pipeline, the shape (H, W, C) of its images, and how many classes there are."""

    pipeline: Any
    input_shape: tuple[int, int, int]
    classes: int


def write(saved: Saved, path: Path) -> None:
    """Write the file."""
    from skops import io

    content = {"pipeline": saved.pipeline, "input_shape": list(saved.input_shape), "classes": saved.classes}
    with path.open("wb") as file:
        io.dump(content, file, compression=ZIP_DEFLATED, compresslevel=1)


def read(path: Path) -> Saved:
    """Return what the file holds; raises DataError where it holds anything else than a pipeline of these estimators."""
    from skops import io

    try:
        with ZipFile(path) as archive:
            refuse_swollen_archive(path, archive)
        content = io.load(path, trusted=list(TRUSTED))
        pipeline, shape, classes = content["pipeline"], tuple(map(int, content["input_shape"])), content["classes"]
        sound = len(shape) == 3 and isinstance(classes, int) and _is_sound(pipeline)
    except DataError:
        raise
    except UNREADABLE as e:
        raise DataError(f"{path}: not a model that can be read ({first_line(e)})") from None
    if not sound:
        raise DataError(f"{path}: not a model that can be read (it holds something else than an estimator's steps)")
    return Saved(pipeline, (shape[0], shape[1], shape[2]), classes)


def _is_sound(pipeline: Any) -> bool:
    """Return whether all steps are ones that are made here, and the nodes of their trees lead nowhere else."""
    if type(pipeline) is not Pipeline or pipeline.memory is not None:
        return False
    *before, (name, last) = pipeline.steps
    known = all(type(step) in STEPS for _, step in before) and name in ESTIMATORS
    inner = last.clusterer if type(last) is Matched else last
    return known and type(inner) is class_of(name) and all(map(_is_sound_tree, trees_of(inner)))


def trees_of(estimator: Any) -> list[Any]:
    """Return the decision trees inside an estimator, itself included."""
    if hasattr(estimator, "tree_"):
        return [estimator.tree_]
    return [tree for one in np.ravel(getattr(estimator, "estimators_", [])) for tree in trees_of(one)]


def _is_sound_tree(tree: Any) -> bool:
    """Return whether every node is a leaf or leads to two later ones, by a value that there is.

    scikit-learn follows nodes without looking where they lead.
    """
    count, left, right, feature = tree.node_count, tree.children_left, tree.children_right, tree.feature
    inside, at = left != -1, np.arange(count)
    leads = [((side > at) & (side < count))[inside].all() for side in (left, right)]
    there = ((feature >= 0) & (feature < tree.n_features))[inside].all()
    return bool(count > 0 and len(tree.value) == count and all(leads) and there)
