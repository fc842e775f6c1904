"""The story of a study: what is missing of its rows is trained, each run in a folder of its own, then all is told.

Run again, it does what is not done; a run that was stopped goes on from its last epoch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cnnbench.config.dump import dump_yaml
from cnnbench.config.schema import Config
from cnnbench.data.load import check_splits
from cnnbench.errors import ConfigError, DataError, InterruptedRun, OutputError, TrainingError, did_you_mean
from cnnbench.files.lock import held
from cnnbench.jobs.queue import Work, carry_out
from cnnbench.jobs.types import Ended, Engine, Epoch, Job
from cnnbench.machine.interrupt import StopRequest, stop_on_signals
from cnnbench.repeats.run import Watcher
from cnnbench.runs.run import Run
from cnnbench.runs.split import sibling
from cnnbench.studies.command import reproduced
from cnnbench.studies.file import Study
from cnnbench.studies.folder import StudyDir
from cnnbench.studies.measured import State
from cnnbench.studies.results import Results, lacks_weights, read_results
from cnnbench.studies.write import write_results


@dataclass(frozen=True)
class Wanted:
    """A run that a row asks for first; others may share it."""

    name: str
    row: str
    config: Config
    folder: Path

    @property
    def is_done(self) -> bool:
        """Whether it has finished."""
        return Run(self.folder).is_done


def wanted(study: Study, folder: StudyDir, only: Sequence[str] = ()) -> list[Wanted]:
    """Return the runs of all rows or of some, each once, in the order of the file; raises ConfigError."""
    keys = [row.key for row in study.file.rows]
    if unknown := [key for key in only if key not in keys]:
        raise ConfigError(f"--only {unknown[0]}: {study.name} has no such row{did_you_mean(unknown[0], keys)}")
    found: dict[Path, Wanted] = {}
    for row in study.file.rows:
        if (only and row.key not in only) or row.key not in study.configs:
            continue
        for seed in study.seeds(row):
            config = study.configs[row.key].model_copy(update={"seed": seed})
            path = folder.run(config, seed)
            found.setdefault(path, Wanted(f"{row.key}/seed-{seed}", row.key, config, path))
    return list(found.values())


@dataclass
class _Runs(Work):
    """The runs that are missing; `problems` says why some did not finish."""

    runs: Mapping[str, Wanted]
    watcher: Watcher
    stop: StopRequest
    offline: bool
    report: bool
    command: str
    problems: dict[Path, tuple[State, str]] = field(default_factory=dict)

    def job(self, key: str) -> Job:
        """Return the job of a run, which begins or goes on."""
        one = self.runs[key]
        others = [other.folder for other in self.runs.values() if other.folder.parent == one.folder.parent]
        self.watcher.on_start(key, len(Run(one.folder).history))
        return Job(
            key=key,
            folder=one.folder,
            config=dump_yaml(one.config),
            offline=self.offline,
            report=self.report,
            command=self.command,
            like=sibling(others, one.config.data),
        )

    def on_epoch(self, epoch: Epoch) -> None:
        """Tell of an epoch."""
        self.watcher.on_epoch(epoch.job.key, int(epoch.row["epoch"]))

    def on_end(self, ended: Ended) -> None:
        """Note why a run failed; a full disk ends all."""
        child = Run(ended.job.folder)
        if ended.state == "disk":
            raise OutputError(f"{ended.job.key}: {ended.reason}; go on with: {self.command}")
        if not child.is_done and not (ended.state == "interrupted" and self.stop.signals):
            self.problems[ended.job.folder.parent] = ("data" if ended.state == "data" else "failed", ended.reason)
        self.watcher.on_end(child, ended)

    def on_stop(self) -> None:
        """Say that it takes a moment."""
        self.watcher.on_stage("stopping; once more to stop at once")


def reproduce(
    study: Study, root: Path, engine: Engine, watcher: Watcher, *, only: Sequence[str] = (), offline: bool = False
) -> Results:
    """Run what is missing of a study, write page and tables, and return what they say.

    Whether all went well is for `check_complete`. Raises ConfigError where another process works on it,
    InterruptedRun that says how to go on, OutputError where the disk fails.
    """
    folder, again = StudyDir.of(root, study.name, study.scale), reproduced(study, *only)
    runs = wanted(study, folder, only)
    with _alone(folder), stop_on_signals() as stop:
        missing = [run for run in runs if not run.is_done]
        watcher.on_stage("looking for data and weights")
        lacking = dict(_lacking(missing, offline=offline or study.scale == "small"))
        missing = [run for run in missing if run.folder.parent not in lacking]
        watcher.on_missing([run.name for run in missing])
        work = _Runs({run.name: run for run in runs}, watcher, stop, offline, study.scale == "full", again)
        try:
            carry_out([run.name for run in missing], work, engine, stop)
        except KeyboardInterrupt:
            stop.signals += 1
        watcher.on_stage("writing the page")
        results = read_results(study, folder, lacking | work.problems)
        write_results(results)
        if stop.signals:
            raise InterruptedRun(f"interrupted by {stop.signal_name}; go on with: {again}")
    return results


def check_complete(results: Results) -> None:
    """Raise DataError or TrainingError that names the rows whose runs failed; weights that are nowhere are none."""
    failed = [row for row in results.rows if row.state in ("failed", "data")]
    if not failed:
        return
    told = "; ".join(f"{row.row.key}: {row.reason}" for row in failed[:3])
    line = f"{len(failed)} row(s) without all their runs: {told}; again with: {reproduced(results.study)}"
    raise (TrainingError if any(row.state == "failed" for row in failed) else DataError)(line)


def _lacking(runs: Sequence[Wanted], *, offline: bool) -> Iterator[tuple[Path, tuple[State, str]]]:
    """Yield the folders of runs that cannot be, and why: their images or the weights they begin with are nowhere."""
    of_data: dict[tuple[str, str | None], str | None] = {}
    of_weights: dict[tuple[str, str | None], str | None] = {}
    for run in runs:
        config = run.config
        place, weights = (config.data.source, config.data.path), (str(config.model.weights), config.model.name)
        if place not in of_data:
            of_data[place] = _lacks_data(config, offline=offline)
        if why := of_data[place]:
            yield run.folder.parent, ("data", why)
            continue
        if weights not in of_weights:
            of_weights[weights] = lacks_weights(config, offline=offline)
        if why := of_weights[weights]:
            yield run.folder.parent, ("weights", why)


def _lacks_data(config: Config, *, offline: bool) -> str | None:
    try:
        check_splits(config, offline=offline)
    except DataError as e:
        return "; ".join(e.problems)
    return None


@contextmanager
def _alone(folder: StudyDir) -> Iterator[None]:
    """Hold the study's folder for this process."""
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise OutputError(f"{folder.path}: cannot be written ({e.strerror})") from e
    with held(folder.path, f"{folder.path}: another process works on this study"):
        yield
