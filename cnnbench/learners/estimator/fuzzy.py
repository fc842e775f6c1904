"""Fuzzy c-means of scikit-fuzzy with the methods of scikit-learn's clusterers."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin  # noqa: TID253 - reached only where an estimator is asked for
from sklearn.utils import check_random_state  # noqa: TID253


class FuzzyCMeans(ClusterMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Clusters to which every image belongs more or less; Bezdek, 1981, "Pattern Recognition with Fuzzy ...".

    `m` above 1 says how fuzzy: towards 1 it is k-means, and with many values per image large ones pull all centres
    together. An image is of the cluster that it belongs to most, which is the nearest centre's.
    """

    def __init__(
        self,
        n_clusters: int = 8,
        m: float = 2.0,
        error: float = 0.005,
        maxiter: int = 1000,
        metric: str = "euclidean",
        random_state: int | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.m = m
        self.error = error
        self.maxiter = maxiter
        self.metric = metric
        self.random_state = random_state

    def fit(self, values: NDArray[Any], labels: Any = None) -> Self:
        """Find the centres of values (n, values); the first memberships are drawn by `random_state`."""
        from skfuzzy.cluster import cmeans

        first = check_random_state(self.random_state).random_sample((self.n_clusters, len(values)))
        centers, memberships, _, _, _, rounds, _ = cmeans(
            np.asarray(values, np.float64).T,
            self.n_clusters,
            self.m,
            self.error,
            self.maxiter,
            metric=self.metric,
            init=first / first.sum(axis=0),
        )
        self.cluster_centers_, self.labels_, self.n_iter_ = centers, memberships.argmax(axis=0), int(rounds)
        return self

    def predict(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """Return the cluster that each of values (n, values) belongs to most, (n,)."""
        from scipy.spatial.distance import cdist

        nearest: NDArray[np.int64] = cdist(values, self.cluster_centers_, self.metric).argmin(axis=1)
        return nearest
