"""What an ablation switches off: techniques of the base by name, each with the values that turn it off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnnbench.catalogue.values import Violation
from cnnbench.config.document import Document
from cnnbench.config.load import check_document
from cnnbench.config.network.nodes import walk
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.sweep.define.documents import marks_at, settled
from cnnbench.sweep.define.identity import identity
from cnnbench.sweep.define.mistakes import Mistakes
from cnnbench.sweep.define.rules import NOT_STUDIED
from cnnbench.sweep.define.sections import SweepFile
from cnnbench.sweep.define.space import override
from cnnbench.sweep.define.sweep import Axis, Choice, Choices, Values
from cnnbench.sweep.define.trying import Attempt, Tried

AXIS = "without"
NOTHING = "nothing"  # the label of the base
DROPOUTS = ("Dropout", "AlphaDropout", "GaussianDropout", "SpatialDropout2D")
Off = Mapping[str, Any]  # dotted path -> value
_PLACE = ("search", AXIS)


def techniques(config: Config) -> dict[str, Off]:
    """Return the techniques that a configuration has, each with what switches it off."""
    return dict(_techniques(config))


def _techniques(config: Config) -> Iterator[tuple[str, Off]]:
    train = config.train
    there = {layer.kind for layer in walk(network_of(config.model))} if config.model.layers else set()
    if config.augment:
        draws = {"train.augment_draws": None} if train.augment_draws is not None else {}
        yield "augmentation", {"augment": [], **draws}
    if dropouts := [kind for kind in DROPOUTS if kind in there]:
        yield "dropout", {"model.without": dropouts}
    if "BatchNormalization" in there and config.model.weights is None:  # which need their layers
        yield "batch normalisation", {"model.without": ["BatchNormalization"]}
    if train.schedule is not None:
        yield "schedule", {"train.schedule": None}
    if train.early_stopping is not None:
        yield "early stopping", {"train.early_stopping": None}
    if getattr(train.loss, "label_smoothing", 0.0):
        yield "label smoothing", {"train.loss.label_smoothing": 0.0}
    if train.ema is not None:
        yield "EMA", {"train.ema": None}
    if train.optimizer.arguments.get("weight_decay"):
        yield "weight decay", {"train.optimizer.weight_decay": 0.0}


def read_ablation(
    document: Document, file: SweepFile, base: Document, try_out: Attempt | None, mistakes: Mistakes
) -> tuple[tuple[Axis, ...], tuple[Values, ...]]:
    """Return the axis of what the base is without, and no rows; each is tried out."""
    try:
        config = check_document(base)
    except ConfigError as e:
        mistakes.add_lines(e.problems, ("base",))
        return (), ()
    chosen, wrong = _chosen(file.search.without, techniques(config))
    mistakes.add_all(wrong, _PLACE)
    if try_out is not None and not wrong:
        mistakes.add_lines([*try_out([]).lines, *_tried(document, chosen, config, try_out)], _PLACE)
    folder = document.folder(_PLACE)
    off = {name: {path: settled(path, value, folder) for path, value in each.items()} for name, each in chosen.items()}
    return (Choices(AXIS, (Choice(NOTHING, {}), *(Choice(name, each) for name, each in off.items()))),), ()


def _chosen(wanted: Any, known: Mapping[str, Off]) -> tuple[dict[str, Off], list[Violation]]:
    """Return what is to be switched off, and what is wrong with it by key path below `search.without`."""
    if wanted is None:
        none = f"the base has none of the techniques that are known ({_KNOWN}); say what is to be switched off"
        return dict(known), [] if known else [((), none)]
    given: Mapping[str, Off | None] = wanted if isinstance(wanted, dict) else dict.fromkeys(wanted)
    wrong: list[Violation] = [] if given else [((), "expected a technique at least, found none")]
    for at, (name, off) in enumerate(given.items()):
        key = name if isinstance(wanted, dict) else at
        if name == NOTHING:
            wrong.append(((key,), f"{NOTHING} is the base itself; choose another name"))
        elif off is None and name not in known:
            has = did_you_mean(name, known) or f"; it has {', '.join(known) or 'none'}"
            wrong.append(((key,), f"the base has no technique of this name that is known{has}"))
        elif off == {}:
            wrong.append(((key,), "expected dotted paths with the values that switch it off, found none"))
        wrong += [((key, path), f"cannot be studied: {NOT_STUDIED[path]}") for path in off or {} if path in NOT_STUDIED]
    return {name: known.get(name, {}) if off is None else off for name, off in given.items()}, wrong


_KNOWN = "augmentation, dropout, batch normalisation, schedule, early stopping, label smoothing, EMA and weight decay"


def _tried(document: Document, chosen: Mapping[str, Off], config: Config, try_out: Attempt) -> Iterator[str]:
    """Yield what is wrong with the base without each technique."""
    seen = {identity(config): NOTHING}
    for name, off in chosen.items():
        place = (*_PLACE, name)
        tried: Tried = try_out(override(path, value, marks_at(document, (*place, path))) for path, value in off.items())
        yield from (document.problem(place, f"the base without it: {line}") for line in tried.lines)
        if tried.config is not None and (other := seen.setdefault(identity(tried.config), name)) != name:
            same = "the base stays as it is" if other == NOTHING else f"it leaves the same as {other}"
            yield document.problem(place, f"has no effect: {same}")
