"""Where a process works on a study: in a folder that it has to itself."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cnnbench.runs.parents import SweepDir


@dataclass(frozen=True)
class Place:
    """A sweep's folder; `shared` says that others work on the same study from folders of their own."""

    folder: SweepDir
    shared: bool

    @property
    def owner(self) -> dict[str, str]:
        """What the study says of trials that run here."""
        return {"host": platform.node(), "folder": str(self.folder.path.resolve())}

    @property
    def mark(self) -> str:
        """A text that no other place has."""
        return " ".join(self.owner.values())

    def has(self, attributes: Mapping[str, Any]) -> bool:
        """Return whether a running trial with these attributes is this folder's."""
        return not self.shared or attributes.get("owner") == self.owner
