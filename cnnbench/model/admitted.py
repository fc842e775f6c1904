"""What the description of a saved network may name: what the catalogue has, and what Keras puts around it.

Keras builds whatever a `.keras` file names and hands it the file's arguments: a layer that calls a function out of the
file, that opens a path, that fetches an address. Safe mode forbids those that somebody has thought of. Here it is the
other way round: what is not named below is not built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cnnbench.catalogue.layers import LAYERS
from cnnbench.catalogue.objects import CONSTRAINTS, INITIALIZERS, REGULARIZERS
from cnnbench.catalogue.values import found
from cnnbench.config.network.spec import MERGES
from cnnbench.errors import DataError

OWN = "cnnbench"  # the package that our layers are registered under
OUR_LAYERS = (
    *("LocalResponseNormalization", "SparseConv2D", "ScaledTanh", "ChannelShuffle"),
    *("GroupedConv2D", "PatchWhitening"),
)
OURS = {(f"{OWN}.model.layers", name): f"{OWN}>{name}" for name in (*OUR_LAYERS, "FullPrecision")}
OUR_FUNCTIONS = (f"{OWN}>sparsemax",)  # a description of a function is a name that is looked up, or code
AROUND = ("InputLayer", "Rescaling", "Resizing", *MERGES)  # what the builder adds to the layers of a file
APPLICATIONS = ("Normalization",)  # what networks of keras.applications hold besides
ADMITTED = {
    "keras.layers": {*LAYERS, *AROUND, *APPLICATIONS} - {"Application", "classifier", *OUR_LAYERS},
    "keras.initializers": set(INITIALIZERS),
    "keras.regularizers": set(REGULARIZERS),
    "keras.constraints": set(CONSTRAINTS),
    "keras.src.models.functional": {"Functional"},
    "keras.src.ops.numpy": {"Add", "Multiply"},  # this one and the next are of networks of keras.applications
    "keras.src.applications.convnext": {"LayerScale", "StochasticDepth"},
    "keras.src.applications.inception_resnet_v2": {"CustomScaleLayer"},
    "keras": {"DTypePolicy", "Sequential"},
}
TENSOR = "__keras_tensor__"  # a place in the graph: shape, type and the layer that it comes from
COMPILED = "compile_config"


def refuse_unknown(path: Path, description: Any) -> None:
    """Raise DataError where the network in the file at `path` is described by more than what is known here."""
    for strange in _strange(description):
        raise DataError(f"{path}: holds {strange}, which no network of this package has; it is not opened")


def _strange(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _strange(each)
    elif isinstance(value, Mapping):
        if value.get(COMPILED):
            yield f"{COMPILED}, how it is to be trained"
        if "class_name" in value and not _is_known(value):
            yield _shown(value)
        for each in value.values():
            yield from _strange(each)


def _is_known(described: Mapping[str, Any]) -> bool:
    module, name, registered = (described.get(key) for key in ("module", "class_name", "registered_name"))
    if not isinstance(name, str) or not isinstance(module, str | None) or not isinstance(registered, str | None):
        return False
    if (module, name, registered) == ("builtins", "function", "function"):
        return described.get("config") in OUR_FUNCTIONS
    if registered is None or registered == name:  # the latter is what Keras writes of Functional
        return (module is None and name == TENSOR) or name in ADMITTED.get(module or "", ())
    return OURS.get((module or "", name)) == registered


def _shown(described: Mapping[str, Any]) -> str:
    names = [described[key] for key in ("class_name", "registered_name") if described.get(key) is not None]
    return f"{' registered as '.join(found(name) for name in names)} of {found(described.get('module'))}"
