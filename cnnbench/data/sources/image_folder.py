"""A user's own image files, a folder for each class."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.catalogue.sources import Own, Source

if TYPE_CHECKING:
    from cnnbench.config.schema import Data
    from cnnbench.data.types import Given, Listed

SOURCE = Source(
    "your own: root/<class>/*.png, or root/train|val|test/<class>/*", own=Own("a folder of images"), image_files=True
)


def load(data: Data, place: Path) -> Given:
    """Return the images below the folder; see `read_folder`."""
    from cnnbench.data.folder import read_folder

    return read_folder(place, data)


def find(data: Data, place: Path) -> Listed:
    """Return every image file below the folder, in whatever class or split."""
    from cnnbench.data.folder import image_files_below
    from cnnbench.data.types import Listed

    return Listed(place, image_files_below(place))
