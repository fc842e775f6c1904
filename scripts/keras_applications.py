"""Write cnnbench/catalogue/applications.json: what has to be known of keras.applications before Keras is loaded.

Run it after another Keras is installed. It builds every network twice without weights and takes half an hour.
"""

from __future__ import annotations

import json
import re
from typing import Any

import keras

from cnnbench.catalogue.applications import APPLICATIONS_FILE
from cnnbench.model.applications import application

_DEPTHS = {"Conv2D": 1, "DepthwiseConv2D": 1, "SeparableConv2D": 2, "Dense": 1}
_ANY = 331  # pixels, at which all of them can be built


def names() -> list[str]:
    """Return every network of keras.applications: its functions that begin with a capital letter."""
    return sorted(name for name in vars(keras.applications) if name[0].isupper())


def facts(name: str) -> dict[str, int]:
    """Return smallest side, number of pooled features, weights of 0 channels and of each further one, and depth."""
    colour = application(name, (_ANY, _ANY, 3))
    found = {"smallest": smallest(name), "features": colour.output.shape[-1], "depth": depth(colour)}
    weights = colour.count_params()
    keras.utils.clear_session()
    per_channel = (weights - application(name, (_ANY, _ANY, 1)).count_params()) // 2
    keras.utils.clear_session()
    return {**found, "weights": weights - 3 * per_channel, "per_channel": per_channel}


def smallest(name: str) -> int:
    """Return the smallest side that Keras takes, as it says when it is given less."""
    try:
        application(name, (1, 1, 3))
    except ValueError as e:
        said = re.search(r"at least (\d+)x\d+", str(e))
        if said:
            return int(said.group(1))
        raise
    return 1


def depth(model: Any) -> int:
    """Return the convolutions and dense layers on the longest path."""
    longest: dict[Any, int] = {}
    for layer in model.operations:
        parents = [tensor._keras_history.operation for tensor in layer._inbound_nodes[0].input_tensors]
        below = max((longest.get(parent, 0) for parent in parents), default=0)
        longest[layer] = below + _DEPTHS.get(type(layer).__name__, 0)
    return max(longest.values())


def text() -> str:
    """Return what the file holds: a line per network."""
    lines = []
    for name in names():
        lines.append(f"{json.dumps(name)}: {json.dumps(facts(name))}")
        print(lines[-1], flush=True)
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    APPLICATIONS_FILE.write_text(text(), encoding="utf-8")
