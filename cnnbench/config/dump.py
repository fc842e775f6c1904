"""A configuration as YAML that loads back to an equal one."""

from __future__ import annotations

import re
from typing import Any

import yaml
from pydantic import BaseModel

from cnnbench.catalogue.values import KeyPath
from cnnbench.config.idle import idle_keys
from cnnbench.config.schema import Config
from cnnbench.config.static import static_classes
from cnnbench.config.yaml_text import LOADER


class _Dumper(yaml.SafeDumper):
    """Writes no anchors, and quotes text that this project reads as a number."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)


def dump_yaml(config: Config) -> str:
    """Return plain YAML in the schema's order, defaults included.

    Left out is what is None, unless that is not the default, and what has no effect beside the other keys.
    """
    return dump_plain(_plain(config, (), set(idle_keys(config, static_classes(config.data)))))


def dump_plain(data: Any) -> str:
    """Return plain values as YAML that is read as the same values."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)
    return text


def load_plain(text: str) -> Any:
    """Return the plain values of what `dump_yaml` or `dump_plain` wrote."""
    return yaml.load(text, Loader=LOADER)


def _plain(value: Any, path: KeyPath, idle: set[KeyPath]) -> Any:
    if isinstance(value, BaseModel):
        given = {name: getattr(value, name) for name in type(value).model_fields}
        kept = {name: item for name, item in given.items() if item is not None and (*path, name) not in idle}
        told = {**kept, **(value.model_extra or {})}
        plain = {name: _plain(item, (*path, name), idle) for name, item in told.items()}
        return {name: item for name, item in plain.items() if item != {}}
    if isinstance(value, list | tuple):
        return [_plain(item, (*path, i), idle) for i, item in enumerate(value)]
    return value
