"""The story of repeated runs: each in a process and a folder of its own, then what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cnnbench.config.dump import dump_yaml
from cnnbench.errors import InterruptedRun, TrainingError
from cnnbench.experiment.ending import draw
from cnnbench.files.lock import held
from cnnbench.jobs.queue import Work, carry_out
from cnnbench.jobs.types import Ended, Engine, Epoch, Job
from cnnbench.machine.interrupt import StopRequest, stop_on_signals
from cnnbench.repeats.plan import Plan
from cnnbench.repeats.results import Repeats, read_repeats
from cnnbench.repeats.status import recorded
from cnnbench.repeats.write import write_report, write_tables
from cnnbench.runs.parents import RepeatsDir
from cnnbench.runs.run import Run
from cnnbench.runs.split import sibling


class Watcher(Protocol):
    """Is told what happens, so that it can be shown."""

    def on_stage(self, text: str) -> None:
        """Something that takes a while begins."""

    def on_missing(self, names: Sequence[str]) -> None:
        """These are the runs to do; the others have finished before."""

    def on_start(self, name: str, epochs: int) -> None:
        """A run begins, or goes on after so many epochs."""

    def on_epoch(self, name: str, epoch: int) -> None:
        """A run has finished an epoch."""

    def on_end(self, child: Run, ended: Ended) -> None:
        """A run is over, however it ended."""


@dataclass
class _Children(Work):
    """The runs that are missing."""

    plan: Plan
    folder: RepeatsDir
    watcher: Watcher
    stop: StopRequest
    offline: bool
    failed: dict[str, str] = field(default_factory=dict)

    def job(self, key: str) -> Job:
        """Return the job of a run, which begins or goes on."""
        job = Job(
            key=key,
            folder=self.folder.child(key),
            config=dump_yaml(self.plan.children[key]),
            smoke=self.plan.smoke,
            offline=self.offline,
            backend=self.plan.backend,
            command=self.plan.command,
            track=self.plan.track,
            like=sibling(map(self.folder.child, self.plan.children), self.plan.base.data),
        )
        self.watcher.on_start(key, len(Run(job.folder).history))
        return job

    def on_epoch(self, epoch: Epoch) -> None:
        """Tell of an epoch."""
        self.watcher.on_epoch(epoch.job.key, int(epoch.row["epoch"]))

    def on_end(self, ended: Ended) -> None:
        """Note why a run failed."""
        child = Run(ended.job.folder)
        if not child.is_done and not (ended.state == "interrupted" and self.stop.signals):
            self.failed[ended.job.key] = ended.reason
        self.watcher.on_end(child, ended)

    def on_stop(self) -> None:
        """Say that it takes a moment."""
        self.watcher.on_stage("stopping; once more to stop at once")


def run_repeats(plan: Plan, folder: RepeatsDir, engine: Engine, watcher: Watcher, *, offline: bool = False) -> Repeats:
    """Run what is missing of a plan, write up what the finished runs say together, and return that.

    Whether all finished is for `check_complete`. Raises ConfigError where another process runs them now,
    InterruptedRun that says how to go on.
    """
    with held(folder.path, f"--resume {folder.path}: still running"):
        return _run_alone(plan, folder, engine, watcher, offline)


def _run_alone(plan: Plan, folder: RepeatsDir, engine: Engine, watcher: Watcher, offline: bool) -> Repeats:
    with stop_on_signals() as stop, recorded(folder, plan, stop) as status:
        missing = [child.path.name for child in read_repeats(folder).children if not child.is_done]
        watcher.on_missing(missing)
        children = _Children(plan, folder, watcher, stop, offline)
        carry_out(missing, children, engine, stop)
        found = read_repeats(folder)
        write_tables(found)
        status.update(failed=children.failed)
        if len(found.finished) == len(found.children):
            status.end("done", found.count)
        elif stop.signals:
            status.end("interrupted", f"{found.count}; interrupted by {stop.signal_name}")
        else:
            status.end("failed", f"{found.count}; {_why(children.failed)}")
    draw(write_report, folder, watcher.on_stage)
    found = read_repeats(folder)
    if found.status["state"] == "interrupted":
        raise InterruptedRun(_how_to_go_on(found))
    return found


def check_complete(found: Repeats) -> None:
    """Raise TrainingError that says how to go on where not all runs finished."""
    if len(found.finished) < len(found.children):
        raise TrainingError(_how_to_go_on(found))


def _how_to_go_on(found: Repeats) -> str:
    again = f"report: {found.folder.report}; go on with: cnnbench train --resume {found.folder.path}"
    return f"{found.status['reason']}; {again}"


def _why(failed: dict[str, str]) -> str:
    return "; ".join(f"{name}: {reason}" for name, reason in failed.items())
