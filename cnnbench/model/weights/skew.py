"""Whether pixels come to a network as its weights know them: the most common silent fault in transfer learning."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from cnnbench.config.schema import Config
from cnnbench.data.normalize import Normalization
from cnnbench.errors import ConfigError
from cnnbench.model.weights.load import Loaded

CLOSE = 1e-3  # of what a pixel becomes: constants are published with three or four digits


def settled(config: Config, loaded: Loaded, measure: Callable[[], Normalization]) -> tuple[Normalization, bool | None]:
    """Return the normalisation to train with and whether it is the weights' own, None where that is not known.

    `measure` gives what `data.normalize` asks for where that is not `pretrained`. Raises ConfigError where the two
    differ without `model.allow_skew`.
    """
    known, file = loaded.normalization, Path(str(loaded.facts["file"])).name
    if config.data.normalize == "pretrained":
        if known is None:
            raise ConfigError(
                f"data.normalize: nothing says what {file} was trained with; say it (imagenet is torchvision's)"
            )
        return known, True
    own = measure()
    agrees = None if known is None else are_alike(own, known)
    if agrees is False and not config.model.allow_skew:
        raise ConfigError(
            f"data.normalize: makes {_shown(own)} of pixels, {file} was trained on {_shown(known)};"
            " leave it out or say pretrained, or say model.allow_skew: true"
        )
    return own, agrees


def are_alike(one: Normalization, other: Normalization) -> bool:
    """Return whether black and white become the same values, but for rounding."""
    pairs = zip((*_white(one), *one.offset), (*_white(other), *other.offset), strict=True)
    return all(math.isclose(a, b, rel_tol=CLOSE, abs_tol=CLOSE) for a, b in pairs)


def _white(normalization: Normalization) -> list[float]:
    return [255 * s + o for s, o in zip(normalization.scale, normalization.offset, strict=True)]


def _shown(normalization: Normalization | None) -> str:
    """Return what black and white become in the first channel."""
    assert normalization is not None
    return f"{normalization.offset[0]:.4g} to {_white(normalization)[0]:.4g}"
