"""Checking the name and the arguments of a layer, an augmentation or an optimizer, without Keras.

Names come from the rows of the catalogue, arguments and defaults from Keras' own signatures (`keras.json`, which
scripts/keras_signatures.py writes), and what an argument may be from `ranges`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from cnnbench.catalogue import objects, weight_rules
from cnnbench.catalogue.arguments import Argument, Arguments, Table, check_arguments, or_null
from cnnbench.catalogue.augmentations import AUGMENTATIONS as AUGMENTATION_LINES
from cnnbench.catalogue.augmentations import NOT_AUGMENTATIONS
from cnnbench.catalogue.layers import LAYERS as LAYER_ROWS
from cnnbench.catalogue.objects import SNAKE_CASE
from cnnbench.catalogue.ranges import EXCEPTIONS, LEFT_OUT, NEEDS, RANGES, REFUSED
from cnnbench.catalogue.values import References, Violation, dotted, found
from cnnbench.errors import did_you_mean

NAMES: Mapping[str, Collection[str]] = {
    "LAYERS": LAYER_ROWS,
    "AUGMENTATIONS": AUGMENTATION_LINES,
    "OPTIMIZERS": objects.OPTIMIZERS,
    "INITIALIZERS": objects.INITIALIZERS,
    "REGULARIZERS": objects.REGULARIZERS,
    "CONSTRAINTS": objects.CONSTRAINTS,
}
KERAS = Path(__file__).with_name("keras.json")
_CLASSIFIER = {"kernel_initializer": "glorot_uniform", "kernel_regularizer": None, "use_bias": True}


def _tables() -> Mapping[str, Table]:
    keras = json.loads(KERAS.read_text(encoding="utf-8"))
    tables = {
        kind: {name: _arguments(kind, name, keras[kind][name]) for name in names if name in keras[kind]}
        for kind, names in NAMES.items()
    }
    tables["LAYERS"]["classifier"] = {key: _argument("classifier", key, _CLASSIFIER, False) for key in _CLASSIFIER}
    return tables


def _arguments(kind: str, name: str, signature: Mapping[str, Any]) -> Arguments:
    """Return the arguments of one signature that can be given, with what every layer takes besides."""
    defaults = dict(signature["defaults"])
    refused = {*LEFT_OUT, *REFUSED.get(kind, ())}
    if kind == "LAYERS":
        has_weights = LAYER_ROWS[name].weights not in (weight_rules.none, weight_rules.application)
        defaults |= {"trainable": True, "activity_regularizer": None} if has_weights else {}
    taken = [key for key in (*signature["required"], *defaults) if key not in refused]
    made = {key: _argument(name, key, defaults, required=key in signature["required"]) for key in taken}
    return {**made, "name": Argument(RANGES["name"])} if kind == "LAYERS" else made


def _argument(name: str, key: str, defaults: Mapping[str, Any], required: bool) -> Argument:
    ending = "_" + key.rpartition("_")[2]
    fragment = EXCEPTIONS.get((name, key)) or RANGES.get(ending) or RANGES[key]
    default = defaults.get(key)
    nullable = default is None and not required
    needs = next((needs for start, needs in NEEDS.items() if key.startswith(start) and needs[0] in defaults), None)
    return Argument(or_null(fragment) if nullable else fragment, required, needs, default)


TABLES = _tables()
LAYERS, AUGMENTATIONS, OPTIMIZERS = TABLES["LAYERS"], TABLES["AUGMENTATIONS"], TABLES["OPTIMIZERS"]
INITIALIZERS, REGULARIZERS, CONSTRAINTS = TABLES["INITIALIZERS"], TABLES["REGULARIZERS"], TABLES["CONSTRAINTS"]
_KINDS = {
    "LAYERS": "layer",
    "AUGMENTATIONS": "augmentation",
    "OPTIMIZERS": "optimizer",
    "INITIALIZERS": "initializer",
    "REGULARIZERS": "regularizer",
    "CONSTRAINTS": "constraint",
}


def in_full(layer: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a layer with the defaults of those that are not given."""
    return {**{key: argument.default for key, argument in LAYERS[layer].items() if not argument.required}, **args}


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
    mistakes = check_arguments(known, args, REFUSED.get(table_name, {}), _REFERENCES)
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
