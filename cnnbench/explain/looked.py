"""The maps of some images: how good each is, and whether it changes where the weights do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cnnbench.explain.effort import FULL, Effort
from cnnbench.explain.maps import Map, of_every_kind
from cnnbench.explain.scores import Scores, random_scores, rank_correlation, score
from cnnbench.explain.subjects.subject import Floats, Subject


@dataclass(frozen=True)
class Seen:
    """A map for a class with its scores, those of random maps, and its rank correlation with shuffled weights' map.

    There is no correlation of a model without weights, and of a map that is the same everywhere.
    """

    kind: str
    label: int
    map: Map
    scores: Scores
    random: Scores
    after_shuffling: float | None = None


def look(
    subject: Subject,
    images: Sequence[Floats],
    labels: Sequence[Sequence[int]],
    seed: int,
    show: Callable[[str], None],
    asked: Effort = FULL,
) -> list[list[Seen]]:
    """Return every map of each image, (H, W, C), for its classes; kinds in turn, and classes within a kind."""
    found = []
    for at, (image, each) in enumerate(zip(images, labels, strict=True), start=1):
        show(f"looking at image {at} of {len(images)}")
        found.append(list(_seen(subject, image, each, seed, asked)))
    if subject.network is None:
        return found
    show("looking again with shuffled weights")
    with subject.network.shuffled(seed):
        again = [of_every_kind(subject, image, each, asked) for image, each in zip(images, labels, strict=True)]
    return _compared(found, again)


def _seen(subject: Subject, image: Floats, labels: Sequence[int], seed: int, asked: Effort) -> Iterator[Seen]:
    random = {k: random_scores(subject, image, k, seed, asked) for k in labels}
    for kind, maps in of_every_kind(subject, image, labels, asked).items():
        for k, one in zip(labels, maps, strict=True):
            yield Seen(kind, k, one, score(subject, image, k, one.values, asked.pixel_steps), random[k])


def _compared(found: Sequence[Sequence[Seen]], again: Sequence[Mapping[str, Sequence[Map]]]) -> list[list[Seen]]:
    """Return the maps with how alike those are that the same network gives with shuffled weights."""
    compared = []
    for seen, maps in zip(found, again, strict=True):
        others = [one for of_classes in maps.values() for one in of_classes]
        alike = [rank_correlation(one.map.values, other.values) for one, other in zip(seen, others, strict=True)]
        compared.append([replace(one, after_shuffling=r) for one, r in zip(seen, alike, strict=True)])
    return compared
