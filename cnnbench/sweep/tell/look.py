"""What a sweep does now, read from its folder while another process works on it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cnnbench.errors import ConfigError
from cnnbench.files.checked import Unreadable
from cnnbench.runs.parents import SweepDir
from cnnbench.runs.run import Run
from cnnbench.runs.status import STATUS
from cnnbench.sweep.define.sweep import Values
from cnnbench.sweep.run.plan import runs_in_all, trials_in_all
from cnnbench.sweep.run.trials import OVER, SweepResults, Trial
from cnnbench.sweep.tell import turns
from cnnbench.sweep.tell.facts import counted
from cnnbench.sweep.tell.ranking import Ranked, ranked
from cnnbench.sweep.tell.results import read_folder
from cnnbench.sweep.tell.wording import short_names, shown_metric, shown_values
from cnnbench.text import duration, printable

FAILURES = 5  # that are shown, the last ones


@dataclass(frozen=True)
class Training:
    """One training that runs now: epochs it has finished, and the last value of the sweep's metric."""

    trial: int
    seed: int
    values: Values
    epoch: int
    epochs: int
    last: float | None


@dataclass(frozen=True)
class Look:
    """A sweep at this moment; `left` is an estimate of the seconds left, None where there is no telling."""

    path: str
    results: SweepResults
    seconds: float
    left: float | None
    trainings: Sequence[Training]
    best: Ranked | None

    def counts(self) -> dict[str, int]:
        """Return how many trials are in each state."""
        states = [trial.state for trial in self.results.trials]
        return {state: states.count(state) for state in dict.fromkeys(states)}

    def failed(self) -> list[Trial]:
        """Return the trials that failed."""
        return [trial for trial in self.results.trials if trial.state == "failed"]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        best = self.best
        return {
            "path": self.path,
            "state": self.results.state,
            "smoke": self.results.smoke,
            "seconds": self.seconds,
            "seconds_left": self.left,
            "counts": self.counts(),
            "trials": trials_in_all(self.results.sweep),
            "running": [asdict(training) for training in self.trainings],
            "failed": [{"trial": t.number, "values": dict(t.values), "reason": t.reason} for t in self.failed()],
            "best": None if best is None else _best(best),
        }


def _best(best: Ranked) -> dict[str, Any]:
    means = {metric: mean.as_dict() for metric, mean in best.means.items()}
    return {"trial": best.trial.number, "values": dict(best.trial.values), **means}


def look(path: Path, storage: str | None) -> Look:
    """Return what the sweep in a folder does; raises ConfigError where there is none."""
    folder = SweepDir(path)
    if not folder.sweep.exists():
        raise ConfigError(f"{path}: no sweep has been run there")
    results = read_folder(path, storage)
    seconds = float(STATUS.read(folder.status).get("seconds") or 0.0)
    first = next((r for r in ranked(results) if r.rank == 1), None)
    return Look(str(path), results, seconds, _left(results, seconds), _trainings(folder, results), first)


def _left(results: SweepResults, seconds: float) -> float | None:
    total = runs_in_all(results.sweep)
    over = sum(len(trial.runs) for trial in results.trials)
    return None if total is None or not over or results.state != "running" else seconds / over * max(0, total - over)


def _trainings(folder: SweepDir, results: SweepResults) -> list[Training]:
    running = [trial for trial in results.trials if trial.state == "running"]
    found = []
    for trial in running:
        for path in sorted((folder.trials / trial.point).glob("seed-*/status.json")):
            with suppress(*Unreadable):  # a damaged one is no reason to tell nothing of the others
                found += _training(trial, path.parent, results.sweep.objectives[0].metric)
    return found


def _training(trial: Trial, path: Path, metric: str) -> list[Training]:
    """Return the training in a folder, nothing where it does not run."""
    status, history = Run(path).status, Run(path).history
    if status.get("state") != "running":
        return []
    last = history[-1].get(metric) if history else None
    seed, epochs = int(path.name.removeprefix("seed-")), status.get("epochs") or len(history)
    return [Training(trial.number, seed, trial.values, len(history), epochs, last)]


def look_text(seen: Look) -> str:
    """Return what `--status` prints."""
    results, total = seen.results, trials_in_all(seen.results.sweep)
    over = sum(trial.state in OVER for trial in results.trials)
    left = f", about {duration(seen.left)} left" if seen.left is not None else ""
    worked = f"{duration(seen.seconds)} worked"
    lines = [
        f"{printable(seen.path)}: {results.state}{' (smoke)' if results.smoke else ''}",
        f"trials   {over} of {total if total is not None else '?'} ({counted(results)}), {worked}{left}",
    ]
    lines += [f"in turn  {turns.sentence(results, factor)}" for factor in turns.turns(results)]
    lines += [f"running  {_training_line(training, results)}" for training in seen.trainings]
    if seen.best is not None:
        lines.append(f"best     {_best_line(seen.best)}")
    failed = seen.failed()
    lines += [f"failed   trial {t.number} ({_values(t.values)}): {printable(t.reason)}" for t in failed[-FAILURES:]]
    if len(failed) > FAILURES:
        lines.append(f"         and {len(failed) - FAILURES} more; leaderboard.csv has them all")
    if failed:
        lines.append("         the same command with --retry-failed runs failed trials again")
    return "".join(f"{line}\n" for line in lines)


def _training_line(training: Training, results: SweepResults) -> str:
    metric = results.sweep.objectives[0].metric
    last = "" if training.last is None else f", {metric} {shown_metric(metric, training.last)}"
    where = f"epoch {training.epoch}/{training.epochs}"
    return f"trial {training.trial} ({_values(training.values)}), seed {training.seed}: {where}{last}"


def _best_line(best: Ranked) -> str:
    means = ", ".join(f"{metric} {shown_metric(metric, mean.mean)}" for metric, mean in best.means.items())
    return f"trial {best.trial.number} ({_values(best.trial.values)}): {means}, mean of {best.runs} run(s)"


def _values(values: Values) -> str:
    return shown_values(values, short_names(list(values)))
