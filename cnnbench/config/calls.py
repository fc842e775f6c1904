"""The optimizer and the augmentations of a configuration, held against the tables of Keras' arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnnbench.catalogue.signatures import call_mistakes
from cnnbench.catalogue.values import KeyPath, Violation, found

_ONE = "expected one augmentation, as RandomFlip or RandomFlip: {mode: horizontal}"


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
