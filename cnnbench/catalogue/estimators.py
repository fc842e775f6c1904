"""Estimators that `model.estimator` takes by scikit-learn's names, and what `model.features` makes of images for them.

Names and lines are here; arguments, defaults and ranges come from scikit-learn's own signatures and constraints
(`sklearn.json`, which scripts/sklearn_signatures.py writes).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnbench.catalogue.arguments import BOOLEAN, Argument, Arguments, Table, choice, either, integer, number, pair

SKLEARN = Path(__file__).with_name("sklearn.json")

CLASSIFIERS: Mapping[str, str] = {
    "AdaBoostClassifier": "trees of one split, each on what those before got wrong",
    "BaggingClassifier": "trees on drawn images, which vote",
    "BernoulliNB": "naive Bayes on whether a value is above a threshold",
    "ComplementNB": "naive Bayes by what the other classes are like; values not below 0",
    "DecisionTreeClassifier": "one tree of yes-or-no questions, pruned while (max_depth) or after (ccp_alpha) it grows",
    "DummyClassifier": "looks at no image: what guessing reaches",
    "ExtraTreeClassifier": "one tree whose splits are drawn",
    "ExtraTreesClassifier": "trees whose splits are drawn, which vote",
    "GaussianNB": "naive Bayes with a normal distribution for each value",
    "GradientBoostingClassifier": "small trees, each down the gradient of the loss",
    "KNeighborsClassifier": "what the nearest training images are",
    "LinearDiscriminantAnalysis": "normal distributions with one covariance: straight borders",
    "LinearSVC": "a linear support vector machine that grows slowly with the images",
    "LogisticRegression": "a softmax of weighted sums",
    "MLPClassifier": "scikit-learn's multilayer perceptron",
    "MultinomialNB": "naive Bayes on counts; values not below 0",
    "NearestCentroid": "the class whose mean image is nearest",
    "NuSVC": "a support vector machine by the share of its errors",
    "Perceptron": "Rosenblatt's: weighted sums that learn from mistakes",
    "QuadraticDiscriminantAnalysis": "a normal distribution for each class: curved borders",
    "RandomForestClassifier": "trees on drawn images and values, which vote",
    "RidgeClassifier": "weighted sums by least squares",
    "SGDClassifier": "a linear model by stochastic gradient descent",
    "SVC": "a support vector machine with a kernel",
}

CLUSTERERS: Mapping[str, str] = {
    "FuzzyCMeans": "scikit-fuzzy's c-means: images belong to every cluster, more or less",
    "KMeans": "images belong to the nearest of k means",
    "MiniBatchKMeans": "k-means on a few images at a time",
}

ESTIMATOR_LINES: Mapping[str, str] = {
    **CLASSIFIERS,
    **{name: f"{line}; unsupervised, clusters are matched to classes" for name, line in CLUSTERERS.items()},
}

_OTHERS = "it needs other estimators, which a file cannot say"
_NO_ANSWER = "it cannot say the cluster of an image that it has not seen"
_SWEEP = "it tries values by itself; a sweep tries them on the same images for every learner"
_UNLABELLED = "it learns from images without labels, and all have one here"
NOT_ESTIMATORS: Mapping[str, str] = {
    "AffinityPropagation": "it compares every image with every other",
    "AgglomerativeClustering": _NO_ANSWER,
    "Birch": "no file of it is safe to read; MiniBatchKMeans has one",
    "BisectingKMeans": "no file of it is safe to read; KMeans has one",
    "CalibratedClassifierCV": _OTHERS,
    "CategoricalNB": "pixels and features are no categories; GaussianNB takes them",
    "ClassifierChain": _OTHERS,
    "DBSCAN": _NO_ANSWER,
    "FeatureAgglomeration": "it puts features together, not images",
    "FixedThresholdClassifier": _OTHERS,
    "GaussianProcessClassifier": "it keeps a number for every pair of training images, of each class",
    "HDBSCAN": _NO_ANSWER,
    "HistGradientBoostingClassifier": "no file of it is safe to read; GradientBoostingClassifier has one",
    "LabelPropagation": _UNLABELLED,
    "LabelSpreading": _UNLABELLED,
    "LogisticRegressionCV": _SWEEP,
    "MeanShift": "it compares every image with every other",
    "MultiOutputClassifier": _OTHERS,
    "OPTICS": _NO_ANSWER,
    "OneVsOneClassifier": _OTHERS,
    "OneVsRestClassifier": _OTHERS,
    "OutputCodeClassifier": _OTHERS,
    "PassiveAggressiveClassifier": "scikit-learn gives it up; SGDClassifier does the same with learning_rate: pa1",
    "RadiusNeighborsClassifier": "an image without neighbours in reach has no class; KNeighborsClassifier always has",
    "RidgeClassifierCV": _SWEEP,
    "SelfTrainingClassifier": _UNLABELLED,
    "SpectralClustering": _NO_ANSWER,
    "StackingClassifier": _OTHERS,
    "TunedThresholdClassifierCV": _OTHERS,
    "VotingClassifier": _OTHERS,
}

_ONCE = "what is fitted is fitted once"
_GIVEN_UP = "scikit-learn gives it up"
_ALL_PAIRS = "neighbours are looked for among all, which finds the same ones"
REFUSED: Mapping[str, str] = {
    "algorithm": _ALL_PAIRS,
    "leaf_size": _ALL_PAIRS,
    "n_jobs": "train.threads sets it",
    "penalty": f"{_GIVEN_UP}: l1_ratio says it, 0 for l2 and 1 for l1",
    "probability": f"{_GIVEN_UP}: measures that need probabilities are left out",
    "random_state": "seeds derive from the experiment's seed",
    "verbose": "what is told of a training is told by the run",
    "warm_start": _ONCE,
}
# What changes no prediction, or says something of each value of an image by its place.
LEFT_OUT = ("constant", "compute_labels", "copy_X", "copy_x", "monotonic_cst", "oob_score", "store_covariance")
# Metrics that compare something else than two images, or need more than the two.
NOT_METRICS = ("haversine", "mahalanobis", "precomputed", "pyfunc", "seuclidean")
REFUSED_OF: Mapping[str, tuple[str, ...]] = {  # where another estimator takes them
    "algorithm": ("KNeighborsClassifier",),
    "leaf_size": ("KNeighborsClassifier",),
    "penalty": ("LogisticRegression",),
    "probability": ("SVC", "NuSVC"),
}
ANY_SIGN_REFUSED = ("ComplementNB", "MultinomialNB")  # they take no values below 0

# Arguments that have an effect only where another one has this value.
NEEDS: Mapping[tuple[str, str], tuple[str, Any]] = {
    ("KNeighborsClassifier", "p"): ("metric", "minkowski"),
    ("SVC", "degree"): ("kernel", "poly"),
    ("NuSVC", "degree"): ("kernel", "poly"),
    ("MLPClassifier", "beta_1"): ("solver", "adam"),
    ("MLPClassifier", "beta_2"): ("solver", "adam"),
    ("MLPClassifier", "epsilon"): ("solver", "adam"),
    ("MLPClassifier", "momentum"): ("solver", "sgd"),
    ("MLPClassifier", "nesterovs_momentum"): ("solver", "sgd"),
    ("MLPClassifier", "learning_rate"): ("solver", "sgd"),
    ("MLPClassifier", "power_t"): ("learning_rate", "invscaling"),
    ("MLPClassifier", "max_fun"): ("solver", "lbfgs"),
    ("MLPClassifier", "validation_fraction"): ("early_stopping", True),
    ("SGDClassifier", "validation_fraction"): ("early_stopping", True),
    ("SGDClassifier", "l1_ratio"): ("penalty", "elasticnet"),
    ("SGDClassifier", "power_t"): ("learning_rate", "invscaling"),
    ("Perceptron", "validation_fraction"): ("early_stopping", True),
    ("Perceptron", "l1_ratio"): ("penalty", "elasticnet"),
}

FUZZY: Arguments = {  # scikit-fuzzy's own names, but for n_clusters
    "n_clusters": Argument(integer(1), default=8),
    "m": Argument(number(above=1), default=2.0),
    "error": Argument(number(above=0), default=0.005),
    "maxiter": Argument(integer(1), default=1000),
    "metric": Argument(choice("euclidean", "cityblock", "cosine", "chebyshev"), default="euclidean"),
}

FEATURE_LINES: Mapping[str, str] = {
    "pixels": "the normalised pixels of the image, one after the other",
    "hog": "histograms of oriented gradients, by scikit-image",
    "pca": "principal components of what comes before, pixels where nothing does",
}
FEATURES: Table = {
    "pixels": {},
    "hog": {
        "orientations": Argument(integer(1), default=9),
        "pixels_per_cell": Argument(pair(integer(1)), default=8),
        "cells_per_block": Argument(pair(integer(1)), default=3),
        "block_norm": Argument(choice("L1", "L1-sqrt", "L2", "L2-Hys"), default="L2-Hys"),
    },
    "pca": {
        "components": Argument(
            {
                **either(integer(1), number(above=0, below=1)),
                "expected": "a number of components or a share of variance",
            },
            required=True,
        ),
        "whiten": Argument(BOOLEAN, default=False),
    },
}


def refused(name: str) -> Mapping[str, str]:
    """Return why arguments cannot be given that scikit-learn's estimator of this name has."""
    return {key: why for key, why in REFUSED.items() if name in REFUSED_OF.get(key, (name,))}


def _tables() -> Table:
    found = json.loads(SKLEARN.read_text(encoding="utf-8"))["ESTIMATORS"]
    return {"FuzzyCMeans": FUZZY, **{name: _arguments(name, row) for name, row in found.items()}}


def _arguments(name: str, found: Mapping[str, Any]) -> Arguments:
    return {key: Argument(row["allowed"], False, NEEDS.get((name, key)), row["default"]) for key, row in found.items()}


ESTIMATORS = _tables()
