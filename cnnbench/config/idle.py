"""Keys that have no effect beside the other keys of a configuration.

Set by a user they are mistakes; they are left out when a configuration is written, so that it loads again.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnnbench.catalogue.sources import sources, with_options
from cnnbench.catalogue.values import KeyPath, Violation
from cnnbench.config.estimator import idle_with_estimator
from cnnbench.config.schema import Config, Data
from cnnbench.config.static import source_channels


def idle_keys(config: Config, classes: int | None) -> dict[KeyPath, str]:
    """Return the path of every key without effect, set or not, and why; `classes` is None where unknown."""
    of_network = [*_model(config), *_untrained(config), *idle_with_estimator(config)]
    return dict([*_data(config.data), *of_network, *_evaluation(config, classes)])


def is_set(config: Config, path: KeyPath) -> bool:
    """Return whether the key was given, other than as null."""
    section: object = config
    for key in path:
        if key not in getattr(section, "model_fields_set", ()):
            return False
        section = getattr(section, str(key))
    return section is not None


def _data(data: Data) -> Iterator[Violation]:
    name, source = data.source, sources()[data.source]
    for other in (other for other in with_options() if other != name):
        yield ("data", other), f"has no effect with source {name}; it is for {other}"
    if not source.own and source.to_find(data.options) is None:
        yield ("data", "path"), f"has no effect: {name} needs no files"
    if data.facts.test is not None:
        yield ("data", "test"), f"has no effect: {name} has a test split of its own"
        if not source.generated and data.subset.train is None and data.subset.test is None and data.fold is None:
            message = f"has no effect: nothing is drawn from {name} without data.subset or data.fold"
            yield ("data", "split_seed"), message
    if data.fold is not None:
        yield ("data", "validation"), "has no effect with data.fold, whose images are the validation split"
    if not source.image_files:
        of_files = " and ".join(other for other, row in sources().items() if row.image_files)
        yield ("data", "on_bad_image"), f"has no effect with source {name}; it is for {of_files}"
        yield ("data", "grey_bits"), f"has no effect with source {name}; it is for {of_files}"
        if data.image_size is None and data.color is None:
            yield ("data", "in_memory"), f"has no effect with source {name}, whose images stay as they are"
    if data.image_size is None:
        yield ("data", "fit"), "has no effect without data.image_size"
    yield from _color(data)


def _model(config: Config) -> Iterator[Violation]:
    if config.train.budget_minutes is not None:
        yield ("train", "epochs"), "has no effect with train.budget_minutes, which gives as many as fit"
    if config.model.freeze is None:
        yield ("train", "cache_features"), "has no effect without model.freeze"
    if config.model.weights is None:
        for key in ("head", "allow_skew"):
            yield ("model", key), "has no effect without model.weights"
    elif config.data.normalize == "pretrained":
        yield ("model", "allow_skew"), "has no effect with data.normalize: pretrained, which is no skew"


TRAINING = (
    *("batch_size", "optimizer", "schedule", "loss", "class_weight", "early_stopping", "ema", "max_minutes"),
    *("distribute", "unfreeze", "learning_rate_factors", "dense_sparse_dense", "watch_dead_units"),
)


def _untrained(config: Config) -> Iterator[Violation]:
    """Yield what has no effect where weights are tested as they are."""
    if config.train.most_epochs or config.model.weights is None:
        return
    for key in TRAINING:
        yield ("train", key), "has no effect with train.epochs: 0"
    yield ("model", "freeze"), "has no effect with train.epochs: 0"
    if config.augment:
        yield ("augment",), "has no effect with train.epochs: 0"


def _color(data: Data) -> Iterator[Violation]:
    channels = source_channels(data)
    if channels == 1 and data.color in ("luminance", "mean"):
        yield ("data", "color"), f"has no effect: the images of {data.source} are grey already"
    if channels == 3 and data.color == "rgb":
        yield ("data", "color"), f"has no effect: the images of {data.source} have three channels already"


def _evaluation(config: Config, classes: int | None) -> Iterator[Violation]:
    top_k = config.evaluation.top_k
    if classes is not None and top_k and all(k >= classes for k in top_k):
        message = f"has no effect: top-k accuracy is 1 for k >= {classes}, the number of classes"
        yield ("evaluation", "top_k"), message
