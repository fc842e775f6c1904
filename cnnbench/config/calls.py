"""The optimizer and the augmentations of a configuration: held against the tables of Keras' arguments, and in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cnnbench.catalogue.signatures import AUGMENTATIONS, call_mistakes
from cnnbench.catalogue.values import KeyPath, Violation, found

_ONE = "expected one augmentation, as RandomFlip or RandomFlip: {mode: horizontal}"


def call_of(spec: Any) -> tuple[str, dict[str, Any]]:
    """Return name and arguments of `- Name` or `- Name: {arguments}`."""
    [(name, arguments)] = spec.items() if isinstance(spec, Mapping) else [(spec, None)]
    return str(name), dict(arguments or {})


def augment_in_full(specs: Iterable[Any]) -> list[Any]:
    """Return augmentations with the defaults of those arguments that are not given and act."""
    return [_spec(name, _acting(name, arguments)) for name, arguments in map(call_of, specs)]


def augment_told(specs: Iterable[Any]) -> list[Any]:
    """Return augmentations without the arguments that are their defaults."""
    return [
        _spec(name, {key: v for key, v in arguments.items() if v != AUGMENTATIONS[name][key].default})
        for name, arguments in map(call_of, specs)
    ]


def _acting(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    known = AUGMENTATIONS[name]
    full = {key: given.get(key, argument.default) for key, argument in known.items()}
    needed = {key: argument.needs for key, argument in known.items() if argument.needs}
    idle = {key for key, (other, wanted) in needed.items() if full[other] != wanted}
    return {key: value for key, value in full.items() if value is not None and key not in idle}


def _spec(name: str, arguments: dict[str, Any]) -> Any:
    return {name: arguments} if arguments else name


def check_calls(data: Mapping[str, Any]) -> Iterator[Violation]:
    """Yield the mistakes in names and arguments; `data` may have any other mistake."""
    train, augment = data.get("train"), data.get("augment")
    if isinstance(train, dict) and isinstance(optimizer := train.get("optimizer"), dict):
        yield from _optimizer(optimizer)
    for i, entry in enumerate(augment if isinstance(augment, list) else ()):
        yield from _augmentation(("augment", i), entry)


def _optimizer(section: Mapping[str, Any]) -> Iterator[Violation]:
    arguments = dict(section)
    name = arguments.pop("name", "Adam")
    if isinstance(name, str):
        for path, message in call_mistakes("OPTIMIZERS", name, arguments):
            yield ("train", "optimizer", *(path or ("name",))), message


def _augmentation(path: KeyPath, entry: Any) -> Iterator[Violation]:
    if isinstance(entry, str):
        yield from (((*path, *p), message) for p, message in call_mistakes("AUGMENTATIONS", entry, {}))
    elif not isinstance(entry, dict) or len(entry) != 1:
        yield path, f"{_ONE}, found {found(entry)}"
    else:
        [(name, arguments)] = entry.items()
        if not isinstance(arguments, dict | None):
            yield (*path, name), f"expected arguments, as {{name: value}}, found {found(arguments)}"
            return
        for inside, message in call_mistakes("AUGMENTATIONS", name, arguments or {}):
            yield (*path, name, *inside), message
