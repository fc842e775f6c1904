"""Which folders runs are looked for in, by whatever looks for them."""

from __future__ import annotations

import os
from pathlib import Path


class Folders:
    """The folders below one folder.

    Hidden ones are passed by. A link to a folder is followed where it leads out of what is looked through, once;
    what lies inside is met at its own place, so links in a circle end.
    """

    def __init__(self, root: Path) -> None:
        self._looked_through = [root.resolve()]

    def inside(self, path: Path) -> list[Path]:
        """Return the folders in a folder by name; raises OSError where it cannot be read."""
        with os.scandir(path) as entries:
            found = sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))
        return [path / name for name in found if not (path / name).is_symlink() or self._leads_out(path / name)]

    def _leads_out(self, link: Path) -> bool:
        target = link.resolve()
        if any(target.is_relative_to(one) or one.is_relative_to(target) for one in self._looked_through):
            return False
        self._looked_through.append(target)
        return True
