"""Checks that need more than one key. Each says which sections it reads: it is skipped where one has other mistakes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cnnbench.catalogue.augmentations import COLOUR_ONLY, FIRST
from cnnbench.catalogue.sources import Shape, sources
from cnnbench.catalogue.values import KeyPath, Violation, found
from cnnbench.config.budget import budget_mistakes
from cnnbench.config.caching import caching_mistakes
from cnnbench.config.class_names import no_such_class
from cnnbench.config.estimator import estimator_mistakes
from cnnbench.config.idle import idle_keys, is_set
from cnnbench.config.paths import IMAGENET
from cnnbench.config.plain_network import beyond_numpy
from cnnbench.config.schedules import CosineDecay, ReduceLROnPlateau, StepDecay
from cnnbench.config.schema import Config, Constants, EarlyStopping, Train
from cnnbench.config.staging import freezing_mistakes, length_mistakes
from cnnbench.config.static import may_bring_splits, source_channels, static_classes, static_shape
from cnnbench.config.watching import watching_mistakes


@dataclass(frozen=True)
class Known:
    """A configuration and what is known of its images before a file is opened."""

    config: Config
    shape: Shape | None
    channels: int | None
    classes: int | None

    @classmethod
    def of(cls, config: Config) -> Known:
        """Derive everything from the configuration."""
        data = config.data
        channels = source_channels(data) if data.color is None else 3 if data.color == "rgb" else 1
        return cls(config, static_shape(data), channels, static_classes(data))


def check(known: Known, wrong_sections: Collection[str]) -> Iterator[Violation]:
    """Yield every mistake that shows only when keys are seen together."""
    for sections, rule in _RULES:
        if not set(sections) & set(wrong_sections):
            yield from rule(known)
    for path, message in idle_keys(known.config, known.classes).items():
        reads = {str(path[0]), *(["data"] if path[0] == "evaluation" else [])}
        if not reads & set(wrong_sections) and is_set(known.config, path):
            yield path, message


def untrained(data: Mapping[str, Any]) -> Iterator[Violation]:
    """Yield where a network without weights would not be trained; `data` may have any other mistake."""
    train, model = data.get("train"), data.get("model")
    weights = model.get("weights") if isinstance(model, Mapping) else None
    epochs = train.get("epochs") if isinstance(train, Mapping) else None
    if weights is None and type(epochs) is int and epochs == 0:
        message = "expected an integer >= 1, found 0: only model.weights can be tested without training"
        yield ("train", "epochs"), message


def _path(known: Known) -> Iterator[Violation]:
    data, own = known.config.data, sources()[known.config.data.source].own
    if own and data.path is None:
        yield ("data", "path"), f"missing; source {data.source} needs the path of {own.what}"


def _options(known: Known) -> Iterator[Violation]:
    data = known.config.data
    for path, message in sources()[data.source].check(data.options):
        yield ("data", data.source, *path), message


def _classes(known: Known) -> Iterator[Violation]:
    """Yield classes that are named twice, and those that a published set does not have."""
    chosen, there = known.config.data.classes or [], known.config.data.facts.class_names
    for i, name in enumerate(chosen):
        if name in chosen[:i]:
            yield ("data", "classes", i), f"{found(name)} is named twice"
        elif there and name not in there:
            yield ("data", "classes", i), f"{known.config.data.source} has {no_such_class(name, there)}"


def _normalize(known: Known) -> Iterator[Violation]:
    normalize, channels = known.config.data.normalize, known.channels
    if normalize == "imagenet" and channels == 1:
        yield ("data", "normalize"), "imagenet needs 3 channels, found 1; data.color: rgb makes three of one"
    if not isinstance(normalize, Constants):
        return
    if len(normalize.mean) != len(normalize.std):
        message = f"mean and std differ in length: {len(normalize.mean)} and {len(normalize.std)}"
        yield ("data", "normalize"), message
    elif channels is not None and len(normalize.mean) not in (1, channels):
        allowed = "1 value" if channels == 1 else f"1 or {channels} values"
        yield ("data", "normalize"), f"expected {allowed} of mean and std, one per channel, found {len(normalize.mean)}"


def _weights(known: Known) -> Iterator[Violation]:
    config = known.config
    model, normalize = config.model, config.data.normalize
    if model.weights is None and normalize == "pretrained":
        yield ("data", "normalize"), "pretrained is what model.weights were trained with, and none are given"
    if config.train.epochs == 0 and model.head == "replace":
        yield ("model", "head"), "replace needs training: with train.epochs: 0 a new head would only guess"
    if model.weights == IMAGENET and not model.published:
        name = model.name or "a network in place"
        yield ("model", "weights"), f"no weights trained on ImageNet are known for {name}; give a file or a run folder"


def _all_tested(known: Known) -> Iterator[Violation]:
    """Yield what needs training images where every image is a test image."""
    data = known.config.data
    if data.test != 1:
        return
    alone = "data.test: 1 leaves no image to"
    if known.config.train.epochs:
        yield ("train", "epochs"), f"expected 0, found {known.config.train.epochs}: {alone} train on"
    if data.validation:
        yield ("data", "validation"), f"expected 0, found {found(data.validation)}: {alone} validate on"
    if data.fold is not None:
        yield ("data", "fold"), f"{alone} validate on"
    if data.subset.train is not None:
        yield ("data", "subset", "train"), f"{alone} train on"
    if data.normalize == "standardize":
        yield ("data", "normalize"), f"standardize measures training images, and {alone} train on"


def _fold(known: Known) -> Iterator[Violation]:
    fold = known.config.data.fold
    if fold is not None and fold.index > fold.of:
        yield ("data", "fold", "index"), f"expected at most data.fold.of ({fold.of}), found {fold.index}"


def _needs_validation(known: Known) -> Iterator[Violation]:
    config = known.config
    data = config.data
    if data.validation or data.fold or may_bring_splits(data):
        return
    yield from monitors_without_validation(config.train, "needs validation data, and data.validation is 0")


def monitors_without_validation(train: Train, why: str) -> Iterator[Violation]:
    """Yield what watches a validation value, for a training that has none."""
    stopping, schedule = train.early_stopping, train.schedule
    if stopping is not None and stopping.monitor.startswith("val_"):
        yield ("train", "early_stopping", "monitor"), f"{stopping.monitor} {why}"
    if isinstance(schedule, ReduceLROnPlateau) and schedule.monitor.startswith("val_"):
        yield ("train", "schedule", "monitor"), f"{schedule.monitor} {why}"


def _schedule(known: Known) -> Iterator[Violation]:
    schedule, epochs = known.config.train.schedule, known.config.train.most_epochs
    if not epochs:
        return  # it is idle
    if isinstance(schedule, CosineDecay) and schedule.warmup_epochs > epochs:
        message = f"expected at most train.epochs ({epochs}), found {found(schedule.warmup_epochs)}"
        yield ("train", "schedule", "warmup_epochs"), message
    steps = schedule.step_epochs if isinstance(schedule, StepDecay) else None
    if isinstance(steps, list) and any(a >= b for a, b in pairwise(steps)):
        yield ("train", "schedule", "step_epochs"), f"expected increasing epochs, found {found(steps)}"


def _plateau(known: Known) -> Iterator[Violation]:
    """Yield where a plateau never lowers the rate; it counts epochs from the second on, for those after it."""
    train = known.config.train
    schedule, stopping = train.schedule, train.early_stopping
    if not isinstance(schedule, ReduceLROnPlateau) or not train.epochs:
        return
    patience, rate = schedule.patience, train.optimizer.arguments.get("learning_rate")
    never = "ReduceLROnPlateau never lowers the rate"
    if patience + 2 > train.most_epochs:
        message = f"{never}: its patience of {patience} leaves none of {train.epochs} epochs (train.epochs)"
        yield ("train", "schedule", "patience"), message
    elif stopping is not None and _stops_first(schedule, stopping):
        message = f"{never}: after {stopping.patience} epochs train.early_stopping.patience ends the training"
        yield ("train", "schedule", "patience"), message
    if isinstance(rate, int | float) and schedule.min_learning_rate >= rate:
        yield ("train", "schedule", "min_learning_rate"), f"{never}: the optimizer's is {found(rate)}"


def _stops_first(schedule: ReduceLROnPlateau, stopping: EarlyStopping) -> bool:
    """Return whether patience ends the training before the plateau acts, which may see less improvement than it."""
    sees_less = schedule.monitor == stopping.monitor and schedule.min_delta <= stopping.min_delta
    return sees_less and schedule.patience >= stopping.patience


def _stages(known: Known) -> Iterator[Violation]:
    yield from length_mistakes(known.config.train)


def _budget(known: Known) -> Iterator[Violation]:
    yield from budget_mistakes(known.config.train)


def _caching(known: Known) -> Iterator[Violation]:
    yield from caching_mistakes(known.config)


def _freezing(known: Known) -> Iterator[Violation]:
    yield from freezing_mistakes(known.config)


def _watching(known: Known) -> Iterator[Violation]:
    yield from watching_mistakes(known.config)


def _numpy(known: Known) -> Iterator[Violation]:
    if known.config.train.backend == "numpy":
        yield from beyond_numpy(known.config)


def _distribute(known: Known) -> Iterator[Violation]:
    train = known.config.train
    if train.distribute == "multi_worker" and train.precision == "auto":
        message = "auto measures on one machine, and all workers must compute alike; name one of the others"
        yield ("train", "precision"), message


def _class_weight(known: Known) -> Iterator[Violation]:
    weights, source = known.config.train.class_weight, known.config.data.source
    if not isinstance(weights, dict):
        return
    if not weights:
        yield ("train", "class_weight"), "has no effect: it names no class"
    classes = known.config.data.class_names
    if not classes:
        return  # own files: their classes are known once they are read
    for name in weights:
        if name not in classes:
            yield ("train", "class_weight", name), f"{source} has {no_such_class(name, classes)}"
    if not any(weights.get(name, 1) for name in classes):
        yield ("train", "class_weight"), "every training image would weigh 0"


def _top_k(known: Known) -> Iterator[Violation]:
    top_k, classes = known.config.evaluation.top_k, known.classes
    if len(set(top_k)) < len(top_k):
        yield ("evaluation", "top_k"), f"expected different numbers, found {found(top_k)}"
    if classes is None or all(k >= classes for k in top_k):
        return  # all of them: the whole key is idle
    for i, k in enumerate(top_k):
        if k >= classes:
            yield ("evaluation", "top_k", i), f"expected less than the number of classes ({classes}), found {k}"


def _network(known: Known) -> Iterator[Violation]:
    model = known.config.model
    if model.architecture is not None and model.layers is not None:
        yield ("model", "architecture"), "cannot be given together with layers"
    if model.architecture is None and model.layers is None and model.estimator is None:
        allowed = "architecture (a shipped name or a file), layers, application or estimator"
        yield ("model",), f"expected {allowed}, found none"


def _augment(known: Known) -> Iterator[Violation]:
    for i, entry in enumerate(known.config.augment):
        if isinstance(entry, str):
            yield from _augmentation(known, ("augment", i), entry, {})
        elif isinstance(entry, dict) and len(entry) == 1:
            [(name, args)] = entry.items()
            yield from _augmentation(known, ("augment", i, name), name, args or {})


def _augmentation(known: Known, path: KeyPath, name: str, args: Mapping[str, Any]) -> Iterator[Violation]:
    grey = known.channels == 1
    if name in FIRST and path[1] != 0:
        yield path, "has to stand first: it knows images by their pixels, which those before it change"
    if grey and name in COLOUR_ONLY:
        yield path, "needs images of three channels, found grey ones"
    if grey and name == "RandomColorJitter":
        for key in ("saturation_factor", "hue_factor"):
            if args.get(key) is not None:
                yield (*path, key), "needs images of three channels, found grey ones"
    if grey and name == "RandomErasing" and isinstance(args.get("fill_value"), list):
        yield (*path, "fill_value"), "expected one number for grey images, found three"
    if known.shape is None:
        return
    height, width = known.shape[:2]
    if name == "RandomCrop" and (args["height"], args["width"]) != (height, width):
        message = f"changes the image's size from {height}x{width} to {args['height']}x{args['width']}"
        yield path, f"{message}; RandomCropWithPadding crops and keeps it"
    if name == "RandomCropWithPadding" and args["padding"] >= min(height, width):
        yield (*path, "padding"), f"expected less than the image's {height}x{width}, found {args['padding']}"
    if name == "Cutout" and args["size"] > min(height, width):
        yield (*path, "size"), f"expected at most the image's {height}x{width}, found {args['size']}"


_RULES: tuple[tuple[tuple[str, ...], Callable[[Known], Iterator[Violation]]], ...] = (
    (("data",), _path),
    (("data",), _options),
    (("data",), _classes),
    (("data",), _normalize),
    (("data", "model", "train"), _weights),
    (("data", "train"), _all_tested),
    (("data",), _fold),
    (("data", "train"), _needs_validation),
    (("train",), _schedule),
    (("train",), _plateau),
    (("train",), _stages),
    (("train",), _budget),
    (("model", "train"), _freezing),
    (("model", "train", "augment"), _caching),
    (("model", "train"), _watching),
    (("train",), _distribute),
    (("model", "train", "augment"), _numpy),
    (("data", "train"), _class_weight),
    (("data", "evaluation"), _top_k),
    (("model",), _network),
    (("data", "model"), lambda known: estimator_mistakes(known.config, known.shape)),
    (("data", "augment"), _augment),
)
