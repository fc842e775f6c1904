"""What can be watched of a network while it is trained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from cnnbench.catalogue.values import Violation
from cnnbench.config.network.nodes import Layer, walk
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError

RELUS = ("relu", "relu6")  # activations whose units can be dead: 0, and without a gradient, for every image
WATCHED = 256  # images that are looked at for that, the same ones every time


def watching_mistakes(config: Config) -> Iterator[Violation]:
    """Yield what is watched to no effect; nothing of a network that is wrong itself."""
    train = config.train
    if not train.watch_dead_units or not train.epochs or config.model.layers is None:
        return
    if train.distribute is not None:
        yield ("train", "watch_dead_units"), "cannot be given together with train.distribute"
    with suppress(ConfigError):
        if not any(map(can_die, walk(network_of(config.model)))):
            yield ("train", "watch_dead_units"), "has no effect: no layer of the network has a relu"


def can_die(layer: Layer) -> bool:
    """Return whether units of a layer can be dead."""
    if layer.kind == "ReLU":
        return not layer.args.get("negative_slope")
    return layer.args.get("activation") in RELUS
