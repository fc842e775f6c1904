"""A key that takes one of the names of a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic_core import CoreSchema, core_schema


class OneOf:
    """Beside `str` in an annotation: what `Literal` would be of names that are not written out."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        """Return the schema that pydantic checks by."""
        return core_schema.literal_schema(self._names)
