"""The commented configuration that `init` writes."""

from __future__ import annotations

from pathlib import Path

from cnnbench.errors import ConfigError
from cnnbench.files.whole import write_text

_STARTER = Path(__file__).with_name("starter.yaml")


def write_starter(path: Path, *, overwrite: bool) -> None:
    """Write the starter configuration; raises ConfigError where a file is there or none can be written."""
    if path.is_dir():
        raise ConfigError(f"{path}: a folder; expected the name of a .yaml file")
    if path.suffix not in (".yaml", ".yml"):
        raise ConfigError(f"{path}: expected a name that ends with .yaml")
    if path.exists() and not overwrite:
        raise ConfigError(f"{path}: there is a file already; --force overwrites it")
    try:
        write_text(path, _STARTER.read_text(encoding="utf-8"))
    except OSError as e:
        raise ConfigError(f"{path}: cannot be written ({e.strerror})") from None
