"""Reading a YAML file with everything it extends.

`extends: other.yaml` names one parent, relative to the file. Mappings are merged key by key, everything else is
replaced, lists as a whole. Two kinds of section are replaced rather than merged, because what belongs to one choice
means nothing to another: `train.optimizer`, `train.schedule` and `train.loss` when the child changes their `name`,
`model` when the child names an `architecture`, an `application` or its own `layers`, and `model.estimator` when it
names another one. `train.epochs` and `train.budget_minutes` replace each other. An estimator in place of a network
drops what only networks have: `augment`, and `train` but for its threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnbench.catalogue.values import LONGEST_PATH, KeyPath, found, shortened
from cnnbench.config.document import Document, Mark
from cnnbench.config.yaml_text import Parsed, parse
from cnnbench.errors import ConfigError, did_you_mean

MAX_BYTES = 1 << 20
MAX_CHAIN = 50  # files that extend one another
NAMED: Mapping[KeyPath, str | None] = {  # sections that may be given as their name alone, and the default name
    ("train", "optimizer"): "Adam",
    ("train", "schedule"): None,
    ("train", "loss"): "categorical_crossentropy",
}
ESTIMATOR: KeyPath = ("model", "estimator")  # its name is the key of its arguments
INSTEAD: Mapping[KeyPath, KeyPath] = {  # either of two keys takes the place of the other
    ("train", "epochs"): ("train", "budget_minutes"),
    ("train", "budget_minutes"): ("train", "epochs"),
}
BY_NAME = (*NAMED, ESTIMATOR)


def read_document(path: Path | str, *, extends: bool = True) -> Document:
    """Return a YAML file merged over what it extends, or as it stands; every mark names the file its value came from.

    Raises ConfigError where a file cannot be read at all; mistakes in the text are in the document's `problems`.
    """
    document = _text(Path(path))
    return resolve_extends(document, (Path(path).resolve(),)) if extends else document


def resolve_extends(document: Document, chain: tuple[Path, ...] = ()) -> Document:
    """Return a document merged over the parent that its `extends` names, if it names one."""
    if not isinstance(document.data, dict) or "extends" not in document.data:
        return document
    name = document.data.pop("extends")
    if not isinstance(name, str):
        message = f"expected the path of a YAML file, found {found(name)}"
        raise ConfigError(document.problem(("extends",), message))
    path = document.folder(("extends",)) / name
    if absent := missing(path):
        raise ConfigError(document.problem(("extends",), f"{shortened(name)}: {absent}"))
    if path.resolve() in chain:
        cycle = " > ".join(p.name for p in (*chain, path))
        raise ConfigError(document.problem(("extends",), f"a file cannot extend itself ({cycle})"))
    if len(chain) >= MAX_CHAIN:
        raise ConfigError(document.problem(("extends",), f"more than {MAX_CHAIN} files that extend one another"))
    return merge(_read(path, chain), document)


def merge(parent: Document, child: Document) -> Document:
    """Return the child's values over the parent's, each with its own mark."""
    replaced: list[KeyPath] = []
    data = overlay((), parent.data, child.data, replaced)
    kept = {p: mark for p, mark in parent.marks.items() if not any(p[: len(r)] == r for r in replaced)}
    return Document(data, {**kept, **child.marks}, (*parent.problems, *child.problems))


def as_section(path: KeyPath, value: Any) -> Any:
    """Return `Adam` as `{name: Adam}` where a section may be given as its name alone."""
    if not isinstance(value, str) or path not in BY_NAME:
        return value
    return {value: {}} if path == ESTIMATOR else {"name": value}


def has_estimator(data: Any) -> bool:
    """Return whether a document's model is an estimator."""
    model = data.get("model") if isinstance(data, dict) else None
    return isinstance(model, dict) and model.get("estimator") is not None


def for_estimator(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document without what only networks have."""
    train = data.get("train")
    threads = {key: train[key] for key in ("threads",) if key in train} if isinstance(train, dict) else train
    return {key: threads if key == "train" else value for key, value in data.items() if key != "augment"}


def changes_choice(path: KeyPath, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether `new` makes another choice in the section at `path`, for which `old` means nothing."""
    if path == ("model",):
        estimator = "estimator" in new and "estimator" not in old
        return estimator or any(choice in new for choice in ("architecture", "application", "layers"))
    if path == ESTIMATOR:
        return set(new) != set(old)
    return path in NAMED and "name" in new and new["name"] != old.get("name", NAMED[path])


def displaced(path: KeyPath, new: Mapping[str, Any]) -> list[str]:
    """Return the keys of a section whose place those take that are laid over it; one given again keeps it."""
    others = [INSTEAD.get((*path, key)) for key, value in new.items() if value is not None]
    return [str(other[-1]) for other in others if other is not None and other[-1] not in new]


def overlay(path: KeyPath, old: Any, new: Any, replaced: list[KeyPath]) -> Any:
    """Return the value `new` at a path over the value `old`; the paths below which nothing of it is left are added."""
    old, new = as_section(path, old), as_section(path, new)
    if not isinstance(old, dict) or not isinstance(new, dict) or changes_choice(path, old, new):
        replaced.append(path)
        return new
    merged = for_estimator(old) if path == () and has_estimator(new) and not has_estimator(old) else dict(old)
    for other in displaced(path, new):
        merged.pop(other, None)
        replaced.append((*path, other))
    for key, value in new.items():
        merged[key] = overlay((*path, key), merged[key], value, replaced) if key in merged else value
    return merged


def _read(path: Path, chain: tuple[Path, ...]) -> Document:
    return resolve_extends(_text(path), (*chain, path.resolve()))


def _text(path: Path) -> Document:
    parsed = parse(read_text(path))
    document = _document(parsed, str(path))
    if parsed.empty and not parsed.problems:
        raise ConfigError(f"{path}:1: empty; expected a mapping of keys to values")
    if document.problems and parsed.data is None:
        raise ConfigError(*(line for _, line in document.problems))
    if not isinstance(parsed.data, dict):
        raise ConfigError(document.problem((), f"expected a mapping of keys to values, found {found(parsed.data)}"))
    return document


def _document(parsed: Parsed, file: str) -> Document:
    marks = {path: Mark(file, line) for path, line in parsed.lines.items()}
    problems = (
        (p.path, Document(None, {p.path: Mark(file, p.line)}).problem(p.path, p.message)) for p in parsed.problems
    )
    return Document(parsed.data, marks, tuple(problems))


def read_text(path: Path) -> str:
    """Return the text of a file; raises ConfigError where it cannot be read, is too large or no UTF-8."""
    if message := missing(path):
        raise ConfigError(f"{shortened(str(path), LONGEST_PATH)}: {message}")
    try:
        with path.open("rb") as f:
            content = f.read(MAX_BYTES + 1)
    except OSError as e:
        raise ConfigError(f"{path}: cannot be read ({e.strerror})") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_BYTES >> 20} MiB; no configuration is")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = content.count(b"\n", 0, e.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8 text (byte 0x{content[e.start]:02x})") from None


def missing(path: Path) -> str | None:
    """Return why there is no file at `path`, or None."""
    try:
        if path.is_dir():
            config = path / "config.yaml"
            return "a folder, expected a YAML file" + (f"; did you mean {config}?" if config.is_file() else "")
        if path.is_file():
            return None
        if path.exists():  # reading a pipe or a device may wait for ever
            return "a pipe or a device, expected a YAML file"
        beside = list(path.parent.glob("*.y*ml")) if path.parent.is_dir() else []
    except (OSError, ValueError) as e:  # a name that no file can have: too long, or with a null character
        return f"cannot be read ({e.strerror if isinstance(e, OSError) else e})"
    alike = [p.name for p in beside if did_you_mean(path.stem, [p.stem])]  # the suffix alone makes nothing alike
    return f"no such file{did_you_mean(path.name, alike)}"
