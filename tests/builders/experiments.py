"""Random experiments over every layer, argument and pairing of the tables, most of them valid; for hypothesis.

What a table allows is drawn from its own fragments, so that a new layer or argument is drawn without being named
here. Everything is tiny: a few pixels, channels and images.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

from hypothesis import strategies as st

from cnnbench.catalogue import layers as rows
from cnnbench.catalogue.arguments import Argument
from cnnbench.catalogue.shape_rules import Shape, ShapeError
from cnnbench.catalogue.signatures import (
    AUGMENTATIONS,
    CONSTRAINTS,
    INITIALIZERS,
    LAYERS,
    OPTIMIZERS,
    REGULARIZERS,
    check_call,
    in_full,
)
from cnnbench.catalogue.values import Fragment
from cnnbench.config.losses import LOSSES
from cnnbench.config.network.spec import MERGES
from cnnbench.config.network.weights import axis_mistakes, layer_mistakes
from cnnbench.config.schedules import SCHEDULES

Draw = Callable[..., Any]
OBJECTS = {"initializer": INITIALIZERS, "regularizer": REGULARIZERS, "constraint": CONSTRAINTS}
SIZES = (1, 2, 3, 4, 6)
MOST_VALUES = 3000  # of a layer's output: nothing that is drawn is to be slow
SHAPES = st.tuples(st.sampled_from([1, 2, 4, 5, 8]), st.sampled_from([1, 2, 4, 5, 8]), st.sampled_from([1, 3]))


def values(fragment: Fragment) -> st.SearchStrategy[Any]:
    """Return a strategy of what a fragment allows."""
    if "$ref" in fragment:
        return st.deferred(lambda: objects(fragment["$ref"].rsplit("/", 1)[-1]))
    if "anyOf" in fragment:
        return st.one_of(*map(values, fragment["anyOf"]))
    if "enum" in fragment:
        return st.sampled_from(fragment["enum"])
    kind = fragment["type"]
    if kind == "array":
        least = fragment.get("minItems", 0)
        return st.lists(values(fragment["items"]), min_size=least, max_size=fragment.get("maxItems", least + 2))
    if kind == "integer":
        least = fragment.get("minimum", -2)
        return st.integers(least, min(least + 4, fragment.get("maximum", least + 4)))
    if kind == "number":
        return numbers(fragment)
    return {"boolean": st.booleans(), "null": st.none(), "string": st.sampled_from(["dense", "kernel"])}[kind]


def numbers(fragment: Fragment) -> st.SearchStrategy[float]:
    """Return a strategy of numbers within the bounds, the bounds themselves among them."""
    low, high = fragment.get("minimum"), fragment.get("maximum")
    above, below = fragment.get("exclusiveMinimum"), fragment.get("exclusiveMaximum")
    known = [low, high, 0, 1, 0.001, 0.1, 0.5, 0.9, 2.5, -0.5]
    fits = [
        x
        for x in dict.fromkeys(x for x in known if x is not None)
        if (low is None or x >= low)
        and (high is None or x <= high)
        and (above is None or x > above)
        and (below is None or x < below)
    ]
    return st.sampled_from(fits)


@st.composite
def objects(draw: Draw, kind: str) -> Any:
    """Draw an initializer, a regularizer or a constraint, by name or with arguments."""
    table = OBJECTS[kind]
    name = draw(st.sampled_from(sorted(table)))
    args = draw(arguments(table[name]))
    return {name: args} if args else name


@st.composite
def arguments(draw: Draw, allowed: Mapping[str, Argument]) -> dict[str, Any]:
    """Draw arguments: what is required, and a few of the others."""
    optional = [name for name, argument in allowed.items() if not argument.required and name != "name"]
    chosen = draw(st.lists(st.sampled_from(optional), max_size=3, unique=True)) if optional else []
    return {
        name: draw(values(argument.fragment))
        for name, argument in allowed.items()
        if argument.required or name in chosen
    }


@st.composite
def layers(draw: Draw, shape: Shape, kinds: st.SearchStrategy[str]) -> tuple[Any, Shape]:
    """Draw a layer that takes `shape`, as a file has it, and what it makes of it; None where what was drawn cannot."""
    kind = draw(kinds)
    args = draw(arguments(LAYERS[kind]))
    if kind == "Reshape":
        args["target_shape"] = draw(st.sampled_from([[-1], [-1, shape[-1]], [1, -1, 1], list(shape[::-1])]))
    if kind == "Permute":
        args["dims"] = draw(st.permutations(range(1, len(shape) + 1)))
    if kind == "SparseConv2D":
        one = st.lists(st.integers(0, shape[-1] - 1), max_size=3, unique=True)
        args["connections"] = draw(st.lists(one, min_size=args["filters"], max_size=args["filters"]))
    full = in_full(kind, args)
    if check_call("LAYERS", kind, args) or any(axis_mistakes(kind, full, len(shape))):
        return None, shape
    try:
        made, _ = rows.LAYERS[kind].rule(full, shape)
    except ShapeError:
        return None, shape
    fits = not any(layer_mistakes(kind, full, shape, made)) and prod(made) <= MOST_VALUES
    return ({kind: args} if args else kind, made) if fits else (None, shape)


@st.composite
def sequences(draw: Draw, shape: Shape, most: int) -> tuple[list[Any], Shape]:
    """Draw layers one after the other, and what they make of `shape`."""
    made: list[Any] = []
    kinds = st.sampled_from(sorted(set(LAYERS) - {"Application", "classifier"}))
    for _ in range(draw(st.integers(1, most))):
        layer, shape = draw(layers(shape, kinds))
        made += [layer] if layer is not None else []
    return made, shape


@st.composite
def forms(draw: Draw, shape: Shape) -> tuple[list[Any], Shape]:
    """Draw a residual block or branches of layers that keep their shape, or nothing."""
    paths = [draw(sequences(shape, 2)) for _ in range(2)]
    kept = [path for path, made in paths if path and made == shape]
    form = draw(st.sampled_from(["nothing", "residual", "branches"]))
    if not kept or form == "nothing":
        return [], shape
    if form == "residual":
        args: dict[str, Any] = {"layers": kept[0]}
        args |= {"shortcut": kept[1]} if len(kept) > 1 else {}
        args |= {"activation": "relu"} if draw(st.booleans()) else {}
        return [{"residual": args}], shape
    merge = draw(st.sampled_from(MERGES))
    made = (*shape[:-1], 2 * shape[-1]) if merge == "Concatenate" else shape
    return [{"branches": {"merge": merge, "paths": [kept[0], kept[1] if len(kept) > 1 else []]}}], made


@st.composite
def networks(draw: Draw, shape: Shape) -> list[Any]:
    """Draw a network for images of `shape`."""
    first, shape = draw(sequences(shape, 4))
    middle, shape = draw(forms(shape))
    last, shape = draw(sequences(shape, 2))
    flat = ["Flatten"] if len(shape) > 1 else []
    args = draw(arguments(LAYERS["classifier"]))
    return [*first, *middle, *last, *flat, {"classifier": args} if args else "classifier"]


@st.composite
def schedules(draw: Draw) -> dict[str, Any]:
    """Draw a schedule with some of its own arguments."""
    name = draw(st.sampled_from(sorted(SCHEDULES)))
    drawn: dict[str, st.SearchStrategy[Any]] = {
        "step_epochs": st.sampled_from([0.01, 0.5, 1, [0.01, 0.02], [0.5, 1], [1, 7]]),
        "monitor": st.sampled_from(["val_loss", "val_accuracy", "loss", "accuracy"]),
        "patience": st.integers(1, 3),
        "cooldown": st.integers(0, 2),
        "start_divisor": st.sampled_from([1, 25]),
        "end_divisor": st.sampled_from([1, 1e4]),
        "warmup_epochs": st.sampled_from([0, 0.01, 0.5, 1]),
        "decay_epochs": st.sampled_from([0.001, 0.4, 3]),
    }
    some = st.sampled_from([0.001, 0.1, 0.5, 0.9])
    chosen = [key for key in SCHEDULES[name](name=name).arguments if draw(st.booleans())]
    return {"name": name, **{key: draw(drawn.get(key, some)) for key in chosen}}


@st.composite
def losses(draw: Draw) -> dict[str, Any]:
    """Draw a loss with some of its own arguments."""
    name = draw(st.sampled_from(sorted(LOSSES)))
    keys = {"label_smoothing": [0, 0.1, 0.9], "gamma": [0, 0.5, 2], "alpha": [0.1, 1]}
    takes = LOSSES[name](name=name).arguments
    return {"name": name, **{key: draw(st.sampled_from(keys[key])) for key in takes if draw(st.booleans())}}


@st.composite
def optimizers(draw: Draw) -> dict[str, Any]:
    """Draw an optimizer with some of its arguments."""
    name = draw(st.sampled_from(sorted(OPTIMIZERS)))
    return {"name": name, **draw(arguments(OPTIMIZERS[name]))}


@st.composite
def augmentations(draw: Draw, shape: Shape) -> list[Any]:
    """Draw at most two augmentations."""
    drawn = []
    for name in draw(st.lists(st.sampled_from(sorted(AUGMENTATIONS)), max_size=2)):
        args = draw(arguments(AUGMENTATIONS[name]))
        args |= {"height": shape[0], "width": shape[1]} if name == "RandomCrop" else {}
        if not check_call("AUGMENTATIONS", name, args):
            drawn.append({name: args} if args else name)
    return drawn


@st.composite
def trainings(draw: Draw) -> dict[str, Any]:
    """Draw a `train` section."""
    optional = {
        "optimizer": optimizers(),
        "schedule": schedules(),
        "loss": losses(),
        "class_weight": st.sampled_from(["balanced", {"class_0": 0.5}, {"0": 2}]),
        "early_stopping": st.fixed_dictionaries(
            {"monitor": st.sampled_from(["val_loss", "accuracy"]), "patience": st.integers(1, 3)}
        ),
        "ema": st.sampled_from([0.5, 0.99]),
        "precision": st.sampled_from(["mixed_bfloat16", "mixed_float16"]),
    }
    chosen = draw(st.lists(st.sampled_from(sorted(optional)), max_size=4, unique=True))
    return {
        "epochs": draw(st.integers(1, 3)),
        "batch_size": draw(st.sampled_from([1, 3, 8])),
        **{key: draw(optional[key]) for key in chosen},
    }


@st.composite
def experiments(draw: Draw) -> dict[str, Any]:
    """Draw a whole experiment on synthetic images."""
    shape = draw(SHAPES)
    classes = draw(st.integers(2, 4))
    return {
        "name": "generated",
        "seed": draw(st.sampled_from([0, 1, 2**31 - 1])),
        "data": {
            "source": "synthetic",
            "synthetic": {"classes": classes, "shape": list(shape), "train": 4 * classes, "test": classes},
            "validation": draw(st.sampled_from([0, 0.5])),
            "normalize": draw(st.sampled_from(["none", "unit", "standardize", {"mean": [0.5], "std": [0.2]}])),
        },
        "augment": draw(augmentations(shape)),
        "model": {"layers": draw(networks(shape))},
        "train": draw(trainings()),
        "evaluation": {"top_k": draw(st.sampled_from([[], [2], [3], [2, 3]])) if classes > 3 else []},
    }
