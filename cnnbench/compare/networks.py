"""The networks that groups of a comparison trained, side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress

from cnnbench.compare.runs import Finished, Group
from cnnbench.compare.wording import short
from cnnbench.config.network.depth import depth_of
from cnnbench.config.network.spec import network_of
from cnnbench.errors import ConfigError
from cnnbench.text import count
from cnnbench.views.networks import Network, side_by_side
from cnnbench.views.table import Table

NAMED = 3  # groups of a network whose names are written


def networks(groups: Sequence[Group]) -> Table[Network]:
    """Return a row for each network, with the names of the groups that trained it; none where it is always the same."""
    trained: dict[str, list[Group]] = {}
    for group in groups:
        if group.runs[0].layers.get("layers"):
            trained.setdefault(_identity(group.runs[0]), []).append(group)
    found = [_network(same) for same in trained.values()] if len(trained) > 1 else []
    return side_by_side(found)


def _identity(run: Finished) -> str:
    return json.dumps([_name(run), run.layers["parameters"], run.layers["layers"]])


def _network(groups: Sequence[Group]) -> Network:
    run, parameters = groups[0].runs[0], groups[0].runs[0].layers["parameters"]
    layers = run.layers["layers"]
    left = f" and {count(len(groups) - NAMED)} more" if len(groups) > NAMED else ""
    of = ", ".join(map(short, groups[:NAMED])) + left
    return Network(
        name=_name(run) if of == _name(run) else f"{_name(run)} ({of})",
        input_shape=layers[0]["output_shape"],
        classes=len(run.class_names),
        depth=_depth(run),
        parameters=parameters["total"],
        trainable=parameters.get("trainable"),
        weights_bytes=4 * parameters["total"],  # in float32
        macs=run.layers["macs"],
        activation_bytes=sum(layer["activation_bytes"] for layer in layers),
    )


def _name(run: Finished) -> str:
    return str(run.config.get("model", {}).get("name") or run.name)


def _depth(run: Finished) -> int | None:
    """Return how deep the network is, None where this version does not understand its configuration."""
    with suppress(ConfigError):
        return depth_of(network_of(run.load_config().model))
    return None
