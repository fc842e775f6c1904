"""What a trained run looks at, from its folder to what is kept of it: the story of `cnnbench explain`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schema import Config
from cnnbench.data.load import load_dataset
from cnnbench.data.pixels import as_pixels
from cnnbench.data.types import Dataset, Split
from cnnbench.errors import ConfigError, DataError, did_you_mean
from cnnbench.evaluation.predictor import Predictor
from cnnbench.explain import chosen, kept
from cnnbench.explain.chosen import Chosen
from cnnbench.explain.effort import Effort, effort
from cnnbench.explain.embedding import drawn, embed, neighbours
from cnnbench.explain.looked import look
from cnnbench.explain.subjects.choose import subject_of
from cnnbench.explain.subjects.subject import Network, Subject
from cnnbench.learners.choose import load
from cnnbench.learners.learner import Trained
from cnnbench.machine.runtime import Backend
from cnnbench.runs.explained import Explained
from cnnbench.runs.run import Run
from cnnbench.runs.split import recorded

Show = Callable[[str], None]
Found = tuple[dict[str, Any], dict[str, NDArray[Any]]]  # what is kept in numbers, and in pictures

OF_NETWORKS = "feature maps, first filters, Grad-CAM, integrated gradients, dead units, check by shuffled weights"
OF_DATA = "embedding, nearest training images and dead units"


@dataclass(frozen=True)
class Wanted:
    """What to explain: image files, folders and patterns, test images by index, or some by the seed; for which classes.

    Besides those named, the class that is predicted is always explained. About large images a model is asked less often
    than about small ones, unless it is to be `thorough`.
    """

    files: Sequence[str] = ()
    indices: Sequence[int] = ()
    classes: Sequence[str] = ()
    backend: Backend | None = None
    offline: bool = False
    thorough: bool = False


def explain(run: Run, wanted: Wanted, show: Show = lambda _: None) -> Explained:
    """Return what a finished run's model looks at; nothing is written.

    Raises ConfigError for a class or an index that there is not, DataError for files that cannot be read, and for data
    that are gone or changed where their images are asked for.
    """
    named = [_label(name, run.class_names) for name in wanted.classes]
    config = run.load_config()
    show(f"reading {config.data.source}")
    dataset, without = _dataset(run, config, wanted)
    trained = load(run.folder.model, wanted.backend, show)
    subject = subject_of(trained)
    images, rule = _chosen(run, config, wanted, trained, dataset)
    asked = effort(images[0].image.shape, wanted.thorough)
    facts, arrays = _looked_at(subject, trained, images, named, run, asked, show)
    show("looking at layers and features")
    for more, pictures in (
        _layers(subject.network, images[0], dataset),
        _arranged(subject, trained, images, dataset, run),
    ):
        facts |= more
        arrays |= pictures
    left_out = [*without, *_left_out(subject, trained)]
    said = {"chosen": rule, "effort": asked.as_dict(), "classes": list(run.class_names), "left_out": left_out}
    return Explained(kept.with_neighbours(said | facts), arrays)


def _label(name: str, names: Sequence[str]) -> int:
    if name not in names:
        raise ConfigError(f"--class {name}: no class of this run{did_you_mean(name, names)}")
    return list(names).index(name)


def _dataset(run: Run, config: Config, wanted: Wanted) -> tuple[Dataset | None, list[str]]:
    """Return the images of the run; of files alone much can be told where these are gone, and what not is returned."""
    try:
        return load_dataset(config, record=recorded(run.path), offline=wanted.offline), []
    except DataError as e:
        if not wanted.files or wanted.indices:
            raise
        return None, [f"{OF_DATA}: {e.problems[0]}"]


def _chosen(
    run: Run, config: Config, wanted: Wanted, trained: Trained, dataset: Dataset | None
) -> tuple[list[Chosen], str]:
    """Return the images to explain, and by what rule they are these."""
    if wanted.files or wanted.indices or dataset is None:
        files = chosen.of_files(wanted.files, Predictor(trained, config.data, run.class_names))
        tested = chosen.of_indices(wanted.indices, dataset) if wanted.indices and dataset else []
        return [*files, *tested], "the images that were named"
    test = dataset.test
    known = _known(run, test)
    predicted = trained.predict_split(test).argmax(axis=1) if known is None else known
    return chosen.by_rule(predicted == test.labels, dataset, config.seed)


def _known(run: Run, test: Split) -> NDArray[Any] | None:
    """Return what the run says of its test images, (n,), None where it has kept nothing that fits them."""
    before = run.predictions
    return before.predicted if before is not None and len(before.labels) == len(test) else None


def _looked_at(
    subject: Subject,
    trained: Trained,
    images: Sequence[Chosen],
    named: Sequence[int],
    run: Run,
    asked: Effort,
    show: Show,
) -> Found:
    """Return what the model says of each image, and its maps for that class and those named."""
    names, seed = run.class_names, int(run.config.get("seed", 0))
    pixels = [one.image for one in images]
    chances = subject.predict(np.stack(pixels))
    labels = [list(dict.fromkeys([int(each.argmax()), *named])) for each in chances]
    seen = look(subject, pixels, labels, seed, show, asked)
    told = [
        {
            "name": one.name,
            "true": None if one.true is None else names[one.true],
            "predicted": names[each[0]],
            "probability": float(chance[each[0]]) if trained.gives_probabilities else None,
            "maps": [kept.map_facts(found, names) for found in maps],
        }
        for one, each, chance, maps in zip(images, labels, chances, seen, strict=True)
    ]
    strengths = np.stack([kept.strength(found.map.values) for maps in seen for found in maps])
    return {"images": told}, {"images": as_pixels(np.stack(pixels)), "maps": strengths}


def _layers(network: Network | None, first: Chosen, dataset: Dataset | None) -> Found:
    """Return the maps of every layer for the first image, the first filters, and the dead units."""
    if network is None:
        return {"layers": [], "filters": None, "maps_layer": None, "dead_units": {}}, {}
    layers, filters = network.layers(first.image), network.filters()
    facts = {
        "layers": [{"name": one.name, "kind": one.kind, "maps": one.maps.shape[-1]} for one in layers],
        "filters": None if filters is None else filters[0],
        "maps_layer": network.maps_layer,
        "dead_units": {} if dataset is None else dict(network.dead_units(dataset.train)),
    }
    pictures = {f"layer_{at}": kept.strongest(one.maps) for at, one in enumerate(layers)}
    return facts, pictures if filters is None else {**pictures, "filters": kept.filters(filters[1])}


def _arranged(subject: Subject, trained: Trained, images: Sequence[Chosen], dataset: Dataset | None, run: Run) -> Found:
    """Return how the model arranges test images, and which training images are next to those explained."""
    if dataset is None:
        return {"points": [], "training": 0, "nearest": [[] for _ in images]}, {}
    names, seed = dataset.class_names, int(run.config.get("seed", 0))
    at, known = drawn(len(dataset.test), seed), _known(run, dataset.test)
    test = dataset.test.pick(at)
    pixels = test.images(np.arange(len(test)))
    features = subject.features(pixels)
    found = embed(features, seed)
    said = trained.predict_images(pixels).argmax(axis=1) if known is None else known[at]
    near = neighbours(subject, np.stack([one.image for one in images]), dataset.train)
    facts = {
        "embedding": {
            **{"features": features.shape[1], "of": len(dataset.test)},
            **{"explained": list(found.explained), "perplexity": found.perplexity},
        },
        "points": [
            {"index": int(row), "true": names[true], "predicted": names[guess]}
            for row, true, guess in zip(test.rows, test.labels, said, strict=True)
        ],
        "training": near.among,
        "nearest": kept.neighbour_facts(near, dataset),
    }
    return facts, {
        **{"pca": found.pca, "thumbnails": kept.thumbnails(pixels)},
        **({} if found.tsne is None else {"tsne": found.tsne}),
        "neighbours": kept.neighbour_pictures(near, dataset),
    }


def _left_out(subject: Subject, trained: Trained) -> list[str]:
    """Return what there is not of a model, each with the reason."""
    without = [] if trained.gives_probabilities else ["probabilities: it says a class alone, which counts as 1"]
    if subject.network is None:
        return [*without, f"{OF_NETWORKS}: an estimator has no layers and no gradients"]
    if subject.network.maps_layer is None:
        return [*without, "Grad-CAM: the network has no layer of maps that everything goes through"]
    return without
