"""Clusters that stand for classes."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin  # noqa: TID253 - reached only where an estimator is asked for

RULE = "each cluster stands for the class that most of its training images have"


class Matched(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A clusterer that looks at no label, and afterwards the class that the majority in each cluster has.

    Several clusters may stand for one class, and a class that is the majority nowhere for none. A cluster without
    training images stands for the most frequent class.
    """

    def __init__(self, clusterer: Any = None) -> None:
        self.clusterer = clusterer

    def fit(self, values: NDArray[Any], labels: NDArray[np.int64]) -> Self:
        """Cluster values (n, values) and match the clusters to labels (n,)."""
        found = self.clusterer.fit(values).labels_
        self.classes_ = np.unique(labels)
        counts = np.zeros((int(max(found.max() + 1, self.clusterer.n_clusters)), len(self.classes_)), np.int64)
        np.add.at(counts, (found, np.searchsorted(self.classes_, labels)), 1)
        majority = np.where(counts.any(axis=1), counts.argmax(axis=1), counts.sum(axis=0).argmax())
        self.counts_, self.class_of_ = counts, self.classes_[majority]
        return self

    def predict(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """Return the class of the cluster of each of values (n, values), (n,)."""
        found: NDArray[np.int64] = self.class_of_[self.clusterer.predict(values)]
        return found

    def told(self) -> str:
        """Return how clusters and classes were matched."""
        inside, of_majority = int(self.counts_.sum()), int(self.counts_.max(axis=1).sum())
        standing = len(np.unique(self.class_of_[self.counts_.any(axis=1)]))
        return (
            f"unsupervised: {len(self.counts_)} clusters, found without labels, then matched to classes on the training"
            f" images: {RULE}; {standing} of {len(self.classes_)} classes have a cluster, {of_majority} of {inside}"
            " training images are of their cluster's class"
        )
