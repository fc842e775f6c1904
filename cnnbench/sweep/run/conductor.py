"""Keeps the slots of an engine busy with a sweep's trainings, without a barrier between trials."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from cnnbench.config.load import dump_yaml
from cnnbench.files.whole import own_folder
from cnnbench.jobs.types import Ended, Engine, Epoch, Job
from cnnbench.runs.parents import SweepDir
from cnnbench.runs.run import Run
from cnnbench.runs.split import Siblings
from cnnbench.runs.values import VALUES
from cnnbench.sweep.define.sweep import Sweep
from cnnbench.sweep.run.ledger import Ledger, Point
from cnnbench.sweep.run.measure import is_done, mean_of, seed_run, was_read
from cnnbench.sweep.run.trials import SeedRun, SweepResults

LOOK = 0.5  # seconds between looks at the clock and at a request to stop


class Watcher:
    """Is told what happens, from the sweep's own thread."""

    def on_begin(self, results: SweepResults) -> None:
        """The sweep begins, or goes on after what these results hold."""

    def on_start(self, point: Point, seed: int) -> None:
        """A training begins."""

    def on_epoch(self, point: Point, seed: int, epoch: Epoch) -> None:
        """A training has finished an epoch."""

    def on_run(self, point: Point, run: SeedRun) -> None:
        """A training is over."""

    def on_trial(self, point: Point, state: str, reason: str) -> None:
        """A trial is over, written down and ranked."""


@dataclass
class Running:
    """A trial under way: seeds not begun, seeds that wait for the first one's verdict, and what is over."""

    point: Point
    waiting: deque[int]
    held: deque[int]
    in_flight: set[int] = field(default_factory=set)
    runs: dict[int, SeedRun] = field(default_factory=dict)

    def fails(self) -> SeedRun | None:
        """Return a training that the trial cannot do without and that failed or was pruned."""
        return next((run for run in self.runs.values() if run.state in ("failed", "pruned")), None)


class Conductor:
    """Carries out the trials of a sweep.

    `template` is the job that every training is made from. With pruning, the first seed of a trial is judged after each
    epoch, and the others begin once it has survived. `fault` is the training that ended for what lies around it, such
    as a full disk: it stops the sweep, whose other trials would end so too, and its trial stays as it is.
    """

    def __init__(
        self,
        sweep: Sweep,
        folder: SweepDir,
        ledger: Ledger,
        engine: Engine,
        template: Job,
        watchers: Sequence[Watcher],
        may_begin: Callable[[], bool],
        stopping: Callable[[], bool],
    ) -> None:
        self._sweep, self._folder, self._ledger, self._engine = sweep, folder, ledger, engine
        self._template, self._watchers, self._may_begin, self._stopping = template, watchers, may_begin, stopping
        self._trials: dict[str, Running] = {}
        self._jobs: dict[str, tuple[Running, int]] = {}
        self._siblings = Siblings(lambda: sorted(folder.trials.glob("*/seed-*")))
        self._is_asked = False
        self.fault: Ended | None = None

    @property
    def over(self) -> str | None:
        """Why no trial comes any more, None where time or a request ended the work before that."""
        return self._ledger.over

    def run(self) -> None:
        """Work until no trial is left or it is asked to stop and every training has ended."""
        while True:
            if (self._stopping() or self.fault) and not self._is_asked:
                self._is_asked = True
                self._engine.stop()
            may_more = not self._is_asked and len(self._jobs) < self._engine.slots and self._step()
            if not may_more and not self._jobs and not self._waits:
                return
            event = self._engine.next_event(0 if may_more else LOOK)
            self._ledger.beat(self.points())
            if isinstance(event, Epoch):
                self._on_epoch(event)
            elif isinstance(event, Ended):
                self._on_ended(event)

    @property
    def _waits(self) -> bool:
        """Whether a trial may come that depends on one which another machine still runs."""
        return self._ledger.waits_for_others and self._may_begin() and not self._is_asked

    def points(self) -> Iterator[Point]:
        """Yield the trials under way."""
        return (trial.point for trial in self._trials.values())

    def _step(self) -> bool:
        """Begin a training of a trial under way or of the next one, or find that one is done.

        Returns whether another step may begin one too.
        """
        trial = next((t for t in self._trials.values() if t.waiting), None) or self._next_trial()
        if trial is None:
            return self._may_begin() and self._ledger.over is None and not self._ledger.waits
        seed = trial.waiting.popleft()
        folder = self._folder.run(trial.point.identity, seed)
        if is_done(folder):
            self._close(trial, seed_run(folder, seed, self._sweep.objectives, "done", "", ""))
        else:
            self._start(trial, seed)
        return True

    def _next_trial(self) -> Running | None:
        point = self._ledger.next() if self._may_begin() else None
        if point is None:
            return None
        first = point.config.seed
        seeds = deque(range(first, first + self._sweep.repeats))
        judged = self._sweep.pruning.judges
        trial = Running(point, deque([seeds.popleft()]) if judged else seeds, seeds if judged else deque())
        self._trials[point.identity] = trial
        own_folder(self._folder.path, self._folder.trials.name, point.identity)
        VALUES.write(self._folder.values(point.identity), point.values)
        return trial

    def _start(self, trial: Running, seed: int) -> None:
        point = trial.point
        job = replace(
            self._template,
            key=f"{point.identity}/{seed}",
            folder=self._folder.run(point.identity, seed),
            config=dump_yaml(point.config.model_copy(update={"seed": seed})),
            judged=self._is_judge(trial, seed),
            like=self._siblings.of(point.config.data),
        )
        if job.judged:
            self._catch_up(trial, seed)
        trial.in_flight.add(seed)
        self._jobs[job.key] = trial, seed
        self._engine.start(job)
        for watcher in self._watchers:
            watcher.on_start(point, seed)

    def _is_judge(self, trial: Running, seed: int) -> bool:
        return self._sweep.pruning.judges and seed == trial.point.config.seed

    def _catch_up(self, trial: Running, seed: int) -> None:
        """Report the epochs that a training which goes on has finished already."""
        for row in Run(self._folder.run(trial.point.identity, seed)).history:
            self._ledger.report(trial.point, int(row["epoch"]), row[self._sweep.objectives[0].metric])

    def _on_epoch(self, event: Epoch) -> None:
        trial, seed = self._jobs[event.job.key]
        for watcher in self._watchers:
            watcher.on_epoch(trial.point, seed, event)
        if event.job.judged:
            epoch, value = int(event.row["epoch"]), event.row[self._sweep.objectives[0].metric]
            prune = self._ledger.report(trial.point, epoch, value) and epoch < event.epochs
            self._engine.answer(event.job, not prune or self._is_asked)

    def _on_ended(self, event: Ended) -> None:
        trial, seed = self._jobs.pop(event.job.key)
        trial.in_flight.discard(seed)
        state = "failed" if event.state == "data" and self._was_never_there(trial.point) else event.state
        if state in ("disk", "data"):
            self.fault = self.fault or event
        elif state != "interrupted":  # then its trial stays running, for the next time
            run = seed_run(event.job.folder, seed, self._sweep.objectives, state, event.reason, event.log)
            self._close(trial, run)

    def _was_never_there(self, point: Point) -> bool:
        """Return whether data that are missing may be a mistake of this trial's own."""
        is_swept = any(axis.path.split(".")[0] == "data" for axis in self._sweep.space)
        return is_swept and not was_read(self._folder, point.config.data)

    def _close(self, trial: Running, run: SeedRun) -> None:
        """Write a training down, and its trial where it was the last one."""
        trial.runs[run.seed] = run
        self._ledger.note(trial.point, trial.runs)
        for watcher in self._watchers:
            watcher.on_run(trial.point, run)
        if trial.fails():
            trial.waiting.clear()
            trial.held.clear()
        trial.waiting.extend(trial.held)
        trial.held.clear()
        if not trial.waiting and not trial.in_flight:
            self._finish(trial)

    def _finish(self, trial: Running) -> None:
        del self._trials[trial.point.identity]
        failed = trial.fails()
        if failed is None:
            means = [mean_of(trial.runs.values(), o.metric) for o in self._sweep.objectives]
            state, reason = "done", ""
            self._ledger.finish(trial.point, state, reason, means)
        else:
            state, reason = failed.state, f"seed {failed.seed}: {failed.reason}"
            self._ledger.finish(trial.point, state, reason)
        for watcher in self._watchers:
            watcher.on_trial(trial.point, state, reason)
