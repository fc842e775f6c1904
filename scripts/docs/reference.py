"""The reference of the language, page by page, from the schema and the catalogue alone: nothing of it is written twice.

Every kind of `cnnbench list` has its place on one of these pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cnnbench.catalogue import signatures
from cnnbench.catalogue.arguments import Arguments, Table
from cnnbench.catalogue.estimators import ESTIMATORS, FEATURES
from cnnbench.catalogue.keys import all_keys
from cnnbench.catalogue.layers import FORMS
from cnnbench.catalogue.measures import MEASURES
from cnnbench.catalogue.searches import PRUNINGS, SEARCHES, PruningMethod, SearchMethod
from cnnbench.catalogue.sources import Facts, Source, sources
from cnnbench.catalogue.values import describe
from cnnbench.config.json_schema import experiment_schema
from cnnbench.config.kinds import KINDS, names_of
from cnnbench.config.losses import LOSSES
from cnnbench.config.schedules import SCHEDULES
from cnnbench.config.section import Choice
from cnnbench.sweep.define.json_schema import sweep_schema
from scripts.docs.schemas import Schema, walk, words
from scripts.docs.writing import code, plain, table, value

_TITLES = {
    "keys.md": "Every key",
    "network.md": "Layers and what they take",
    "data.md": "Sources and augmentations",
    "training.md": "Optimizers, schedules, losses",
    "estimators.md": "Estimators",
    "measures.md": "Measures",
    "sweeps.md": "Keys of a sweep",
    "shipped.md": "What is shipped",
}
_KINDS = {
    "keys.md": ("keys",),
    "network.md": ("layers", "applications", "activations", "initializers", "regularizers", "constraints"),
    "data.md": ("data", "normalizations", "augmentations", "splits"),
    "training.md": ("optimizers", "schedules", "losses", "precisions", "backends", "sinks"),
    "estimators.md": ("estimators", "features"),
    "measures.md": ("metrics",),
    "sweeps.md": ("searches", "prunings"),
    "shipped.md": ("experiments", "networks", "sweeps", "studies"),
}


def pages() -> dict[str, str]:
    """Return every page of the reference by its name."""
    left_out = set(KINDS).difference(*_KINDS.values())
    if left_out:
        raise ValueError(f"kinds without a page in scripts/docs/reference.py: {', '.join(sorted(left_out))}")
    return {name: _page(name, kinds) for name, kinds in _KINDS.items()}


def _page(name: str, kinds: tuple[str, ...]) -> str:
    parts = [f"# {_TITLES[name]}\n\nGenerated from the catalogue of the version that this manual is of.\n"]
    if name == "sweeps.md":
        parts.append(f"\n## Keys\n\nOf a sweep's file.\n\n{_keys_of(sweep_schema())}")
    for kind in kinds:
        where, _ = KINDS[kind]
        intro = f"For {where.replace('`', '')}; `cnnbench list {kind}` prints the names."
        parts.append(f"\n## {kind.capitalize()}\n\n{intro}\n\n{_TABLES.get(kind, _lines)(kind)}")
    return "".join(parts)


def _lines(kind: str) -> str:
    """Return names, each with its line."""
    return table(["name", "what it is"], ([code(name), plain(line)] for name, line in names_of(kind).items()))


def _called(arguments: Table) -> Callable[[str], str]:
    """Return the table of what is called with arguments: required ones first, then the others with their defaults."""

    def made(kind: str) -> str:
        rows = (
            [code(name), plain(line), _required(args), _optional(args)]
            for name, line in names_of(kind).items()
            if (args := arguments.get(name)) is not None
        )
        return table(["name", "what it is", "required", "others, with their defaults"], rows)

    return made


def _layers(kind: str) -> str:
    """Return the table of layers, and that of what stands in place of one: repeat, residual, branches and auxiliary."""
    schema = experiment_schema()
    _, calls = schema["$defs"]["layer"]["anyOf"]
    rows = [[code(name), plain(line), *_fields(calls["properties"][name], schema)] for name, line in FORMS.items()]
    forms = table(["name", "what it is", "required", "others"], rows)
    layers = _called({name: args for name, args in signatures.LAYERS.items() if name not in FORMS})
    return f"{layers(kind)}\nIn place of a layer:\n\n{forms}"


def _fields(call: Schema, schema: Schema) -> list[str]:
    """Return the required and the other keys of a mapping, each with what it may be."""
    told = {name: f"{code(name)}: {plain(words(each, schema))}" for name, each in call["properties"].items()}
    needed = call.get("required", ())
    return ["<br>".join(told[name] for name in told if (name in needed) is wanted) for wanted in (True, False)]


def _required(args: Arguments) -> str:
    return "<br>".join(
        f"{code(name)}: {plain(describe(each.fragment))}" for name, each in args.items() if each.required
    )


def _optional(args: Arguments) -> str:
    return ", ".join(code(f"{name}: {_short(each.default)}") for name, each in args.items() if not each.required)


def _short(default: Any) -> str:
    return value(default).strip("`")


def _choices(table_of: Mapping[str, type[Choice]]) -> Callable[[str], str]:
    """Return the table of what the schema chooses by its name: every key with its default."""

    def made(kind: str) -> str:
        rows = (
            [code(name), plain(choice.about()), ", ".join(_defaults(choice)) or "none"]
            for name, choice in table_of.items()
        )
        return table(["name", "what it is", "its keys, with their defaults"], rows)

    return made


def _defaults(choice: type[Choice]) -> Iterator[str]:
    for name, found in choice.model_fields.items():
        if name != "name":
            yield code(f"{name}: {_short(found.get_default(call_default_factory=True))}")


def _metrics(kind: str) -> str:
    rows = (
        [code(row.key), plain(row.about), row.unit or "number", row.better, _bounds(row.bounds)]
        for row in MEASURES
        if "*" not in row.key
    )
    return table(["name", "what it is", "unit", "better", "from, to"], rows)


def _bounds(bounds: tuple[float | None, float | None]) -> str:
    return ", ".join("no end" if end is None else f"{end:g}" for end in bounds)


def _sources(kind: str) -> str:
    rows = (
        [code(name), plain(row.about), *_facts(row), row.licence or "[none stated](../data-sets.md)"]
        for name, row in sources().items()
    )
    header = ["name", "what it is", "images", "shape", "classes", "licence"]
    return table(header, rows) + "\nWhere each licence is stated, and where none is: [data sets](../data-sets.md).\n"


def _facts(row: Source) -> list[str]:
    facts = Facts() if row.generated else row.known(row.defaults())
    images = "any" if facts.train is None else f"{facts.train:,}" + (f" + {facts.test:,}" if facts.test else "")
    shape = "x".join(map(str, facts.shape)) if facts.shape else "any"
    return [images, shape, str(facts.classes or "any")]


def _methods(rows: Mapping[str, SearchMethod] | Mapping[str, PruningMethod]) -> Callable[[str], str]:
    """Return the table of ways to search, or to end trials early, each with its keys."""

    def made(kind: str) -> str:
        keys = {name: ", ".join(map(code, row.takes)) or "none" for name, row in rows.items()}
        cells = ([code(name), plain(row.about), keys[name]] for name, row in rows.items())
        return table(["name", "what it is", "its keys"], cells)

    return made


def _experiment_keys(kind: str) -> str:
    """Return the table of every key of an experiment: what it may be, its default and what it is."""
    schema = experiment_schema()
    found = dict(walk(schema, schema))
    return table(
        ["key", "may be", "default", "what it is"], (_key(schema, found, *each) for each in all_keys().items())
    )


def _key(schema: Schema, found: Mapping[str, Schema], path: str, line: str) -> list[str]:
    fragment = found[path]
    default = value(fragment["default"]) if "default" in fragment else ""
    said = fragment.get("description", "")
    both = said if line in said else f"{line}; {said}" if said else line
    return [code(path), plain(words(fragment, schema)), _brief(default), plain(both)]


def _keys_of(schema: Schema) -> str:
    """Return the table of the keys of a sweep's file, those of its sections among them."""
    rows = []
    for path, fragment in walk(schema, schema):
        if not path.startswith(("space.", "fixed.", "base.")) and path != "extends":
            default = value(fragment["default"]) if "default" in fragment else ""
            said = plain(fragment.get("description", ""))
            rows.append([code(path), plain(words(fragment, schema)), _brief(default), said])
    return table(["key", "may be", "default", "what it is"], rows)


def _brief(default: str) -> str:
    return default if len(default) < 60 else "those of its keys"


def _shipped(folder: str) -> Callable[[str], str]:
    def made(kind: str) -> str:
        link = "../architectures/{}.md" if folder == "architectures" else f"../shipped/{folder}/{{}}.md"
        rows = ([f"[{name}]({link.format(name)})", plain(line)] for name, line in names_of(kind).items())
        return table(["name", "what it is"], rows)

    return made


_TABLES: Mapping[str, Callable[[str], str]] = {
    "keys": _experiment_keys,
    "layers": _layers,
    "initializers": _called(signatures.INITIALIZERS),
    "regularizers": _called(signatures.REGULARIZERS),
    "constraints": _called(signatures.CONSTRAINTS),
    "augmentations": _called(signatures.AUGMENTATIONS),
    "optimizers": _called(signatures.OPTIMIZERS),
    "estimators": _called(ESTIMATORS),
    "features": _called(FEATURES),
    "schedules": _choices(SCHEDULES),
    "losses": _choices(LOSSES),
    "metrics": _metrics,
    "data": _sources,
    "searches": _methods(SEARCHES),
    "prunings": _methods(PRUNINGS),
    "experiments": _shipped("experiments"),
    "networks": _shipped("architectures"),
    "sweeps": _shipped("sweeps"),
    "studies": _shipped("studies"),
}
