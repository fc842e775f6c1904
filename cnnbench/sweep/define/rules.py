"""What the sections of a sweep file must be to one another. Each rule says which sections it reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from cnnbench.catalogue.values import Violation, found
from cnnbench.config.loader import NAMED
from cnnbench.config.schema import LARGEST_SEED, Train
from cnnbench.errors import did_you_mean
from cnnbench.sweep.define.schema import SweepFile
from cnnbench.sweep.define.sections import DIRECTIONS, JUDGED, given_objectives
from cnnbench.sweep.define.types import Axis, Choices

CHOOSING = ("random", "tpe", "gp", "cmaes")
_TRAINED = ("loss", "train_accuracy", "train_loss", "training_accuracy", "training_loss")
_TESTED = (
    *("accuracy", "log_loss", "top_k", "macro", "micro", "weighted", "per_class", "worst_class"),
    *("precision", "recall", "f1", "balanced_accuracy", "calibration_error"),
)
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
    for path, objective in given_objectives(file):
        metric, meant = objective.metric, DIRECTIONS.get(objective.metric)
        if meant is None:
            yield (*path, "metric"), _no_objective(metric)
        elif objective.direction not in (None, meant):
            yield (*path, "direction"), f"expected {meant}: the best {metric} is the {_END[meant]} one"
        if metric in seen:
            yield (*path, "metric"), f"{metric} is given twice"
        seen.append(metric)


_END = {"minimize": "smallest", "maximize": "largest"}


def _no_objective(metric: str) -> str:
    allowed = f"allowed are {', '.join(DIRECTIONS)}"
    if metric in _TRAINED:
        other = "val_loss" if metric.endswith("loss") else "val_accuracy"
        return (
            f"{metric} is of the training images, which a network can learn by heart; {other} is of validation images"
        )
    if metric.split(".")[0] in _TESTED or metric.startswith("test"):
        return (
            f"{metric} is measured on the test images, which are read once, after training; chosen by them, the best"
            f" trial's number would be too good to be true; {allowed}"
        )
    return f"unknown metric {found(metric)}{did_you_mean(metric, DIRECTIONS) or '; ' + allowed}"


def _pruning(file: SweepFile) -> Iterator[Violation]:
    rule, objectives = file.pruning, given_objectives(file)
    takes = {
        "none": (),
        "median": ("min_epochs", "startup_trials"),
        "asha": ("min_epochs", "reduction_factor"),
        "hyperband": ("min_epochs", "reduction_factor"),
    }[rule.method]
    for key in ("min_epochs", "reduction_factor", "startup_trials"):
        if getattr(rule, key) is not None and key not in takes:
            known = f"it takes {', '.join(takes)}" if takes else "nothing is pruned"
            yield ("pruning", key), f"has no effect with {rule.method}; {known}"
    if rule.method == "none":
        return
    if len(objectives) > 1:
        yield ("pruning", "method"), f"{rule.method} judges by one objective, found {len(objectives)}; expected none"
    elif objectives[0][1].metric in set(DIRECTIONS) - set(JUDGED):
        message = f"{rule.method} judges after each epoch by {' or '.join(JUDGED)}; the objective is neither"
        yield ("pruning", "method"), message


def _search(file: SweepFile) -> Iterator[Violation]:
    search = file.search
    if search.method != "list":
        for key in ("file", "rows"):
            if getattr(search, key) is not None:
                yield ("search", key), f"has no effect with method {search.method}; it is for list"
        if not file.space:
            yield ("space",), "missing; expected a dotted path of the configuration with its values"
    elif search.file is not None and search.rows is not None:
        yield ("search", "rows"), "cannot be given together with file"
    elif search.file is None and search.rows is None:
        yield ("search",), "method list needs file, a CSV with dotted paths in its header and a trial in each row"
    if search.method == "list" and file.space:
        yield ("space",), "has no effect with method list, whose points are listed"
    if search.seed is not None and search.method not in CHOOSING:
        yield ("search", "seed"), f"has no effect with method {search.method}, which draws nothing"


def _samplers(file: SweepFile) -> Iterator[Violation]:
    if file.search.method == "gp" and find_spec("torch") is None:
        yield ("search", "method"), "gp needs PyTorch, which is not installed; pip install 'cnnbench[gp]' brings it"


def _cmaes(file: SweepFile) -> Iterator[Violation]:
    if file.search.method != "cmaes":
        return
    listed = [
        path
        for path, entry in file.space.items()
        if isinstance(entry, list) or (isinstance(entry, dict) and "choices" in entry)
    ]
    for path in listed:
        yield ("space", path), "cmaes searches numbers only: expected {low, high}, found a list; tpe takes both"
    if not listed and len(file.space) == 1:
        yield ("search", "method"), "cmaes needs two ranges at least, found one; tpe takes one"
    if len(given_objectives(file)) > 1:
        yield ("search", "method"), "cmaes takes one objective; tpe and gp take several"


def _budget(file: SweepFile) -> Iterator[Violation]:
    method = file.search.method
    if method in CHOOSING and file.budget.trials is None and file.budget.hours is None:
        yield ("budget",), f"missing; {method} goes on without end unless trials or hours is given"


def _execution(file: SweepFile) -> Iterator[Violation]:
    given = file.execution
    if given.engine == "ray" and find_spec("ray") is None:
        yield ("execution", "engine"), "Ray is not installed; pip install 'cnnbench[ray]' brings it"
    for key in ("address", "cpus_per_trial", "gpus_per_trial"):
        if given.engine == "local" and getattr(given, key) is not None:
            yield ("execution", key), "has no effect with engine local; it is for ray"


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
    """Yield the fixed values that swept paths replace."""
    for path in file.fixed:
        if path in swept:
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
            values = [choice.value for choice in axis.choices] if isinstance(axis, Choices) else [axis.high]
    least, longest = file.pruning.min_epochs, max((v for v in values if isinstance(v, int)), default=None)
    if least is not None and longest is not None and least >= longest:
        yield ("pruning", "min_epochs"), f"expected less than the epochs of a trial ({longest}), found {least}"


def seeds_mistake(file: SweepFile, base_seed: Any) -> Iterator[Violation]:
    """Yield where the last of the seeds that `repeats` counts from the base's is none."""
    last = (base_seed if isinstance(base_seed, int) else 0) + file.repeats - 1
    if last > LARGEST_SEED:
        yield ("repeats",), f"counts from the base's seed {base_seed} beyond the largest, {LARGEST_SEED}"


_RULES: tuple[tuple[tuple[str, ...], Callable[[SweepFile], Iterator[Violation]]], ...] = (
    (("search", "space"), _search),
    (("search",), _samplers),
    (("search", "space", "objective"), _cmaes),
    (("objective",), _objectives),
    (("objective", "pruning"), _pruning),
    (("search", "budget"), _budget),
    (("execution",), _execution),
    (("execution", "budget", "fixed"), _fixed_twice),
    (("space", "fixed"), _paths),
)
