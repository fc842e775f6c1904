"""From a name, a file or a mapping to a checked configuration, with every mistake told at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from cnnbench.catalogue.arguments import is_meant
from cnnbench.catalogue.keys import full_path
from cnnbench.catalogue.values import LONGEST_PATH, KeyPath, Violation, found, shortened
from cnnbench.config import estimator
from cnnbench.config.arguments import plain
from cnnbench.config.calls import augment_in_full, check_calls
from cnnbench.config.checks import Known, check, untrained
from cnnbench.config.document import Document
from cnnbench.config.dump import dump_yaml
from cnnbench.config.loader import BY_NAME, as_section, missing, read_document, resolve_extends
from cnnbench.config.network.check import marks_below, network_mistakes, with_architecture
from cnnbench.config.overrides import Override, apply, lay
from cnnbench.config.paths import DATA_PATH, absolute, with_paths
from cnnbench.config.schema import Config
from cnnbench.config.shipped import architecture_names, configs_dir, experiment_names, is_path, shipped, sweep_names
from cnnbench.config.validation import validate
from cnnbench.errors import ConfigError, did_you_mean

__all__ = [
    "architecture_names",
    "check_document",
    "configs_dir",
    "dump_yaml",
    "experiment_names",
    "load_config",
    "load_run_config",
]


MOST_TOLD = 200  # mistakes of one file
_A_SWEEP = "a sweep, not an experiment; `cnnbench sweep` runs it"


def load_config(source: str | Path | Mapping[str, Any], overrides: Sequence[str | Override] = ()) -> Config:
    """Return the configuration of a shipped experiment, a YAML file or a mapping, with overrides.

    Those of the command line are `key.path=value`.

    The result stands for itself: its architecture is resolved to `model.layers`, `model.blocks` and `model.name`.
    Raises ConfigError with one line per mistake, `file:line: key.path: what is wrong`.
    """
    return check_document(apply(open_document(source), overrides))


def load_run_config(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Return the configuration that a run wrote down, with overrides.

    A relative `data.path`, as older versions recorded it, belongs to the folder they were started in: it is looked for
    from here. What a run wrote down stands for itself: where it names other files as parts of it, it may be anybody's,
    and they are not opened.
    """
    document = _alone(path)
    section = document.data.get("data")
    if isinstance(section, dict) and isinstance(section.get("path"), str):
        document = lay(document, [Override(DATA_PATH, absolute(section["path"], Path()))])
    return check_document(apply(document, overrides))


def _alone(path: Path) -> Document:
    """Return a configuration that names no file to go on in; raises ConfigError."""
    document = read_document(path, extends=False)
    model = document.data.get("model")
    named: list[KeyPath] = [("extends",)] if "extends" in document.data else []
    if isinstance(model, dict) and is_path(str(model.get("architecture") or "")):
        named.append(("model", "architecture"))
    if named:
        raise ConfigError(*(document.problem(place, "a run's configuration names no other file") for place in named))
    return document


def open_document(source: str | Path | Mapping[str, Any]) -> Document:
    """Return what a shipped experiment's name, a path or a mapping holds, unchecked.

    Raises ConfigError, also where it is a sweep.
    """
    if isinstance(source, Mapping):
        return resolve_extends(Document(plain(source)))
    if str(source) in sweep_names():
        raise ConfigError(f"{source}: {_A_SWEEP}")
    document = read_config(source)
    if is_sweep(document):
        raise ConfigError(f"{source}: {_A_SWEEP}")
    if is_network(document):
        raise ConfigError(f"{source}: a network, not an experiment; {trained_by(str(source))}")
    return document


def read_config(source: str | Path) -> Document:
    """Return what a shipped experiment's name or a path holds, whatever it is; raises ConfigError."""
    text, known = str(source), experiment_names()
    if text in known:
        return read_document(shipped("experiments", text))
    if text in architecture_names():
        raise ConfigError(f"{text}: a network, not an experiment; {trained_by(text)}")
    path = Path(text).expanduser()
    absent = missing(path)
    if absent and isinstance(source, str) and not is_path(text):
        hint = did_you_mean(text, known) or f"; shipped are {', '.join(known) or 'none'}"
        raise ConfigError(f"{found(text)} is neither a shipped experiment nor a file{hint}")
    if absent and "did you mean" not in absent:
        raise ConfigError(f"{shortened(text, LONGEST_PATH)}: {absent}{did_you_mean(path.stem, known)}")
    return read_document(path)


def is_sweep(document: Document) -> bool:
    """Return whether a file's keys are a sweep's."""
    return "model" not in document.data and bool({"base", "space", "search"} & set(document.data))


def is_network(document: Document) -> bool:
    """Return whether a file's keys are an architecture's alone."""
    return "layers" in document.data and not {"model", "name", "data", "train"} & set(document.data)


def trained_by(network: str) -> str:
    """Return which shipped experiments train a network, or how one of one's own would."""
    models = {name: read_document(shipped("experiments", name)).data.get("model") for name in experiment_names()}
    users = [name for name, model in models.items() if isinstance(model, dict) and model.get("architecture") == network]
    if not users:
        return f"an experiment trains it that says `model: {{architecture: {network}}}`"
    return f"{', '.join(users)} {'trains' if len(users) == 1 else 'train'} it"


def check_document(document: Document) -> Config:
    """Return the configuration that a document holds; raises ConfigError with one line per mistake."""
    document = with_paths(with_architecture(_with_normalization(_with_sections(document))))
    config, mistakes = validate(Config, document.data)
    calls = [*check_calls(document.data), *estimator.call_mistakes(document.data)]
    mistakes = [*untrained(document.data), *mistakes, *calls]
    wrong = _wrong_sections([path for path, _ in (*mistakes, *document.problems)])
    known = Known.of(config or _rest(document.data, wrong))
    mistakes += check(known, wrong)
    lines = _lines(document, mistakes) + _network(document, known, wrong)
    if lines or config is None:
        raise ConfigError(*_readable(lines))
    sections = {"data": config.data.in_full(), "model": estimator.in_full(config.model.in_full())}
    if config.model.estimator is not None:
        sections["train"] = config.train.model_copy(update={"epochs": 0})
    return config.model_copy(update={**sections, "augment": augment_in_full(config.augment)})


def _readable(lines: Sequence[str]) -> list[str]:
    """Return each line once, as one line; a file with more mistakes than anybody reads is told to have them."""
    different = list(dict.fromkeys(" ".join(line.splitlines()) for line in lines))
    more = len(different) - MOST_TOLD
    return [*different[:MOST_TOLD], *([f"and {more} more mistakes"] if more > 0 else [])]


def _with_sections(document: Document) -> Document:
    """Write sections that are given as a name alone in full."""
    data = dict(document.data)
    for path in BY_NAME:
        section = data.get(str(path[0]))
        if isinstance(section, dict) and path[1] in section:
            data[str(path[0])] = {**section, path[1]: as_section(path, section[path[1]])}
    return replace(document, data=data)


def _with_normalization(document: Document) -> Document:
    """Say that pixels come to the network as its weights know them, where nothing else is said."""
    data, model = document.data.get("data", {}), document.data.get("model")
    has_weights = isinstance(model, dict) and model.get("weights") is not None
    if not has_weights or not isinstance(data, dict) or data.get("normalize") is not None:
        return document
    return replace(document, data={**document.data, "data": {**data, "normalize": "pretrained"}})


def _wrong_sections(paths: Iterable[KeyPath]) -> set[str]:
    """Return the sections with mistakes; an unknown key stands for the section that it is meant for too."""
    sections = {str(path[0]) for path in paths if path}
    known = set(Config.model_fields)
    return sections | {meant for key in sections - known if (meant := _meant(key, known)) is not None}


def _meant(key: str, known: Collection[str]) -> str | None:
    """Return the section that a key is a misspelling of, or that has a key of this name."""
    close = next((name for name in sorted(known) if is_meant(name, key, sorted(known))), None)
    path = full_path(key)
    return close or (path.partition(".")[0] if path else None)


def _rest(data: Mapping[str, Any], wrong: Collection[str]) -> Config:
    """Return a configuration of the sections without mistakes, so that they can be checked further."""
    rest = {key: value for key, value in data.items() if key not in wrong}
    return Config.model_validate({"name": "x", "model": {}, **rest})


def _lines(document: Document, mistakes: Iterable[Violation]) -> list[str]:
    """Return a line per mistake, in the order of the file; what is wrong as text is told once, as text."""
    hidden = {path for path, _ in document.problems if path}
    told = [(path, m) for path, m in mistakes if not any(path[: n + 1] in hidden for n in range(len(path)))]
    marked = [(document.mark(path), document.problem(path, message)) for path, message in told]
    ordered = sorted(marked, key=lambda each: (each[0].file, each[0].line) if each[0] else ("", 0))
    return [line for _, line in document.problems] + [line for _, line in ordered]


def _network(document: Document, known: Known, wrong: Collection[str]) -> list[str]:
    model = known.config.model
    if "model" in wrong or model.layers is None or model.architecture is not None:
        return []
    shape = known.shape if "data" not in wrong else None
    alone = "train" not in wrong and known.config.train.distribute is None
    if _is_sound(json.dumps([model.layers, model.blocks, model.parameters, shape, known.classes, alone], default=repr)):
        return []
    marks = marks_below(document, "model")
    return list(network_mistakes(model.layers, model.blocks, model.parameters, marks, shape, known.classes, alone))


@lru_cache(maxsize=64)
def _is_sound(network: str) -> bool:
    """Return whether a network, as JSON, has no mistakes: the points of a sweep share a few of them."""
    layers, blocks, parameters, shape, classes, alone = json.loads(network)
    return not any(network_mistakes(layers, blocks, parameters, {}, shape and tuple(shape), classes, alone))
