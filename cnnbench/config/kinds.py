"""The kinds of things that can be named, and what there is of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from cnnbench.catalogue import choices, estimators, keys, layers, measures, objects
from cnnbench.catalogue.applications import APPLICATIONS
from cnnbench.catalogue.augmentations import AUGMENTATIONS
from cnnbench.catalogue.searches import PRUNINGS, SEARCHES
from cnnbench.catalogue.sources import sources
from cnnbench.config.shipped import architecture_names, experiment_names, shipped, study_names, sweep_names
from cnnbench.errors import ConfigError, did_you_mean

Lines = Mapping[str, str]


def names_of(kind: str) -> Lines:
    """Return every name of a kind with its line; raises ConfigError for a kind that there is not."""
    if kind not in KINDS:
        raise ConfigError(f"{kind}: nothing of this kind; there are {', '.join(KINDS)}{did_you_mean(kind, KINDS)}")
    return KINDS[kind][1]()


def _experiments() -> Lines:
    return {name: _header(shipped("experiments", name)) for name in experiment_names()}


def _sweeps() -> Lines:
    return {name: _header(shipped("sweeps", name)) for name in sweep_names()}


def _studies() -> Lines:
    return {name: _header(shipped("studies", name)) for name in study_names()}


def _networks() -> Lines:
    return {name: _description(shipped("architectures", name)) for name in architecture_names()}


def _data() -> Lines:
    return {name: source.about for name, source in sources().items()}


def _layers() -> Lines:
    return {**{name: layer.about for name, layer in layers.LAYERS.items()}, **layers.FORMS}


def _applications() -> Lines:
    return {
        name: f"depth {facts['depth'] + 1}, {facts['features']} features, {facts['smallest']} pixels at least"
        for name, facts in APPLICATIONS.items()
    }


def _schedules() -> Lines:
    from cnnbench.config.schedules import SCHEDULES  # not above: pydantic takes its time, and completion has none

    return {name: schedule.about() for name, schedule in SCHEDULES.items()}


def _losses() -> Lines:
    from cnnbench.config.losses import LOSSES  # not above, as schedules

    return {name: loss.about() for name, loss in LOSSES.items()}


def _header(path: Path) -> str:
    """Return the first sentence of the comment that a file begins with."""
    text: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("# ") or line.startswith("# cnnbench "):
            break
        text.append(line.removeprefix("# "))
    sentence, point, _ = " ".join(text).partition(". ")
    return sentence if point else sentence.removesuffix(".")


def _description(path: Path) -> str:
    """Return what a network's file says of it, read as text: completion has no time for YAML."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("description: ")), "")


KINDS: Mapping[str, tuple[str, Callable[[], Lines]]] = {
    "experiments": ("what `train` runs", _experiments),
    "networks": ("model.architecture", _networks),
    "sweeps": ("what `sweep` runs", _sweeps),
    "studies": ("what `reproduce` runs", _studies),
    "data": ("data.source", _data),
    "keys": ("what a file or an override sets", keys.all_keys),
    "layers": ("model.layers", _layers),
    "applications": ("model.application.name", _applications),
    "estimators": ("model.estimator", lambda: estimators.ESTIMATOR_LINES),
    "features": ("model.features", lambda: estimators.FEATURE_LINES),
    "activations": ("activation of a layer", lambda: objects.ACTIVATIONS),
    "initializers": ("kernel_initializer and the like", lambda: objects.INITIALIZERS),
    "regularizers": ("kernel_regularizer and the like", lambda: objects.REGULARIZERS),
    "constraints": ("kernel_constraint and the like", lambda: objects.CONSTRAINTS),
    "augmentations": ("augment", lambda: AUGMENTATIONS),
    "normalizations": ("data.normalize", lambda: choices.NORMALIZATIONS),
    "optimizers": ("train.optimizer", lambda: objects.OPTIMIZERS),
    "schedules": ("train.schedule", _schedules),
    "losses": ("train.loss", _losses),
    "precisions": ("train.precision", lambda: choices.PRECISIONS),
    "metrics": ("--fail-under and `compare --by`", lambda: measures.LISTED),
    "searches": ("search.method of a sweep", lambda: {name: row.about for name, row in SEARCHES.items()}),
    "prunings": ("pruning.method of a sweep", lambda: {name: row.about for name, row in PRUNINGS.items()}),
    "backends": ("--backend", lambda: choices.BACKENDS),
    "splits": ("evaluate --split", lambda: choices.SPLITS),
    "sinks": ("--track", lambda: choices.SINKS),
}
