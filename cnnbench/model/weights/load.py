"""The story of weights from elsewhere: found, read, mapped onto the network, put into it, told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from typing import Any

from cnnbench.catalogue.preprocessing import PREPROCESSINGS
from cnnbench.config.network.head import head_of
from cnnbench.config.network.nodes import Node
from cnnbench.config.published import Published
from cnnbench.config.schema import Model
from cnnbench.data.normalize import Normalization
from cnnbench.errors import ConfigError
from cnnbench.model.weights.find import Found, found
from cnnbench.model.weights.imagenet import COUNT, numbers_of
from cnnbench.model.weights.mapping import Mapped, Values, mapped
from cnnbench.model.weights.read import read
from cnnbench.model.weights.stored import Stored


@dataclass(frozen=True)
class Loaded:
    """Weights for the layers of a network, what their pixels were (None where unknown), and what is told of them."""

    values: Values
    normalization: Normalization | None
    facts: Mapping[str, Any]
    published: Published | None


def load(
    model: Model,
    nodes: Sequence[Node],
    input_shape: tuple[int, int, int],
    class_names: Sequence[str],
    *,
    as_they_are: bool = False,
    offline: bool = False,
    quiet: bool = False,
) -> Loaded:
    """Return what `model.weights` names, fitted to a network for images (H, W, C).

    To be tested `as_they_are`, weights need their head; that of a published network is cut to the classes there are.
    Raises DataError, one line, for a file that is missing, damaged or of another network, ConfigError where it takes
    images of other channels; nothing in it is executed.
    """
    file = found(model, offline=offline, quiet=quiet)
    stored = _without_ignored(read(file.path), file.published)
    normalization = _normalization(file, stored)
    if normalization is not None and len(normalization.scale) != input_shape[2]:
        raise _other_channels(file, len(normalization.scale), input_shape[2])
    if as_they_are:
        fitted = _as_they_are(file, stored, nodes, input_shape, class_names)
    else:
        fitted = mapped(stored, nodes, input_shape, len(class_names), model.head)
    values = _in_rgb(fitted.values) if _is_bgr(file.published) else fitted.values
    facts = _facts(file, stored, fitted)
    if as_they_are and file.published is not None:
        facts["head"] += f", {len(class_names)} of its {COUNT} classes"
    return Loaded(values, normalization, facts, file.published)


def _other_channels(file: Found, theirs: int, ours: int) -> ConfigError:
    color = "rgb" if theirs == 3 else "luminance"
    return ConfigError(
        f"model.weights: {file.path} takes images of {theirs} channel(s), found {ours}; data.color: {color} makes them"
    )


def put(model: Any, values: Values) -> None:
    """Put weights into the layers of a built network that they are for."""
    for name, arrays in values.items():
        for variable, array in zip(model.get_layer(name).weights, arrays, strict=True):
            variable.assign(array)


def _without_ignored(stored: Stored, published: Published | None) -> Stored:
    patterns = published.ignore if published is not None else []
    kept = {k: v for k, v in stored.arrays.items() if not any(fnmatch(k, pattern) for pattern in patterns)}
    return replace(stored, arrays=kept)


def _as_they_are(
    file: Found, stored: Stored, nodes: Sequence[Node], input_shape: tuple[int, int, int], class_names: Sequence[str]
) -> Mapped:
    """Return weights with the columns of their head for these classes, so that the network decides between them."""
    if file.published is None:
        return mapped(stored, nodes, input_shape, len(class_names), "keep")
    numbers = numbers_of(class_names)
    fitted = mapped(stored, nodes, input_shape, COUNT, "keep")
    [head] = fitted.values.keys() & set(head_of(nodes))
    cut = [array[..., numbers] for array in fitted.values[head]]
    return replace(fitted, values={**fitted.values, head: cut})


def _is_bgr(published: Published | None) -> bool:
    return published is not None and PREPROCESSINGS[published.preprocessing].bgr


def _in_rgb(values: Values) -> Values:
    """Turn the channels of the first kernel, (H, W, blue green red, O), so that the network takes RGB as all do."""
    first = next(iter(values))
    kernel, *rest = values[first]
    return {**values, first: [kernel[:, :, ::-1, :], *rest]}


def _normalization(file: Found, stored: Stored) -> Normalization | None:
    if file.published is not None:
        row = PREPROCESSINGS[file.published.preprocessing]
        pairs = list(zip(row.mean, row.std, strict=True))
        return Normalization(tuple(1 / std for _, std in pairs), tuple(-mean / std for mean, std in pairs))
    if stored.normalization is None:
        return None
    scale, offset = stored.normalization
    return Normalization(tuple(scale), tuple(offset))


def _facts(file: Found, stored: Stored, fitted: Mapped) -> dict[str, Any]:
    row = file.published
    return {
        "file": str(file.path),
        "sha256": file.sha256,
        "from": row.publisher if row is not None else "cnnbench" if stored.ours else None,
        "licence": row.licence if row is not None else None,
        "arrays": fitted.arrays,
        "head": "kept" if fitted.head_kept else "replaced",
        "preprocessing": row.preprocessing if row is not None else "its run's" if stored.ours else None,
    }
