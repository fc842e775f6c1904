"""An estimator in place of a network: `model.estimator` and `model.features`, checked and in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnnbench.catalogue.arguments import Arguments, check_arguments
from cnnbench.catalogue.estimators import (
    ANY_SIGN_REFUSED,
    ESTIMATORS,
    FEATURES,
    NOT_ESTIMATORS,
    refused,
)
from cnnbench.catalogue.sources import Shape
from cnnbench.catalogue.values import KeyPath, Violation, found
from cnnbench.config.calls import call_of
from cnnbench.config.schema import Config, Model
from cnnbench.errors import did_you_mean

ESTIMATOR: KeyPath = ("model", "estimator")
FEATURES_AT: KeyPath = ("model", "features")
OF_IMAGES = ("pixels", "hog")  # they see images; what follows sees their values
NETWORK = tuple(key for key in Model.model_fields if key not in ("estimator", "features"))
_ONE = "expected one step, as hog or {pca: {components: 64}}"
Step = tuple[str, Mapping[str, Any]]


def steps_of(model: Model) -> Sequence[Step]:
    """Return the steps that make values of images, as name and arguments; pixels first where nothing else is."""
    steps = [call_of(spec) for spec in _listed(model.features or "pixels")]
    return steps if steps[0][0] in OF_IMAGES else [("pixels", {}), *steps]


def estimator_of(model: Model) -> Step:
    """Return name and arguments of the estimator."""
    return call_of(model.estimator)


def in_full(model: Model) -> Model:
    """Return an estimator and its features with the defaults of those arguments that are not given and act."""
    if model.estimator is None:
        return model
    name, given = estimator_of(model)
    features = [_spec(step, FEATURES[step], args) for step, args in map(call_of, _listed(model.features or "pixels"))]
    return model.model_copy(
        update={
            "estimator": {name: _acting(ESTIMATORS[name], given)},
            "features": features if isinstance(model.features, list) else features[0],
        }
    )


def call_mistakes(data: Mapping[str, Any]) -> Iterator[Violation]:
    """Yield the mistakes in names and arguments; `data` may have any other mistake."""
    model = data.get("model")
    if not isinstance(model, Mapping):
        return
    if isinstance(estimator := model.get("estimator"), Mapping):
        yield from _estimator(estimator)
    if (features := model.get("features")) is not None:
        listed = isinstance(features, list)
        for i, spec in enumerate(_listed(features)):
            yield from _feature((*FEATURES_AT, i) if listed else FEATURES_AT, spec)


def estimator_mistakes(config: Config, shape: Shape | None) -> Iterator[Violation]:
    """Yield what shows only when keys are seen together, in a model whose calls have no mistakes."""
    model = config.model
    if model.estimator is None:
        if model.features is not None:
            yield FEATURES_AT, "has no effect without model.estimator; a network sees the pixels"
        return
    yield from _order(model)
    name, steps = estimator_of(model)[0], [step for step, _ in steps_of(model)]
    if name in ANY_SIGN_REFUSED and ("pca" in steps or config.data.normalize not in ("none", "unit")):
        wanted = "features without pca and data.normalize: unit"
        yield (*ESTIMATOR, name), f"takes no values below 0; it needs {wanted}"
    if shape is not None:
        yield from _sizes(model, shape)


def idle_with_estimator(config: Config) -> Iterator[Violation]:
    """Yield every key that only a network has."""
    if config.model.estimator is None:
        return
    why = "has no effect with model.estimator"
    yield from ((("model", key), why) for key in NETWORK)
    yield from ((("train", key), why) for key in type(config.train).model_fields if key != "threads")
    if config.augment:
        yield ("augment",), why


def feature_count(model: Model, shape: Shape) -> int:
    """Return how many values the estimator sees of an image of a shape (H, W, C); a share of variance counts as all."""
    count = 0
    for name, args in steps_of(model):
        if name == "pca":
            components = args["components"]
            count = components if isinstance(components, int) else count
        else:
            count = _hog_count(args, shape) if name == "hog" else shape[0] * shape[1] * shape[2]
    return count


def _hog_count(args: Mapping[str, Any], shape: Shape) -> int:
    """Return the length of scikit-image's HOG: orientations of each cell of each block, blocks at every cell."""
    full = _acting(FEATURES["hog"], args)
    cells = [side // size for side, size in zip(shape, pair_of(full["pixels_per_cell"]), strict=False)]
    inside = pair_of(full["cells_per_block"])
    blocks = [max(0, n - size + 1) for n, size in zip(cells, inside, strict=True)]
    return int(blocks[0] * blocks[1] * inside[0] * inside[1] * full["orientations"])


def pair_of(value: Any) -> tuple[int, int]:
    """Return one number for both directions, or two as they are: height and width."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _listed(features: Any) -> Sequence[Any]:
    return features if isinstance(features, list) else [features]


def _spec(name: str, known: Arguments, given: Mapping[str, Any]) -> Any:
    arguments = _acting(known, given)
    return {name: arguments} if arguments else name


def _acting(known: Arguments, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every argument that acts; a null that is the default too says nothing and is left out."""
    full = {key: given.get(key, argument.default) for key, argument in known.items()}
    needs = {key: argument.needs for key, argument in known.items() if argument.needs}
    idle = {key for key, (other, wanted) in needs.items() if full[other] != wanted}
    silent = {key for key, value in full.items() if value is None and known[key].default is None}
    return {key: value for key, value in full.items() if key not in idle | silent}


def _estimator(spec: Mapping[str, Any]) -> Iterator[Violation]:
    if len(spec) != 1:
        yield ESTIMATOR, f"expected one estimator, as SVC or SVC: {{C: 10}}, found {found(spec)}"
        return
    [(name, arguments)] = spec.items()
    known = ESTIMATORS.get(name)
    if known is None:
        yield (*ESTIMATOR, name), _unknown(str(name))
    elif not isinstance(arguments, dict | None):
        yield (*ESTIMATOR, name), f"expected arguments, as {{name: value}}, found {found(arguments)}"
    else:
        for path, message in check_arguments(known, arguments or {}, refused(name), {}):
            yield (*ESTIMATOR, name, *path), message


def _unknown(name: str) -> str:
    if name in NOT_ESTIMATORS:
        return f"{name} cannot be used here: {NOT_ESTIMATORS[name]}"
    close = did_you_mean(name, [*ESTIMATORS, *NOT_ESTIMATORS])
    return f"unknown estimator {found(name)}{close or '; `cnnbench list estimators` has them all'}"


def _feature(path: KeyPath, spec: Any) -> Iterator[Violation]:
    if not isinstance(spec, str) and not (isinstance(spec, Mapping) and len(spec) == 1):
        yield path, f"{_ONE}, found {found(spec)}"
        return
    [(name, arguments)] = [(spec, {})] if isinstance(spec, str) else spec.items()
    if name not in FEATURES:
        yield (
            path,
            f"unknown features {found(name)}{did_you_mean(str(name), FEATURES)}; known are {', '.join(FEATURES)}",
        )
    elif not isinstance(arguments, dict | None):
        yield (*path, name), f"expected arguments, as {{name: value}}, found {found(arguments)}"
    else:
        for inside, message in check_arguments(FEATURES[name], arguments or {}, {}, {}):
            yield (*path, name, *inside), message


def _order(model: Model) -> Iterator[Violation]:
    names = [call_of(spec)[0] for spec in _listed(model.features or "pixels")]
    for i, name in enumerate(names):
        if name in names[:i]:
            yield (*FEATURES_AT, i), f"{name} is given twice"
        elif i and name in OF_IMAGES:
            yield (*FEATURES_AT, i), f"{name} sees images, so it comes first and alone"


def _sizes(model: Model, shape: Shape) -> Iterator[Violation]:
    """Yield where an image of the shape (H, W, C) has too few pixels for its features."""
    before = model.model_copy(update={"features": [dict([step]) for step in steps_of(model)[:1]]})
    count, (name, args) = feature_count(before, shape), steps_of(model)[-1]
    if not count:
        yield FEATURES_AT, f"an image of {shape[0]}x{shape[1]} has no block of cells; smaller cells or blocks fit"
    elif name == "pca" and isinstance(args["components"], int) and args["components"] > count:
        yield FEATURES_AT, f"{args['components']} components of {count} values; there are no more than values"
