"""A study as far as it has come: every row, published number, claim and check of arithmetic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbench.compare.runs import Finished, LeftOut, read_run
from cnnbench.config.schema import Config
from cnnbench.errors import MissingData, MissingWeights
from cnnbench.model.weights.find import found as found_weights
from cnnbench.runs.run import Run
from cnnbench.studies.arithmetic import Finding, findings
from cnnbench.studies.claims import Outcome, outcome
from cnnbench.studies.command import inspected, trained
from cnnbench.studies.counted import counts_of_config, counts_of_network
from cnnbench.studies.file import Study, is_left_out
from cnnbench.studies.folder import StudyDir
from cnnbench.studies.measured import Measured, State
from cnnbench.studies.sections import Row
from cnnbench.studies.verdict import Number, number_of

Problems = Mapping[Path, tuple[State, str]]  # by the folder around the runs of a configuration: why some are not there


@dataclass(frozen=True)
class Results:
    """Everything that tables and page of a study are made of."""

    study: Study
    folder: StudyDir
    rows: Sequence[Measured]
    numbers: Sequence[Number]
    claims: Sequence[Outcome]
    findings: Sequence[Finding]

    @property
    def contradictions(self) -> list[Finding]:
        """What cannot be in the source."""
        return [finding for finding in self.findings if finding.wrong]

    def row(self, key: str) -> Measured:
        """Return a row by its key."""
        return next(row for row in self.rows if row.row.key == key)


def read_results(study: Study, folder: StudyDir, problems: Problems | None = None) -> Results:
    """Read what there is of a study; `problems` tell what has just not been done."""
    rows = [_measured(study, folder, row, problems or {}) for row in study.file.rows]
    by_key = {row.row.key: row for row in rows}
    small, checked = study.scale == "small", findings(study.file)
    contradicted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for finding in checked:
        for key in finding.rows:
            contradicted[key, finding.at] |= set(finding.measures)
    numbers = [
        number_of(row, group, measure, small=small, contradicted=contradicted[row.row.key, group.at])
        for row in rows
        for group in row.row.published
        for measure in group.values
    ]
    claims = [
        outcome(claim, [by_key[key] for key in (claim.rows or (claim.row, claim.than)) if key], small=small)
        for claim in study.file.claims
    ]
    return Results(study, folder, rows, numbers, claims, checked)


def lacks_weights(config: Config, *, offline: bool = True) -> str | None:
    """Return why the weights that a configuration begins with are not there, None where they are or it needs none.

    Of published ones it names the files alone: a study's page is shown to others, who have other folders.
    """
    if config.model.weights is None:
        return None
    try:
        found_weights(config.model, offline=offline)
    except MissingWeights as e:
        return f"needs {' or '.join(e.files)}, not found on this machine and not downloaded"
    except MissingData as e:
        return str(e)
    return None


def _measured(study: Study, folder: StudyDir, row: Row, problems: Problems) -> Measured:
    if row.elsewhere is not None:
        return Measured(row, "done", command=row.elsewhere.command)
    if row.not_run is not None:
        return Measured(row, "words", reason=row.not_run)
    if row.network is not None:
        return Measured(row, "counted", command=inspected(row), counts=counts_of_network(row))
    if is_left_out(row, study.scale):
        return Measured(row, "left out", reason="left out at the small scale")
    return _of_runs(study, folder, row, problems)


def _of_runs(study: Study, folder: StudyDir, row: Row, problems: Problems) -> Measured:
    """Return a row with those of its runs that have finished."""
    config, seeds = study.configs[row.key], study.seeds(row)
    paths = [folder.run(config, seed) for seed in seeds]
    read = [read_run(path) for path in paths if Run(path).folder.status.exists()]
    runs = tuple(run for run in read if isinstance(run, Finished))
    common: dict[str, Any] = {"config": config, "command": trained(study, row), "counts": counts_of_config(config)}
    if len(runs) == len(seeds):
        return Measured(row, "done", runs, len(seeds), **common)
    state, reason = problems.get(paths[0].parent) or _state(config, read, len(runs), len(seeds))
    return Measured(row, state, runs, len(seeds), reason=reason, **common)


def _state(config: Config, read: Sequence[Finished | LeftOut], done: int, wanted: int) -> tuple[State, str]:
    """Return what there is of a row whose runs are not all there, and why."""
    if not done and (lacking := lacks_weights(config)):
        return "weights", lacking
    if failed := [one.reason for one in read if isinstance(one, LeftOut) and one.reason.startswith("failed")]:
        return "failed", failed[0]
    return ("partly", f"{done} of {wanted} runs") if done else ("not run", "not run yet")
