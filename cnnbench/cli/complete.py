"""What completion in a shell offers; called for every press of the tabulator, so nothing slow is imported."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import typer

Candidate = tuple[str, str]

VALUES = {  # what stands behind the `=` of an override
    "data.source": "data",
    "data.normalize": "normalizations",
    "model.architecture": "networks",
    "model.application.name": "applications",
    "model.estimator": "estimators",
    "model.features": "features",
    "train.optimizer": "optimizers",
    "train.optimizer.name": "optimizers",
    "train.schedule": "schedules",
    "train.schedule.name": "schedules",
    "train.loss": "losses",
    "train.loss.name": "losses",
    "train.precision": "precisions",
}
YAML = (".yaml", ".yml")


def kinds(incomplete: str) -> list[Candidate]:
    """The kinds of things that have names."""
    from cnnbench.config.kinds import KINDS

    return _beginning(incomplete, ((name, where) for name, (where, _) in KINDS.items()))


def experiments(incomplete: str) -> list[Candidate]:
    """Shipped experiments and YAML files."""
    return [*_named("experiments", incomplete), *_paths(incomplete, YAML)]


def configurations(incomplete: str) -> list[Candidate]:
    """Shipped experiments, networks, sweeps and studies, and YAML files."""
    shipped = (each for kind in ("experiments", "networks", "sweeps", "studies") for each in _named(kind, incomplete))
    return [*dict(shipped).items(), *_paths(incomplete, YAML)]


def buildable(incomplete: str) -> list[Candidate]:
    """Shipped experiments and networks, and YAML files."""
    return [*_named("experiments", incomplete), *_named("networks", incomplete), *_paths(incomplete, YAML)]


def inspected(ctx: typer.Context, incomplete: str) -> list[Candidate]:
    """Experiments and networks; after the first of them also the keys of overrides."""
    if not ctx.params.get("configs"):
        return buildable(incomplete)
    changes = overrides(ctx, incomplete)
    return changes if "=" in incomplete or ctx.params["configs"][-1] == "=" else [*buildable(incomplete), *changes]


def formats(incomplete: str) -> list[Candidate]:
    """Formats that a run can be exported in."""
    from cnnbench.export.formats import FORMATS

    return _beginning(incomplete, ((name, row.about) for name, row in FORMATS.items()))


def sweeps(incomplete: str) -> list[Candidate]:
    """Shipped sweeps and YAML files."""
    return [*_named("sweeps", incomplete), *_paths(incomplete, YAML)]


def studies(incomplete: str) -> list[Candidate]:
    """Shipped studies and YAML files."""
    return [*_named("studies", incomplete), *_paths(incomplete, YAML)]


def targets(incomplete: str) -> list[Candidate]:
    """What data can be named by: sources, experiments, folders and files."""
    from cnnbench.catalogue.sources import sources

    named = [*_named("data", incomplete), *_named("experiments", incomplete)]
    own = [suffix for source in sources().values() if source.own for suffix in source.own.suffixes]
    return [*named, *_paths(incomplete, (*own, *YAML))]


def downloads(incomplete: str) -> list[Candidate]:
    """The data sets that can be downloaded."""
    from cnnbench.data.catalogue import downloads as published

    allowed = published()
    return [each for each in _named("data", incomplete) if each[0] in allowed]


def overrides(ctx: typer.Context, incomplete: str) -> list[Candidate]:
    """Keys with a `=`, and behind it the names that the key takes."""
    from cnnbench.catalogue.keys import all_keys

    key, equals, value = incomplete.partition("=")
    given = ctx.params.get("overrides") or ctx.params.get("configs") or []
    if not equals and given[-1:] == ["="] and len(given) > 1:  # bash takes `key=value` for three words
        return _named(VALUES[given[-2]], incomplete) if given[-2] in VALUES else []
    if equals:
        return [(f"{key}={name}", about) for name, about in _named(VALUES[key], value)] if key in VALUES else []
    return _beginning(incomplete, ((f"{path}=", about) for path, about in all_keys().items()))


def runs(incomplete: str) -> list[Candidate]:
    """Folders: without a folder in the word those in `outputs`, else those in that folder."""
    folder, _, _ = incomplete.rpartition("/")
    place = Path(folder).expanduser() if folder else Path("outputs")
    return _beginning(incomplete, ((_written(folder or "outputs", name), "") for name in _folders(place)))


def backends(incomplete: str) -> list[Candidate]:
    """Backends of Keras."""
    return _named("backends", incomplete)


def splits(incomplete: str) -> list[Candidate]:
    """Splits of a data set."""
    return _named("splits", incomplete)


def metrics(incomplete: str) -> list[Candidate]:
    """Numbers of metrics.json."""
    return _named("metrics", incomplete)


def thresholds(incomplete: str) -> list[Candidate]:
    """Numbers of metrics.json with a `=`."""
    return [(f"{name}=", about) for name, about in metrics(incomplete)]


def sinks(incomplete: str) -> list[Candidate]:
    """Where a run can also be reported to."""
    return _named("sinks", incomplete)


def _named(kind: str, incomplete: str) -> list[Candidate]:
    from cnnbench.config.kinds import names_of

    return _beginning(incomplete, names_of(kind).items())


def _beginning(incomplete: str, candidates: Iterable[Candidate]) -> list[Candidate]:
    return [(name, about) for name, about in candidates if name.startswith(incomplete)]


def _paths(incomplete: str, suffixes: tuple[str, ...]) -> list[Candidate]:
    """Return files with one of the suffixes, and folders, that a word begins to name."""
    folder, slash, _ = incomplete.rpartition("/")
    place = Path(folder + slash).expanduser() if slash else Path()
    try:
        inside = sorted(place.iterdir())
    except OSError:
        return []
    wanted = [p for p in inside if not p.name.startswith(".") and (p.is_dir() or p.suffix in suffixes)]
    return _beginning(incomplete, ((f"{folder}{slash}{p.name}{'/' if p.is_dir() else ''}", "") for p in wanted))


def _folders(place: Path) -> Iterator[str]:
    try:
        with os.scandir(place) as entries:
            yield from sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))
    except OSError:
        return


def _written(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}"
