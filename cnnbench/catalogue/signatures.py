"""Checking the name and the arguments of a layer, an augmentation or an optimizer, without Keras.

The tables are plain dictionaries, split over `signatures_*.py` by what they hold; a test compares them with the
signatures of the installed Keras.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cnnbench.catalogue import signatures_augmentations, signatures_layers, signatures_objects, signatures_optimizers
from cnnbench.catalogue.arguments import Arguments, Table, check_arguments
from cnnbench.catalogue.signatures_augmentations import NOT_AUGMENTATIONS
from cnnbench.catalogue.signatures_objects import ACTIVATIONS, SNAKE_CASE
from cnnbench.catalogue.values import References, Violation, dotted, found
from cnnbench.errors import did_you_mean

__all__ = [
    "ACTIVATIONS",
    "AUGMENTATIONS",
    "CONSTRAINTS",
    "INITIALIZERS",
    "LAYERS",
    "OPTIMIZERS",
    "REGULARIZERS",
    "TABLES",
    "call_mistakes",
    "check_call",
]

_KERAS = json.loads(Path(__file__).with_name("keras.json").read_text(encoding="utf-8"))


def _joined(kind: str, table: Table) -> Table:
    """Return a table with Keras' defaults."""
    defaults = {name: _KERAS[kind].get(name, {}).get("defaults", {}) for name in table}
    return {
        name: {key: replace(argument, default=defaults[name].get(key)) for key, argument in arguments.items()}
        for name, arguments in table.items()
    }


LAYERS = _joined("LAYERS", signatures_layers.LAYERS)
AUGMENTATIONS = _joined("AUGMENTATIONS", signatures_augmentations.AUGMENTATIONS)
OPTIMIZERS = _joined("OPTIMIZERS", signatures_optimizers.OPTIMIZERS)
INITIALIZERS = _joined("INITIALIZERS", signatures_objects.INITIALIZERS)
REGULARIZERS = _joined("REGULARIZERS", signatures_objects.REGULARIZERS)
CONSTRAINTS = _joined("CONSTRAINTS", signatures_objects.CONSTRAINTS)
TABLES: Mapping[str, Table] = {
    "LAYERS": LAYERS,
    "AUGMENTATIONS": AUGMENTATIONS,
    "OPTIMIZERS": OPTIMIZERS,
    "INITIALIZERS": INITIALIZERS,
    "REGULARIZERS": REGULARIZERS,
    "CONSTRAINTS": CONSTRAINTS,
}
_KINDS = {
    "LAYERS": "layer",
    "AUGMENTATIONS": "augmentation",
    "OPTIMIZERS": "optimizer",
    "INITIALIZERS": "initializer",
    "REGULARIZERS": "regularizer",
    "CONSTRAINTS": "constraint",
}
_REFUSED: Mapping[str, Mapping[str, str]] = {
    "LAYERS": signatures_layers.REFUSED,
    "AUGMENTATIONS": signatures_augmentations.REFUSED,
    "OPTIMIZERS": signatures_optimizers.REFUSED,
    "INITIALIZERS": {"seed": "seeds derive from the experiment's seed"},
}


def check_call(table_name: str, name: str, args: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return every mistake of one call as (path of the argument, sentence); the path is empty for the name itself.

    `table_name` is one of TABLES' keys, `args` what the file has under the name.
    """
    return [(dotted(path), message) for path, message in call_mistakes(table_name, name, args)]


def call_mistakes(table_name: str, name: str, args: Mapping[str, Any]) -> list[Violation]:
    """Return what `check_call` does, with key paths."""
    table = TABLES[table_name]
    known = table.get(SNAKE_CASE.get(name, name))
    if known is None:
        return [((), _unknown(table_name, name))]
    mistakes = check_arguments(known, args, _REFUSED.get(table_name, {}), _REFERENCES)
    return mistakes or list(_together(known, name, args))


def _unknown(table_name: str, name: str) -> str:
    if table_name == "AUGMENTATIONS" and name in NOT_AUGMENTATIONS:
        return f"{name} is no augmentation: {NOT_AUGMENTATIONS[name]}"
    table = TABLES[table_name]
    hint = did_you_mean(name, table)
    known = "" if hint or len(table) > 20 else f"; known are {', '.join(table)}"
    return f"unknown {_KINDS[table_name]} {found(name)}{hint}{known}"


def _named(table_name: str, value: Any) -> list[Violation]:
    """Check `he_normal` or `{L2: {l2: 0.0005}}`."""
    if isinstance(value, str):
        return call_mistakes(table_name, value, {})
    if isinstance(value, Mapping) and len(value) == 1:
        [(name, args)] = value.items()
        if isinstance(args, Mapping | None):
            return [((name, *path), message) for path, message in call_mistakes(table_name, name, args or {})]
    example = next(f"{{{name}: {{{next(iter(args))}: ...}}}}" for name, args in TABLES[table_name].items() if args)
    return [((), f"expected the name of a Keras {_KINDS[table_name]} or {example}, found {found(value)}")]


_REFERENCES: References = {
    "#/$defs/initializer": lambda value: _named("INITIALIZERS", value),
    "#/$defs/regularizer": lambda value: _named("REGULARIZERS", value),
    "#/$defs/constraint": lambda value: _named("CONSTRAINTS", value),
}


def _together(known: Arguments, name: str, args: Mapping[str, Any]) -> Iterator[Violation]:
    """Check what arguments, right one by one, mean together."""
    clips = [clip for clip in ("clipnorm", "clipvalue", "global_clipnorm") if args.get(clip) is not None]
    if len(clips) > 1:
        yield (clips[1],), f"only one of {', '.join(clips)} can be set"
    if name == "SGD" and args.get("nesterov") and not args.get("momentum"):
        yield ("nesterov",), "has no effect without momentum"
    if name in _EMPTY_WITHOUT and not any(args.get(key) for key in _EMPTY_WITHOUT[name]):
        yield (), f"has no effect without one of {', '.join(_EMPTY_WITHOUT[name])}"
    if "output_padding" in known and args.get("output_padding") is not None:
        yield from _output_padding(args["output_padding"], args.get("strides", 1))
    if name in ("RandomUniform", "random_uniform") and args.get("minval", -0.05) > args.get("maxval", 0.05):
        yield ("minval",), "is larger than maxval"
    if name.startswith("Adaptive") and 1 in _pair(args["output_size"]):
        # Keras 3.15 lays windows one larger than the map; on TensorFlow a width of 1 even ends the process.
        plain = name.replace("Adaptive", "Global")
        yield ("output_size",), f"a side of 1 is not supported; {plain}: {{keepdims: true}} gives 1x1"


def _pair(value: Any) -> list[int]:
    return [value, value] if isinstance(value, int) else value


def _output_padding(padding: Any, strides: Any) -> Iterator[Violation]:
    if any(extra >= step for extra, step in zip(_pair(padding), _pair(strides), strict=True)):
        yield ("output_padding",), f"expected less than strides ({found(strides)}), found {found(padding)}"


_EMPTY_WITHOUT = {
    "RandomColorJitter": ("brightness_factor", "contrast_factor", "saturation_factor", "hue_factor"),
    "RandomShear": ("x_factor", "y_factor"),
    "ActivityRegularization": ("l1", "l2"),
    "L1L2": ("l1", "l2"),
    "l1_l2": ("l1", "l2"),
}
