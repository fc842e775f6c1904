"""Arrows between the rooms of the package run one way, and imports inside functions spare something heavy."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import cnnbench

ROOT = Path(cnnbench.__file__).parent

# Whoever stands further down knows nothing of what stands above.
ROOMS = (
    *("cli", "public", "studies", "compare", "repeats", "sweep", "jobs", "listing", "sinks"),
    *("explain", "mistakes", "robustness", "export", "serve", "profiling"),
    *("experiment", "report", "views", "runs", "evaluation", "learners", "training", "model", "data", "config"),
    *("catalogue", "machine", "statistics", "files", "text", "numbers", "seeds", "errors"),
)
ABOVE_ALL = ("cnnbench", "__main__")  # the package itself, which holds its version and what Python users call
HEAVY = {
    *("tensorflow", "keras", "jax", "torch", "numpy", "scipy", "sklearn", "matplotlib", "PIL", "optuna", "ray"),
    *("mlflow", "tensorboard", "sqlalchemy", "pandas", "pydantic", "yaml", "rich", "jinja2", "http", "subprocess"),
    *("pkgutil", "pyarrow", "h5py", "safetensors", "skops", "skimage", "skfuzzy", "cleanlab"),
    *("fastapi", "uvicorn", "prometheus_client", "python_multipart"),
    *("onnx", "onnxruntime", "tf2onnx", "ai_edge_litert"),
}


@cache
def modules() -> dict[str, Path]:
    """Return every file of the package by the name of its module."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = [part for part in path.relative_to(ROOT).with_suffix("").parts if part != "__init__"]
        found[".".join(["cnnbench", *parts])] = path
    return found


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield what the import statements of a tree name, modules where they name modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                yield inside if inside in modules() else node.module


@cache
def parsed(module: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return what a module imports at its top, and what inside of functions; for type checkers alone does not count."""
    top: set[str] = set()
    inside: set[str] = set()
    for node in ast.parse(modules()[module].read_text("utf-8")).body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom | ast.If | ast.Try):
            top |= set(imported(node))
        else:
            inside |= set(imported(node))
    return frozenset(top), frozenset(inside)


def own(names: frozenset[str]) -> set[str]:
    return {name for name in names if name in modules()}


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def test_no_arrow_runs_up() -> None:
    up = {
        f"{a} -> {b}"
        for a in modules()
        for b in own(parsed(a)[0] | parsed(a)[1])
        if room(a) not in ABOVE_ALL and b != "cnnbench" and ROOMS.index(room(a)) > ROOMS.index(room(b))
    }
    assert up == set()


def test_there_is_no_circle() -> None:
    arrows = {a: {b for b in own(parsed(a)[0] | parsed(a)[1]) if b != "cnnbench"} for a in modules()}
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as e:
        pytest.fail(" -> ".join(reversed(e.args[1])))


@cache
def brings(name: str) -> frozenset[str]:
    """Return what is heavy of all that an import brings with it."""
    if name not in modules():
        return frozenset({name.split(".")[0]}) & HEAVY
    return frozenset().union(*map(brings, parsed(name)[0]))


def test_imports_inside_functions_spare_something_heavy() -> None:
    """What stands at the top of a file brings it as well is not spared any more."""
    looked_at = [a for a in modules() if room(a) not in ABOVE_ALL]
    assert {f"{a}: {b}" for a in looked_at for b in parsed(a)[1] if not brings(b) - brings(a)} == set()


def test_the_story_of_an_experiment_touches_no_framework() -> None:
    """Only the learner that a configuration asks for brings its framework in."""
    seen: set[str] = set()
    waiting = ["cnnbench.experiment.execute"]
    while waiting:
        found = parsed(waiting.pop())[0]
        waiting += own(found) - seen
        seen |= found
    assert {name for name in seen if name.split(".")[0] in ("keras", "tensorflow", "jax", "torch")} == set()
