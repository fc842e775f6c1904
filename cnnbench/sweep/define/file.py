"""From a sweep file to a checked sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from cnnbench.catalogue.searches import SEARCHES
from cnnbench.config.document import Document
from cnnbench.config.validation import validate
from cnnbench.errors import ConfigError
from cnnbench.sweep.define.ablation import read_ablation
from cnnbench.sweep.define.documents import base_document, open_sweep, with_overrides
from cnnbench.sweep.define.mistakes import Mistakes
from cnnbench.sweep.define.reading import Space, read_rows, read_space
from cnnbench.sweep.define.rules import epochs_mistake, minutes_mistake, rule_mistakes, seeds_mistake
from cnnbench.sweep.define.sections import SweepFile
from cnnbench.sweep.define.sweep import Axis, Sweep, Values
from cnnbench.sweep.define.text import sweep_text
from cnnbench.sweep.define.trying import attempt
from cnnbench.sweep.define.turns import Turns, take_turns


def load_sweep(source: str | Path, overrides: Sequence[str] = (), *, checked: bool = False) -> Sweep:
    """Return the sweep of a shipped name or a YAML file, checked, with `key.path=value` overrides.

    An override of one of the sweep's own keys changes the sweep; one of an experiment's key holds for every trial, as
    under `fixed`. A sweep that has been `checked` before, as the one in a sweep's folder, is read without trying its
    values or asking for what it runs on. Raises ConfigError with one line per mistake, `file:line: key.path: what is
    wrong`.
    """
    document = _named(with_overrides(open_sweep(source), overrides), Path(source).stem)
    mistakes = Mistakes(document)
    file = _keys(document, mistakes)
    base = _base(document, file, mistakes)
    if not checked:
        mistakes.add_all(rule_mistakes(file, frozenset(mistakes.wrong)))
    readable = "space" not in mistakes.wrong and ("search" not in mistakes.wrong or _method(document) is not None)
    axes, rows = _space(document, file, base, mistakes, checked) if base and readable else ((), ())
    mistakes.check()
    base = base or Document({})
    turns = _turns(file, base, axes, mistakes)
    mistakes.check()
    text = sweep_text(document, base, axes, rows)
    return _sweep(document, file, Document(base.data), turns, rows, text)


def _named(document: Document, stem: str) -> Document:
    """Return the document with the file's name where it gives the sweep none."""
    return document if document.data.get("name") else replace(document, data={**document.data, "name": stem})


def _keys(document: Document, mistakes: Mistakes) -> SweepFile:
    """Return the file's keys; what is wrong is told and left out."""
    file, violations = validate(SweepFile, document.data)
    mistakes.add_all(violations)
    if file is not None:
        return file
    rest = {key: value for key, value in document.data.items() if key not in mistakes.wrong}
    method = _method(document) if "search" in mistakes.wrong else None
    return SweepFile.model_validate({"base": {}, **rest, **({"search": {"method": method}} if method else {})})


def _method(document: Document) -> str | None:
    """Return how points are chosen, whatever else is wrong with the search; None where that is wrong, or a list."""
    search = document.data.get("search", {})
    method = search.get("method", "grid") if isinstance(search, dict) else search
    return method if isinstance(method, str) and method in SEARCHES and not SEARCHES[method].lists_rows else None


def _base(document: Document, file: SweepFile, mistakes: Mistakes) -> Document | None:
    """Return the base with `fixed` over it, None where what makes it, or what reads it, has mistakes."""
    if {"base", "fixed"} & mistakes.wrong:
        return None
    try:
        return base_document(document, file.base, file.fixed)
    except ConfigError as e:
        mistakes.add_lines(e.problems, ("base",))
        return None


def _space(document: Document, file: SweepFile, base: Document, mistakes: Mistakes, checked: bool) -> Space:
    """Return axes and rows; unless they have been checked before, what is in them is tried over the base."""
    try_out = None if checked else partial(attempt, base, needs_validation=file.validated_by())
    method = SEARCHES[file.search.method]
    read = read_rows if method.lists_rows else read_ablation if method.ablates else read_space
    axes, rows = read(document, file, base, try_out, mistakes)
    train = base.data.get("train")
    if not checked and "repeats" not in mistakes.wrong:
        mistakes.add_all(seeds_mistake(file, base.data.get("seed")))
    if not checked and "pruning" not in mistakes.wrong:
        given = train if isinstance(train, dict) else {}
        mistakes.add_all(epochs_mistake(file, axes, given.get("epochs")))
        mistakes.add_all(minutes_mistake(file, axes, given.get("budget_minutes")))
    return axes, rows


def _turns(file: SweepFile, base: Document, axes: tuple[Axis, ...], mistakes: Mistakes) -> Turns:
    """Return the axes in their order, with where a search begins that takes one at a time."""
    if not SEARCHES[file.search.method].in_turn:
        return Turns(axes, {})
    turns, wrong = take_turns(base, axes, file.search.order or [axis.path for axis in axes])
    mistakes.add_all(wrong, ("space",))
    return turns


def _sweep(
    document: Document, file: SweepFile, base: Document, turns: Turns, rows: tuple[Values, ...], text: str
) -> Sweep:
    return Sweep(
        name=document.data["name"],
        description=file.description,
        base=base,
        method=file.search.method,
        seed=file.search.seed,
        space=turns.axes,
        rows=rows,
        objectives=tuple(file.objectives().values()),
        pruning=file.pruning,
        repeats=file.repeats,
        budget=file.budget,
        execution=file.execution,
        text=text,
        start=turns.start,
        carry=SEARCHES[file.search.method].in_turn and file.search.carry,
    )
