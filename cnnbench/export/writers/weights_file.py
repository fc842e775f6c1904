"""`.safetensors`: every array by the name of its layer, and in its header what the network is built from.

Nothing in it runs: the network is built again by cnnbench, from layers that it knows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from cnnbench.config.network.check import network_mistakes
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Model
from cnnbench.data.normalize import Normalization
from cnnbench.errors import DataError
from cnnbench.export.network import Ask, Exportable
from cnnbench.export.writers.keras_file import asked
from cnnbench.files.checked import NUMBER, TEXT, WHOLE, mistake
from cnnbench.model.builder import build

FAILURES: tuple[type[Exception], ...] = (ValueError, TypeError)
NETWORK = "network"  # of the header: one text, for the format keeps no order between several
KEYS = ("layers", "blocks", "parameters")  # of `model` in a configuration
_WANTED = {
    **{"input_shape": (WHOLE, WHOLE, WHOLE), "class_names": [TEXT], "scale": [NUMBER], "offset": [NUMBER]},
    **{"model": {}, "arrays": [TEXT]},
}


def write(source: Exportable, path: Path) -> None:
    """Write the file, arrays in the order of their names."""
    from safetensors.numpy import save

    assert source.normalization is not None
    told = {
        "model": {key: getattr(source.config.model, key) for key in KEYS},
        "input_shape": list(source.input_shape),
        "class_names": list(source.class_names),
        "scale": list(source.normalization.scale),
        "offset": list(source.normalization.offset),
        "arrays": [variable.path for variable in source.model.weights],
    }
    arrays = {v.path: np.ascontiguousarray(v.numpy(), np.float32) for v in source.model.weights}
    data = save(dict(sorted(arrays.items())), metadata={NETWORK: json.dumps(told, sort_keys=True)})
    path.write_bytes(data)  # as every file is: who may read it is said by the umask


def opened(path: Path) -> Ask:
    """Return what asks the network in the file, built again from its description and given its arrays in their order.

    Keras numbers layers inside of its own applications by what was built before, so names are not the same again.
    """
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        told = json.loads((file.metadata() or {}).get(NETWORK, "null"))
        if (wrong := mistake(told, _WANTED)) is not None:
            raise DataError(f"{path}: {wrong}")
        model = _built(path, told)
        model.set_weights([file.get_tensor(name) for name in told["arrays"]])
    return asked(model)


def _built(path: Path, told: dict[str, Any]) -> Any:
    """Build what the header describes, checked as a configuration is: somebody else may have written it."""
    layers, blocks, parameters = (told["model"].get(key) for key in KEYS)
    shape, classes = tuple(told["input_shape"]), len(told["class_names"])
    if mistakes := list(network_mistakes(layers, blocks, parameters, {}, shape, classes)):
        raise DataError(*(f"{path}: {line}" for line in mistakes))
    nodes = network_of(Model(layers=layers, blocks=blocks, parameters=parameters))
    normalization = Normalization(tuple(told["scale"]), tuple(told["offset"]))
    return build(nodes, shape, classes, normalization, 0, "exported")
