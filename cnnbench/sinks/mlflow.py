"""MLflow: a run at the tracking server, or in an SQLite file beside the run folders."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cnnbench.config.schema import Config
from cnnbench.experiment.resume import MAY_CHANGE
from cnnbench.files.sqlite import sqlite_url
from cnnbench.files.whole import write_json
from cnnbench.runs.folder import RunDir
from cnnbench.runs.kinds import parent_of
from cnnbench.runs.run import Run
from cnnbench.sinks.mlflow_parent import join, known, read_kept
from cnnbench.sinks.mlflow_store import prepared
from cnnbench.sinks.places import mlflow_file
from cnnbench.sinks.values import epoch_numbers, measurements, settings, times_of
from cnnbench.training.monitor import Row

# A server that is away costs seconds, not the four minutes of MLflow's own defaults; nothing is printed between the
# lines of a run or its JSON; and nobody is told of the use.
MANNERS = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
STATES = {"running": "RUNNING", "done": "FINISHED", "failed": "FAILED"}  # what else ends a run is a kill to MLflow
MOST_PARAMS, MOST_METRICS = 100, 1000  # of one request
NOT_IN_NAMES = re.compile(r"[^\w\-. :/]", re.ASCII)
LONGEST_NAME = 250


class MLflow:
    """Reports a run to MLflow; its id is kept in the run folder, so that a run that goes on does so there too."""

    name = "mlflow"
    failure = "could not be reached"

    def __init__(self, run: RunDir, config: Config) -> None:
        self._run, self._config = run, config
        self._client: Any = None
        self._id = ""
        self._sent = 0

    def update(self, history: Sequence[Row]) -> None:
        """Send configuration and epochs."""
        if self._client is None:
            self._begin()
        from mlflow.entities import Metric

        ends = times_of(history)
        metrics = [
            Metric(_name(name), value, int(1000 * when), int(row["epoch"]))
            for row, when in zip(history, ends, strict=True)
            if row["epoch"] > self._sent
            for name, value in epoch_numbers(row).items()
        ]
        self._send(metrics)
        self._sent = len(history)

    def finish(self, history: Sequence[Row]) -> None:
        """Send the end of the run; files come last, for they take longest."""
        from mlflow.entities import Metric
        from mlflow.entities.run_tag import RunTag

        self.update(history)
        now = times_of(history[-1:]) or [0.0]
        told = Run(self._run.path)
        found = measurements(told.metrics or {})
        self._send([Metric(f"test/{_name(n)}", v, int(1000 * now[0]), len(history)) for n, v in found.items()])
        said = {key: str(told.status.get(key)) for key in ("state", "reason", "smoke")}
        self._client.log_batch(self._id, tags=[RunTag(f"cnnbench.{key}", text) for key, text in said.items()])
        self._client.set_terminated(self._id, STATES.get(said["state"], "KILLED"))
        self._send_files()

    def _begin(self) -> None:
        for name, value in MANNERS.items():
            os.environ.setdefault(name, value)
        from mlflow.entities.run_tag import RunTag
        from mlflow.tracking import MlflowClient

        uri, kept = self._uri()
        with prepared(uri):
            client = MlflowClient(tracking_uri=uri)
            self._id = self._resumed(client, kept.get("run_id")) or self._create(client, uri)
        changing = [RunTag(key, _text(value)) for key, value in settings(self._config).items() if key in MAY_CHANGE]
        client.log_batch(self._id, tags=changing)
        self._sent = max((point.step for point in client.get_metric_history(self._id, "loss")), default=0)
        write_json(mlflow_file(self._run.path), {"tracking_uri": shown(uri), "run_id": self._id})
        self._client = client

    def _uri(self) -> tuple[str, dict[str, Any]]:
        """Return where to report to, and what was kept of the run there."""
        kept = read_kept(self._run.path)
        uri = os.environ.get("MLFLOW_TRACKING_URI") or kept.get("tracking_uri") or _local_store(self._run.path)
        return uri, kept if kept.get("tracking_uri") == shown(uri) else {}

    def _resumed(self, client: Any, run_id: str | None) -> str | None:
        """Return the id of the run to go on with, None where there is none any more."""
        if not known(client, run_id):
            return None
        client.update_run(run_id, status="RUNNING")
        return run_id

    def _create(self, client: Any, uri: str) -> str:
        from mlflow.entities import Param

        parent = parent_of(self._run.path)
        experiment = os.environ.get("MLFLOW_EXPERIMENT_NAME") or _experiment_of(self._run, self._config)
        experiment_id = _experiment_id(client, experiment, uri, self._run.path)
        tags = {"cnnbench.folder": str(self._run.path.absolute()), "cnnbench.seed": str(self._config.seed)}
        if parent is not None:
            tags |= join(client, experiment_id, parent, shown(uri), self._run.path)
        if self._config.description:
            tags["mlflow.note.content"] = self._config.description
        created: str = client.create_run(experiment_id, run_name=_title(self._run.path), tags=tags).info.run_id
        found = {key: value for key, value in settings(self._config).items() if key not in MAY_CHANGE}  # those are tags
        params = [Param(_name(key), _text(value)) for key, value in found.items()]
        for at in range(0, len(params), MOST_PARAMS):
            client.log_batch(created, params=params[at : at + MOST_PARAMS])
        return created

    def _send(self, metrics: Sequence[Any]) -> None:
        for at in range(0, len(metrics), MOST_METRICS):
            self._client.log_batch(self._id, metrics=metrics[at : at + MOST_METRICS])

    def _send_files(self) -> None:
        run = self._run
        tables = (run.metrics, run.history, run.predictions, run.confusion_matrix, run.classification_report)
        for path in (run.config, run.environment, run.layers, *tables, run.report, run.model):
            if path.exists():
                self._client.log_artifact(self._id, str(path))
        if run.plots.is_dir():
            self._client.log_artifacts(self._id, str(run.plots), "plots")


def shown(uri: str) -> str:
    """Return a tracking URI without user and password, to be written down."""
    host = urlsplit(uri).netloc
    return uri.replace(host, host.rpartition("@")[2], 1) if "@" in host else uri


def _outputs(run: Path) -> Path:
    """Return the folder that holds every experiment's folder: outputs/name/run, outputs/name/parent/seed-0 ..."""
    parent = parent_of(run.absolute())
    if parent is None:
        return run.absolute().parent.parent
    return parent.parent.parent if run.absolute().parent == parent else parent.parent


def _local_store(run: Path) -> str:
    return sqlite_url(_outputs(run) / "mlflow.db")


def _experiment_of(run: RunDir, config: Config) -> str:
    """Return the sweep's name, or the configuration's: what is compared stands together."""
    parent = parent_of(run.path)
    return config.name if parent is None or run.path.absolute().parent == parent else parent.name


def _experiment_id(client: Any, name: str, uri: str, run: Path) -> str:
    """Return the experiment of this name, created where there is none; another process may do so meanwhile."""
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None:
        # Hidden: a config.yaml in it is no run.
        files = (_outputs(run) / ".mlartifacts").as_uri() if uri.startswith("sqlite:") else None
        with suppress(MlflowException):
            client.create_experiment(name, artifact_location=files)
        found = client.get_experiment_by_name(name)
    return str(found.experiment_id)


def _title(run: Path) -> str:
    parent = parent_of(run)
    return run.name if parent is None or run.absolute().parent == parent else f"{run.parent.name}/{run.name}"


def _name(key: str) -> str:
    return NOT_IN_NAMES.sub("_", key)[:LONGEST_NAME]


def _text(value: bool | int | float | str) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
