"""The keys that a source has of its own, as a section of `data` that is called as the source is."""

from __future__ import annotations

import inspect
from dataclasses import fields
from functools import cache
from typing import Any, get_type_hints

from pydantic import Field, create_model

from cnnbench.catalogue.sources import sources, with_options
from cnnbench.config import section
from cnnbench.config.section import Section


@cache
def section_of(source: str) -> Any:
    """Return the model of a source's options, whose types may name what `cnnbench.config.section` has."""
    options = sources()[source].options
    assert options is not None
    types = get_type_hints(options, localns=vars(section), include_extras=True)
    keys: dict[str, Any] = {
        each.name: (types[each.name], Field(default=each.default, description=each.metadata["about"]))
        for each in fields(options)
    }
    about = inspect.cleandoc(options.__doc__ or "")
    return create_model(source.title().replace("_", ""), __base__=Section, __module__=__name__, __doc__=about, **keys)


def with_sections(data: type[Section]) -> Any:
    """Return `data` with the section of each source that has keys of its own."""
    sections: dict[str, Any] = {
        name: (section_of(name) | None, Field(default=None, description=section_of(name).__doc__))
        for name in with_options()
    }
    return create_model(data.__name__, __base__=data, __module__=data.__module__, __doc__=data.__doc__, **sections)
