"""What `data list` shows and `data get` can get; no NumPy here either."""

from __future__ import annotations

from collections.abc import Mapping

from cnnbench.catalogue.sources import Facts, Published, Source, sources
from cnnbench.data.locate import find
from cnnbench.errors import ConfigError, did_you_mean


def downloads() -> Mapping[str, Published]:
    """Return the sources that have a published set of files, and those files."""
    found = {name: source.to_find(source.defaults()) for name, source in sources().items()}
    return {name: published for name, published in found.items() if published}


def downloadable(name: str) -> Published:
    """Return the files of a source that can be downloaded; raises ConfigError for any other name."""
    known, allowed = sources(), downloads()
    if name in allowed:
        return allowed[name]
    if name in known:
        raise ConfigError(f"{name}: nothing to get ({known[name].about}); downloads are {', '.join(allowed)}")
    raise ConfigError(f"{name}: unknown data set; allowed are {', '.join(allowed)}{did_you_mean(name, known)}")


def overview() -> list[dict[str, str | int | None]]:
    """Return a row per source: name, what it is, size, and where its files are on this machine."""
    return [_overview(name, source) for name, source in sources().items()]


def places() -> dict[str, str]:
    """Return where the files of each source are that has files of its own, or how to get them."""
    inside = {name: f"inside {source.comes_with}" for name, source in sources().items() if source.comes_with}
    found = {name: find(published, None) for name, published in downloads().items()}
    return inside | {
        name: str(folder) if folder is not None else f"not found; cnnbench data get {name}"
        for name, folder in found.items()
    }


def _overview(name: str, source: Source) -> dict[str, str | int | None]:
    facts = Facts() if source.generated else source.known(source.defaults())
    return {
        "name": name,
        "images": "any" if facts.train is None else f"{facts.train}" + (f"+{facts.test}" if facts.test else ""),
        "shape": "x".join(map(str, facts.shape)) if facts.shape else "any",
        "classes": facts.classes or "any",
        "where": _where(name, source),
        "about": source.about,
    }


def _where(name: str, source: Source) -> str:
    published = source.to_find(source.defaults())
    if published is None:
        return "data.path" if source.own else "built in"
    found = find(published, None)
    if found is not None:
        return str(found)
    if published.by_hand:
        return f"not here; get {published.by_hand}"
    megabytes = sum(remote.size or 0 for remote in published.remotes) / 1e6
    return f"not here; `cnnbench data get {name}` downloads {megabytes:.0f} MB"
