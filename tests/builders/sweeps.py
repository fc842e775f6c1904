"""Results of sweeps made by hand: trainings whose values come from a formula with noise, and run folders of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from cnnbench.catalogue.measures import FOUR
from cnnbench.config.document import Document
from cnnbench.files.whole import write_csv
from cnnbench.runs.folder import RunDir
from cnnbench.sweep.define.sections import Budget, Execution, Objective, Pruning
from cnnbench.sweep.define.sweep import Axis, Choice, Choices, Range, Sweep
from cnnbench.sweep.run.trials import SeedRun, SweepResults, Trial

EPOCHS, RATE, BATCH, ACTIVATION = (
    "train.epochs",
    "train.optimizer.learning_rate",
    "train.batch_size",
    "model.activation",
)
ACCURACY = Objective(metric="val_accuracy")
PARAMETERS = Objective(metric="parameters")
BEGAN = 1_770_000_000.0
HOSTILE = ["<script>alert(1)</script>", "$x$", "x" * 200, "line\nbreak\u202e", "日本語", "\"'&amp;|`", "\x1b[31mred"]

Formula = Callable[[Mapping[str, Any]], Mapping[str, float]]


def choices(path: str, *labels: Any) -> Choices:
    """An axis of listed values."""
    return Choices(path, tuple(Choice(label, label) for label in labels))


def sweep(*space: Axis, method: str = "grid", repeats: int = 3, **changes: Any) -> Sweep:
    """A sweep over the digits."""
    made = Sweep(
        name="made",
        description="What learning rate and epochs do to a small network.",
        base=Document({"name": "tiny", "data": {"source": "digits", "validation": 0.2}}),
        method=method,
        seed=0,
        space=space,
        rows=(),
        objectives=(ACCURACY,),
        pruning=Pruning(method="asha", min_epochs=2) if method == "tpe" else Pruning(),
        repeats=repeats,
        budget=Budget(trials=60) if method == "tpe" else Budget(),
        execution=Execution(),
        text="base: tiny\nsearch: {method: " + method + "}\n",
    )
    return replace(made, **changes)


def accuracy(values: Mapping[str, Any]) -> dict[str, float]:
    """An accuracy that is best near a learning rate of 0.003 and grows with the epochs."""
    rate, epochs = float(values.get(RATE, 1e-3)), float(values.get(EPOCHS, 10))
    wide = 0.02 if values.get(ACTIVATION) == "relu" else 0.0
    reached = 0.1 + 0.85 * np.exp(-((np.log10(rate) + 2.5) ** 2) / 2) * (1 - np.exp(-epochs / 6)) + wide
    return {"val_accuracy": float(np.clip(reached, 0, 1)), "parameters": float(round(1000 * 2.0 ** (epochs / 5)))}


def trial(
    swept: Sweep, number: int, values: Mapping[str, Any], state: str = "done", formula: Formula = accuracy
) -> Trial:
    """A trial whose seeds differ by noise in every objective that is a share."""
    rng = np.random.default_rng([7, number])
    epochs = int(values.get(EPOCHS, 10)) if state == "done" else 2
    runs = []
    for seed in range(swept.repeats if state == "done" else 1):
        noisy = {o.metric: formula(values)[o.metric] for o in swept.objectives}
        noisy = {m: round(v - abs(rng.normal(0, 0.008)), 4) if "accuracy" in m else v for m, v in noisy.items()}
        done = state == "done"
        test = round(noisy["val_accuracy"] - 0.004, 4) if done and "val_accuracy" in noisy else None
        runs.append(
            SeedRun(
                seed,
                state,
                "",
                noisy if done else {},
                epochs,
                1.5 * epochs,
                None,
                {} if test is None else {"accuracy": test},
            )
        )
    means = tuple(fmean(run.values[o.metric] for run in runs) for o in swept.objectives) if state == "done" else None
    reason = {"failed": "diverged: the loss is not a number in epoch 2", "pruned": "not worth going on after epoch 2"}
    log = "epoch 1/20\nepoch 2/20\nloss: nan <b>\n" if state == "failed" else ""
    runs = [replace(run, reason=reason.get(state, ""), log=log) for run in runs]
    began = BEGAN + 40.0 * number
    ended = None if state == "running" else began + sum(run.seconds for run in runs)
    point = f"p{number:07d}"
    return Trial(number, point, dict(values), state, reason.get(state, ""), tuple(runs), means, began, ended)


def results(swept: Sweep, trials: Sequence[Trial], **changes: Any) -> SweepResults:
    """Results with these trials."""
    config = "name: tiny\ntrain:\n  epochs: 20\n" if any(one.state == "done" for one in trials) else None
    made = SweepResults(swept, tuple(trials), {}, config, smoke=False, state="done")
    return replace(made, **changes)


def with_runs(folder: Path, made: SweepResults) -> SweepResults:
    """Give every training a run folder with its history."""
    trials = []
    for one in made.trials:
        runs = [replace(run, path=str(_run(folder / one.point / f"seed-{run.seed}", one, run))) for run in one.runs]
        trials.append(replace(one, runs=tuple(runs)))
    return replace(made, trials=tuple(trials))


def _run(path: Path, one: Trial, run: SeedRun) -> Path:
    end = run.values.get("val_accuracy", 0.3)
    rng = np.random.default_rng([one.number, run.seed])
    steps = 1 - np.exp(-np.arange(1, run.epochs + 1) / 4) + rng.normal(0, 0.01, run.epochs)
    rows = [[epoch + 1, round(float(end * step), 4), 2.3 - float(step)] for epoch, step in enumerate(steps)]
    write_csv(RunDir(path).history, ["epoch", "val_accuracy", "val_loss"], rows)
    return path


def grid(*space: Axis, states: Mapping[int, str] | None = None, repeats: int = 3, **changes: Any) -> SweepResults:
    """Every combination once; `states` tells what became of trials that are not done, "" of those never begun."""
    swept = sweep(*space, repeats=repeats, **changes)
    lists = [[c.label for c in axis.choices] if isinstance(axis, Choices) else axis.grid for axis in space]
    state = dict(states or {})
    points = [dict(zip([axis.path for axis in space], point, strict=True)) for point in product(*lists)]
    begun = [(n, p) for n, p in enumerate(points) if state.get(n, "done")]
    return results(swept, [trial(swept, n, p, state.get(n, "done")) for n, p in begun])


def two_axes() -> SweepResults:
    """A full grid: four epochs times five learning rates, three seeds."""
    return grid(choices(EPOCHS, 1, 5, 10, 20), choices(RATE, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1))


def broken_grid() -> SweepResults:
    """The same with a failed, a pruned and a running trial and one not begun."""
    space = choices(EPOCHS, 1, 5, 10, 20), choices(RATE, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
    return replace(grid(*space, states={4: "failed", 0: "pruned", 18: "running", 19: ""}), state="interrupted")


def three_axes() -> SweepResults:
    """A full grid of three keys."""
    return grid(choices(EPOCHS, 1, 5, 20), choices(RATE, 1e-4, 1e-3, 1e-2), choices(ACTIVATION, "relu", "tanh"))


def one_axis() -> SweepResults:
    """A grid of one key, three seeds."""
    return grid(choices(EPOCHS, 1, 3, 5, 7, 10, 15, 20))


def one_seed() -> SweepResults:
    """A grid of one key whose points were trained once."""
    return grid(choices(RATE, 1e-4, 1e-3, 1e-2), repeats=1)


def categories() -> SweepResults:
    """Names, switches and null as values, two keys of them, one seed."""
    return grid(
        choices(ACTIVATION, "relu", "tanh", None), choices("augment", "none", "flip", "flip and shift"), repeats=2
    )


def hostile() -> SweepResults:
    """Values that are markup, too long, in other letters or invisible."""
    made = grid(choices(ACTIVATION, *HOSTILE), choices("<b>.$y$", 1, 2), states={3: "failed"}, name=HOSTILE[0])
    return replace(made, best_config=f"name: {HOSTILE[0]}\n")


def sampled(number: int = 60, repeats: int = 1, method: str = "tpe") -> SweepResults:
    """A search of three keys, one of them logarithmic, one of names; every third trial pruned, every tenth failed."""
    space = (
        Range(path=RATE, low=1e-5, high=1e-1, log=True),
        Range(path=EPOCHS, low=1, high=40, integer=True),
        choices(ACTIVATION, "relu", "tanh"),
    )
    swept = sweep(*space, method=method, repeats=repeats)
    rng = np.random.default_rng(3)
    trials = []
    for n in range(number):
        narrow = 2 * (1 - n / number) if n else 2
        values = {
            RATE: float(10 ** np.clip(rng.normal(-2.5, narrow), -5, -1)),
            EPOCHS: int(rng.integers(1, 41)),
            ACTIVATION: ["relu", "tanh"][int(rng.integers(2))],
        }
        state = "failed" if n % 10 == 9 else "pruned" if n % 3 == 2 else "done"
        trials.append(trial(swept, n, values, state))
    shares = {"val_accuracy": {RATE: 0.71, EPOCHS: 0.25, ACTIVATION: 0.04}}
    return results(swept, trials, importances=shares)


def two_objectives() -> SweepResults:
    """Accuracy against parameters, two seeds."""
    space = (Range(path=RATE, low=1e-4, high=1e-1, log=True), Range(path=EPOCHS, low=1, high=40, integer=True))
    swept = sweep(*space, method="random", repeats=2, objectives=(ACCURACY, PARAMETERS))
    rng = np.random.default_rng(5)
    points = [{RATE: float(10 ** rng.uniform(-4, -1)), EPOCHS: int(rng.integers(1, 41))} for _ in range(40)]
    return results(swept, [trial(swept, n, values) for n, values in enumerate(points)])


def with_measures(made: SweepResults) -> SweepResults:
    """Give every training the four measures of both splits, those of the test images a little lower."""
    rng = np.random.default_rng(11)

    def four(run: SeedRun, lower: float) -> dict[str, float]:
        top = run.values["val_accuracy"] - lower
        return {key: float(top - at * 0.01 + rng.normal(0, 0.002)) for at, key in enumerate(FOUR)}

    def measured(run: SeedRun) -> SeedRun:
        return replace(run, validated=four(run, 0.0), tested=four(run, 0.02)) if run.state == "done" else run

    return replace(made, trials=tuple(replace(t, runs=tuple(map(measured, t.runs))) for t in made.trials))


def in_turn(states: Mapping[int, str] | None = None, *, carry: bool = True) -> SweepResults:
    """Epochs and then rates, each around the base of 5 epochs and 1e-4 or the best before; `states` as of a grid."""
    space = choices(EPOCHS, 1, 5, 20), choices(RATE, 1e-4, 1e-3, 1e-2)
    swept = sweep(*space, method="one_factor", start={EPOCHS: 5, RATE: 1e-4}, carry=carry)
    best = 20 if carry else 5
    points = [{EPOCHS: n, RATE: 1e-4} for n in (1, 5, 20)] + [{EPOCHS: best, RATE: rate} for rate in (1e-3, 1e-2)]
    state = dict(states or {})
    begun = [(n, p) for n, p in enumerate(points) if state.get(n, "done")]
    return with_measures(results(swept, [trial(swept, n, p, state.get(n, "done")) for n, p in begun]))


def ablated(gained: Mapping[str, float], seeds: int = 8, noise: float = 0.008) -> SweepResults:
    """An ablation of techniques that each raise the accuracy by so much; seeds add noise, a part of it to all alike."""
    axis = Choices("without", (Choice("nothing", {}), *(Choice(name, {"augment": []}) for name in gained)))
    swept = sweep(axis, method="ablation", repeats=seeds)
    rng = np.random.default_rng(17)
    shared = rng.normal(0, noise, seeds)
    trials = []
    for number, (name, lost) in enumerate({"nothing": 0.0, **gained}.items()):
        reached = 0.9 - lost + shared + rng.normal(0, noise, seeds)
        runs = [
            SeedRun(seed, "done", "", {"val_accuracy": float(value)}, 10, 1.0) for seed, value in enumerate(reached)
        ]
        mean = fmean(run.values["val_accuracy"] for run in runs)
        trials.append(
            Trial(number, f"p{number}", {"without": name}, "done", "", tuple(runs), (mean,), BEGAN, BEGAN + 9)
        )
    return with_measures(results(swept, trials))


def none_done() -> SweepResults:
    """A sweep that has just begun: one trial runs, one has failed."""
    made = one_axis()
    swept = made.sweep
    trials = [trial(swept, 0, {EPOCHS: 1}, "failed"), trial(swept, 1, {EPOCHS: 3}, "running")]
    return results(swept, trials, state="running")


def nothing() -> SweepResults:
    """A sweep without a trial."""
    return results(one_axis().sweep, [], state="running")


MADE: dict[str, Callable[[], SweepResults]] = {
    "two_axes": two_axes,
    "broken_grid": broken_grid,
    "three_axes": three_axes,
    "one_axis": one_axis,
    "one_seed": one_seed,
    "categories": categories,
    "hostile": hostile,
    "sampled": sampled,
    "hundreds": lambda: sampled(300),
    "two_objectives": two_objectives,
    "in_turn": in_turn,
    "ablated": lambda: ablated({"augmentation": 0.03, "schedule": 0.0}),
    "none_done": none_done,
    "nothing": nothing,
}
