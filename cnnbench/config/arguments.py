"""Values of a configuration as keyword arguments in Python: `train__epochs=3`, `train={"epochs": 3}`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cnnbench.catalogue.values import KeyPath, shortened
from cnnbench.config.document import Mark
from cnnbench.config.overrides import Override
from cnnbench.config.yaml_text import parse_value
from cnnbench.errors import ConfigError
from cnnbench.numbers import leaves


def assigned(arguments: Mapping[str, Any]) -> list[Override]:
    """Return what keyword arguments assign; two underscores stand for a dot, and a mapping is merged into its section.

    A text is YAML by the rules of files, as on the command line. Raises ConfigError that names the argument.
    """
    return [_override(name, value) for name, value in arguments.items()]


def _override(name: str, value: Any) -> Override:
    said = f"{name}={shortened(repr(value))}"
    keys = tuple(name.split("__"))
    if not all(keys):
        raise ConfigError(f"{said}: expected names of keys with two underscores for a dot")
    if isinstance(value, str):
        parsed = parse_value(value)
        if parsed.problems:
            raise ConfigError(*(f"{said}: {problem.message}" for problem in parsed.problems))
        value = parsed.data
    value, mark = plain(value), Mark(said, 0)
    return Override(keys, value, {(): mark, **dict.fromkeys(_inside(value), mark)}, merges=isinstance(value, dict))


def texts(overrides: Sequence[Override]) -> list[str]:
    """Return the same as `key.path=value`, one for every value that is given."""
    given = leaves({".".join(override.keys): override.value for override in overrides})
    return [f"{path}={value if isinstance(value, str) else json.dumps(value, default=str)}" for path, value in given]


def plain(value: Any) -> Any:
    """Return mappings as dict, sequences as list and paths as text, inside of each other too."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _inside(value: Any, before: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of every key in a mapping."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*before, key)
            yield from _inside(item, (*before, key))
