"""What the sections of a sweep file must be to one another. Each rule says which sections it reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from cnnbench.catalogue.searches import PRUNINGS, SEARCHES, that_take
from cnnbench.catalogue.values import Violation
from cnnbench.config.loader import NAMED
from cnnbench.config.schema import LARGEST_SEED, Train
from cnnbench.errors import did_you_mean
from cnnbench.sweep.define.objectives import COSTS, JUDGED, OBJECTIVES, direction_of, no_objective
from cnnbench.sweep.define.sections import SweepFile
from cnnbench.sweep.define.sweep import Axis

NOT_STUDIED = {
    "name": "a trial is named by its values",
    "description": "it changes no number",
    "seed": "repeats trains every point with so many seeds and states mean and interval",
    "model.name": "it changes no number",
    "train.threads": "it changes no number; execution.threads sets it for every trial",
    "train.max_minutes": "budget.trial_minutes limits each training",
}


def rule_mistakes(file: SweepFile, wrong: Collection[str]) -> Iterator[Violation]:
    """Yield every mistake that shows when keys are seen together; rules that read a wrong section are left out."""
    for sections, rule in _RULES:
        if not set(sections) & set(wrong):
            yield from rule(file)


def _objectives(file: SweepFile) -> Iterator[Violation]:
    seen: list[str] = []
    for path, objective in file.objectives().items():
        metric, direction = objective.metric, direction_of(objective.metric)
        if metric not in OBJECTIVES:
            yield (*path, "metric"), no_objective(metric)
        elif objective.direction != direction:
            yield (*path, "direction"), f"expected {direction}: the best {metric} is the {_END[direction]} one"
        if metric in seen:
            yield (*path, "metric"), f"{metric} is given twice"
        seen.append(metric)


_END = {"minimize": "smallest", "maximize": "largest"}


def _pruning(file: SweepFile) -> Iterator[Violation]:
    method, objectives = file.pruning.method, list(file.objectives().values())
    takes = PRUNINGS[method].takes
    for key in sorted(file.pruning.model_fields_set - {"method", *takes}):
        known = f"it takes {', '.join(takes)}" if takes else "nothing is pruned"
        yield ("pruning", key), f"has no effect with {method}; {known}"
    if not file.pruning.judges:
        return
    if SEARCHES[file.search.method].ablates:
        yield (
            ("pruning", "method"),
            f"{method} ends trainings early, an ablation compares whole ones; expected none",
        )
    if len(objectives) > 1:
        yield ("pruning", "method"), f"{method} judges by one objective, found {len(objectives)}; expected none"
    elif objectives[0].metric in COSTS:
        message = f"{method} judges after each epoch by {' or '.join(JUDGED)}; the objective is neither"
        yield ("pruning", "method"), message


def _search(file: SweepFile) -> Iterator[Violation]:
    search, method = file.search, SEARCHES[file.search.method]
    for key in sorted(search.model_fields_set - {"method", *method.takes}):
        yield ("search", key), f"has no effect with method {search.method}; it is for {', '.join(that_take(key))}"
    if method.ablates:
        if file.space:
            yield ("space",), f"has no effect with method {search.method}, which switches off what search.without says"
        return
    if not method.lists_rows:
        if not file.space:
            yield ("space",), "missing; expected a dotted path of the configuration with its values"
        return
    if search.file is not None and search.rows is not None:
        yield ("search", "rows"), "cannot be given together with file"
    elif search.file is None and search.rows is None:
        message = "needs file, a CSV with dotted paths in its header and a trial in each row"
        yield ("search",), f"method {search.method} {message}"
    if file.space:
        yield ("space",), f"has no effect with method {search.method}, whose points are listed"


def _packages(file: SweepFile) -> Iterator[Violation]:
    name = file.search.method
    if (needed := SEARCHES[name].needs) is not None and find_spec(needed[0]) is None:
        message = f"{name} needs {needed[1]}, which is not installed; pip install 'cnnbench[{name}]' brings it"
        yield ("search", "method"), message


def _ranges(file: SweepFile) -> Iterator[Violation]:
    name, least = file.search.method, SEARCHES[file.search.method].least_ranges
    listed = [path for path, entry in file.space.items() if _is_list(entry)] if least else []
    for path in listed:
        yield ("space", path), f"{name} searches numbers only: expected {{low, high}}, found a list; tpe takes both"
    if not listed and 0 < len(file.space) < least:
        yield ("search", "method"), f"{name} needs two ranges at least, found one; tpe takes one"


def _is_list(entry: Any) -> bool:
    return isinstance(entry, list) or (isinstance(entry, dict) and "choices" in entry)


def _order(file: SweepFile) -> Iterator[Violation]:
    paths = list(file.space)
    order = file.search.order if SEARCHES[file.search.method].in_turn else None
    if order is None:
        return
    for i, path in enumerate(order):
        if path not in paths:
            yield ("search", "order", i), f"{path} is not in space{did_you_mean(path, paths)}"
        elif path in order[:i]:
            yield ("search", "order", i), f"{path} is given twice"
    if left := [path for path in paths if path not in order]:
        yield ("search", "order"), f"expected every path of space; {', '.join(left)} is missing"


def _several(file: SweepFile) -> Iterator[Violation]:
    most = SEARCHES[file.search.method].most_objectives
    if most is not None and len(file.objectives()) > most:
        yield ("search", "method"), f"{file.search.method} takes one objective; tpe and gp take several"


def _budget(file: SweepFile) -> Iterator[Violation]:
    method = file.search.method
    if SEARCHES[method].draws and file.budget.trials is None and file.budget.hours is None:
        yield ("budget",), f"missing; {method} goes on without end unless trials or hours is given"


def _execution(file: SweepFile) -> Iterator[Violation]:
    given = file.execution
    if given.engine == "ray" and find_spec("ray") is None:
        yield ("execution", "engine"), "Ray is not installed; pip install 'cnnbench[ray]' brings it"
    for key in ("address", "cpus_per_trial", "gpus_per_trial"):
        if given.engine == "local" and key in given.model_fields_set:
            yield ("execution", key), "has no effect with engine local; it is for ray"
    if given.engine == "ray" and "preload" in given.model_fields_set:
        yield ("execution", "preload"), "has no effect with engine ray; it is for local"


def _fixed_twice(file: SweepFile) -> Iterator[Violation]:
    for path, key, other in (
        ("train.threads", "threads", file.execution.threads),
        ("train.max_minutes", "trial_minutes", file.budget.trial_minutes),
    ):
        section = "execution" if key == "threads" else "budget"
        if path in file.fixed and other is not None:
            yield ("fixed", path), f"given twice: {section}.{key} sets it too"


def _paths(file: SweepFile) -> Iterator[Violation]:
    for section in ("space", "fixed"):
        for path in getattr(file, section):
            if parent := _parent(path, getattr(file, section)):
                yield (section, path), f"given twice: {parent} holds it too"
    for path in file.space:
        if path in NOT_STUDIED:
            yield ("space", path), f"cannot be swept: {NOT_STUDIED[path]}"
    yield from fixed_mistakes(file, file.space)


def fixed_mistakes(file: SweepFile, swept: Collection[str]) -> Iterator[Violation]:
    """Yield the fixed values that swept paths replace; keys that are tried in turn begin with them."""
    begins = SEARCHES[file.search.method].in_turn
    for path in file.fixed:
        if path in swept and not begins:
            yield ("fixed", path), "given twice: it is swept too"
        elif parent := _parent(path, swept):
            yield ("fixed", path), f"has no effect: each swept value of {parent} replaces it"
        elif choice := next((each for each in swept if _drops(each, path)), None):
            message = f"has no effect where {choice} is swept, as another one drops what belongs to the old"
            yield ("fixed", path), f"{message}; swept too, as a list of one, it goes with each"


def _parent(path: str, others: Collection[str]) -> str | None:
    return next((other for other in others if path.startswith(f"{other}.")), None)


def _drops(choice: str, path: str) -> bool:
    """Return whether another value at `choice` drops the value at `path`, as another optimizer drops arguments."""
    section, _, key = choice.rpartition(".")
    named = tuple(section.split(".")) in NAMED and key == "name"
    return (named or choice in ("model.architecture", "model.layers")) and path.startswith(f"{section}.")


def epochs_mistake(file: SweepFile, axes: Sequence[Axis], base_epochs: Any) -> Iterator[Violation]:
    """Yield where no trial is long enough to be pruned; `base_epochs` is the base's train.epochs, None where unset."""
    values = [base_epochs or Train().epochs]
    for axis in axes:
        if axis.path == "train":
            return
        if axis.path == "train.epochs":
            values = axis.values
    least, longest = file.pruning.min_epochs, max((v for v in values if isinstance(v, int)), default=None)
    if "min_epochs" in file.pruning.model_fields_set and longest is not None and least >= longest:
        yield ("pruning", "min_epochs"), f"expected less than the epochs of a trial ({longest}), found {least}"


def minutes_mistake(file: SweepFile, axes: Sequence[Axis], base_minutes: Any) -> Iterator[Violation]:
    """Yield where trials that have equal time would be pruned; `base_minutes` is the base's train.budget_minutes."""
    key = "train.budget_minutes"
    if file.pruning.judges and (base_minutes is not None or key in file.fixed or any(a.path == key for a in axes)):
        message = f"{file.pruning.method} judges trials after equal epochs, and with {key} they have equal time"
        yield ("pruning", "method"), f"{message}; expected none"


def seeds_mistake(file: SweepFile, base_seed: Any) -> Iterator[Violation]:
    """Yield where the last of the seeds that `repeats` counts from the base's is none."""
    last = (base_seed if isinstance(base_seed, int) else 0) + file.repeats - 1
    if last > LARGEST_SEED:
        yield ("repeats",), f"counts from the base's seed {base_seed} beyond the largest, {LARGEST_SEED}"


_RULES: tuple[tuple[tuple[str, ...], Callable[[SweepFile], Iterator[Violation]]], ...] = (
    (("search", "space"), _search),
    (("search",), _packages),
    (("search", "space"), _ranges),
    (("search", "objective"), _several),
    (("objective",), _objectives),
    (("search", "space"), _order),
    (("search", "objective", "pruning"), _pruning),
    (("search", "budget"), _budget),
    (("execution",), _execution),
    (("execution", "budget", "fixed"), _fixed_twice),
    (("space", "fixed"), _paths),
)
