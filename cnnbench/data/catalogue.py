"""What `data list` shows and `data get` can get; no NumPy here either."""

from __future__ import annotations

from cnnbench.catalogue.sources import SOURCES, Facts
from cnnbench.data.download import REMOTES
from cnnbench.data.locate import LAYOUTS, find
from cnnbench.errors import ConfigError, did_you_mean


def downloadable(name: str) -> None:
    """Raise ConfigError unless `name` is a source that can be downloaded."""
    if name in LAYOUTS:
        return
    if name in SOURCES:
        raise ConfigError(f"{name}: nothing to get ({SOURCES[name].about}); downloads are {', '.join(LAYOUTS)}")
    raise ConfigError(f"{name}: unknown data set; allowed are {', '.join(LAYOUTS)}{did_you_mean(name, SOURCES)}")


def overview() -> list[dict[str, str | int | None]]:
    """Return a row per source: name, what it is, size, and where its files are on this machine."""
    return [_overview(name, facts) for name, facts in SOURCES.items()]


def _overview(name: str, facts: Facts) -> dict[str, str | int | None]:
    images = "any" if facts.train is None else f"{facts.train}" + (f"+{facts.test}" if facts.test else "")
    return {
        "name": name,
        "images": images,
        "shape": "x".join(map(str, facts.shape)) if facts.shape else "any",
        "classes": facts.classes or "any",
        "where": _where(name),
        "about": facts.about,
    }


def _where(name: str) -> str:
    if name not in LAYOUTS:
        return "data.path" if name in ("image_folder", "npz") else "built in"
    found = find(name, None)
    if found is not None:
        return str(found)
    megabytes = sum(remote.size for remote in REMOTES[name]) / 1e6
    return f"not here; `cnnbench data get {name}` downloads {megabytes:.0f} MB"
