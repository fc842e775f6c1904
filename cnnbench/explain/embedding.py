"""How a model arranges images: its features in two dimensions, and which training images are next to an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from cnnbench.data.chunks import chunks, spread
from cnnbench.data.types import Split
from cnnbench.explain.subjects.subject import Floats, Subject
from cnnbench.seeds import Stream, generator, words

POINTS = 500  # test images that are embedded
TRAINING, FEWEST_TRAINING = 10_000, 1_000  # training images that neighbours are looked for among
SIDE = 64  # pixels of images up to which they are as many; of larger ones fewer, so that it takes no longer
NEIGHBOURS = 5
PERPLEXITY = 30.0
FEWEST = 8  # images that t-SNE says anything of
BEFORE = 50  # principal components that t-SNE gets


@dataclass(frozen=True)
class Embedded:
    """Features (n, d) in two dimensions: (n, 2) each, and the share of their variance that each of PCA's has.

    There is no t-SNE of very few images.
    """

    pca: Floats
    explained: tuple[float, float]
    tsne: Floats | None
    perplexity: float | None


@dataclass(frozen=True)
class Neighbours:
    """The nearest training images of each image: (m, k) positions in the split and distances of features."""

    positions: NDArray[np.int64]
    distances: Floats
    among: int


def drawn(images: int, seed: int) -> NDArray[np.int64]:
    """Return the positions of the test images that are embedded, in order."""
    return np.sort(generator(Stream.EXPLAINED, seed, 2).choice(images, min(POINTS, images), replace=False))


def embed(features: Floats, seed: int) -> Embedded:
    """Return principal components, and t-SNE of the first fifty of them (van der Maaten and Hinton, 2008)."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    random = int(words(1, Stream.EXPLAINED, seed, 3)[0])
    count, width = features.shape
    pca = PCA(min(BEFORE, count, width), random_state=random)
    found = np.pad(pca.fit_transform(features.astype(np.float64)), ((0, 0), (0, 2)))
    shares = [*pca.explained_variance_ratio_.tolist(), 0.0, 0.0]
    perplexity = min(PERPLEXITY, (count - 1) / 3) if count >= FEWEST else None
    tsne = None
    if perplexity is not None:
        with threadpool_limits(1):  # threads of so small a task wait for each other, on a busy machine for minutes
            tsne = TSNE(perplexity=perplexity, init="pca", random_state=random).fit_transform(found[:, :-2])
    known = tuple(0.0 if np.isnan(share) else float(share) for share in shares[:2])
    return Embedded(found[:, :2].astype(np.float32), (known[0], known[1]), tsne, perplexity)


def neighbours(subject: Subject, images: Floats, training: Split) -> Neighbours:
    """Return the training images whose features are nearest (Euclidean) to those of images (m, H, W, C).

    Of very many training images some are looked at, spread evenly over them, and of large ones fewer.
    """
    height, width, _ = training.store.shape
    most = min(TRAINING, max(FEWEST_TRAINING, TRAINING * SIDE**2 // (height * width)))
    looked_at = spread(len(training), most)
    wanted = subject.features(images).astype(np.float64)
    best: NDArray[Any] = np.zeros((len(images), 0), np.int64)
    squared: NDArray[Any] = np.zeros((len(images), 0))
    for some in chunks(len(looked_at), training.store.shape):
        seen = subject.features(training.images(looked_at[some])).astype(np.float64)
        found = (wanted**2).sum(-1)[:, None] + (seen**2).sum(-1) - 2 * wanted @ seen.T
        best = np.concatenate([best, np.broadcast_to(looked_at[some], found.shape)], axis=1)
        squared = np.concatenate([squared, found], axis=1)
        nearest = np.argsort(squared, axis=1, kind="stable")[:, :NEIGHBOURS]
        best, squared = (np.take_along_axis(values, nearest, axis=1) for values in (best, squared))
    return Neighbours(best, np.sqrt(np.maximum(squared, 0)).astype(np.float32), len(looked_at))
