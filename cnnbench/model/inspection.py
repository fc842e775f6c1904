"""Counting the network of an experiment, or of an architecture file alone, without its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbench.catalogue.sources import Shape
from cnnbench.config.architecture import load_architecture
from cnnbench.config.load import load_config
from cnnbench.config.loader import read_document
from cnnbench.config.network.depth import depth_of
from cnnbench.config.network.freezing import frozen_layers
from cnnbench.config.network.reasons import Reason, reasons
from cnnbench.config.network.shapes import infer
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config
from cnnbench.config.shipped import architecture_names, experiment_names, is_path, sweep_names
from cnnbench.config.static import static_classes, static_shape
from cnnbench.data.normalize import Normalization
from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.model.builder import build
from cnnbench.model.freezing import freeze
from cnnbench.model.memory import refuse_size
from cnnbench.model.summary import Summary, summarize

_OWN = ("model.parameters.", "model.freeze=")  # what can be changed of an architecture
_BYTES = 4  # of a float32, as weights are kept in files


@dataclass(frozen=True)
class Plan:
    """A network that can be built: `shape` (H, W, C) and `classes` are those it is built for."""

    config: Config
    shape: Shape
    classes: int


@dataclass(frozen=True)
class Inspected:
    """A network built and counted; see `depth_of` for `depth` and `Summary` for the rest."""

    name: str
    input_shape: Shape
    classes: int
    depth: int
    summary: Summary

    @property
    def weights_bytes(self) -> int:
        """Return what its weights take on disk in float32."""
        return _BYTES * self.summary.parameters["total"]

    @property
    def activation_bytes(self) -> int:
        """Return what the outputs of all layers take for an image."""
        return sum(row["activation_bytes"] for row in self.summary.layers)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        about = {"name": self.name, "input_shape": list(self.input_shape), "classes": self.classes}
        return {**about, "depth": self.depth, "weights_bytes": self.weights_bytes, **self.summary.as_dict()}


def count(
    source: str, overrides: Sequence[str] = (), shape: Shape | None = None, classes: int | None = None
) -> Summary:
    """Build the network of a configuration or an architecture and count it; see `planned`. Starts Keras."""
    return built(planned(source, overrides, shape, classes)).summary


def planned(source: str, overrides: Sequence[str] = (), shape: Shape | None = None, classes: int | None = None) -> Plan:
    """Return what to build for a configuration or an architecture (shipped name or path), without Keras.

    `shape` (H, W, C) and `classes` stand in for those of the data, or of the architecture file. Raises ConfigError
    where the network is wrong or its input is not known.
    """
    if not is_architecture(source):
        config = load_config(source, overrides)
        if config.model.estimator is not None:
            raise ConfigError(f"{source}: {config.model.title} is an estimator of scikit-learn, which has no layers")
        shape, classes = _known(source, shape or static_shape(config.data), classes or static_classes(config.data))
        return Plan(config, shape, classes)
    if others := [text for text in overrides if not text.startswith(_OWN)]:
        raise ConfigError(
            f"{others[0]}: {source} is an architecture; only its model.parameters.NAME, model.freeze or an experiment's"
            " values can be changed"
        )
    architecture = load_architecture(named(source))
    shape, classes = _known(source, shape or architecture.input, classes or architecture.classes)
    return Plan(load_config(stand_in(source, shape, classes), overrides), shape, classes)


def is_architecture(source: str) -> bool:
    """Return whether a name or a file is an architecture; raises ConfigError for a name that is neither."""
    experiments, architectures = experiment_names(), architecture_names()
    if source in experiments or source in architectures:
        return source not in experiments
    if source in sweep_names():
        raise ConfigError(f"{source}: a sweep, not an experiment or architecture; `cnnbench sweep` runs it")
    path = Path(source).expanduser()
    if path.is_file():
        return "layers" in read_document(path).data
    if is_path(source):
        return False  # what is wrong with the path is told by whoever opens it
    hint = did_you_mean(source, [*experiments, *architectures])
    raise ConfigError(f"{source} is neither a shipped experiment nor a shipped architecture nor a file{hint}")


def named(architecture: str) -> str:
    """Return the name of a shipped architecture, or its path written so that it cannot be taken for one."""
    return architecture if architecture in architecture_names() or is_path(architecture) else f"./{architecture}"


def stand_in(architecture: str, shape: Shape, classes: int) -> Mapping[str, Any]:
    """Return an experiment on synthetic images of this shape: an architecture is checked as part of one."""
    synthetic = {"shape": shape, "classes": classes, "train": classes, "test": classes}
    data = {"source": "synthetic", "synthetic": synthetic}
    return {"name": "stand-in", "data": data, "model": {"architecture": named(architecture)}}


def built(plan: Plan) -> Inspected:
    """Build the network of a checked configuration for its images and count it. Starts Keras.

    Raises TrainingError where this machine has no memory for its weights.
    """
    config, shape, classes = plan.config, plan.shape, plan.classes
    nodes = network_of(config.model)
    refuse_size(infer(nodes, shape, classes))
    unchanged = Normalization((1.0,) * shape[2], (0.0,) * shape[2])
    name = config.model.name or config.name
    model = build(nodes, shape, classes, unchanged, config.seed, name)
    if config.model.freeze is not None:
        freeze(model, frozen_layers(nodes, config.model.freeze))
    return Inspected(name, shape, classes, depth_of(nodes), summarize(model))


def explained(plan: Plan) -> list[Reason]:
    """Return why each layer of a network is as large as it is, without Keras."""
    return reasons(infer(network_of(plan.config.model), plan.shape, plan.classes))


def _known(source: str, shape: Shape | None, classes: int | None) -> tuple[Shape, int]:
    if shape is None:
        raise ConfigError(f"{source}: does not say how large its images are; give --input, as --input 32x32x3")
    if classes is None:
        raise ConfigError(f"{source}: does not say how many classes there are; give --classes, as --classes 10")
    return shape, classes
