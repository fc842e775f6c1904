"""The run at MLflow that the runs of a sweep, or of repeats, stand below."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cnnbench.files.whole import write_json
from cnnbench.runs.parents import RepeatsDir, SweepDir
from cnnbench.sinks.mlflow_store import alone
from cnnbench.sinks.places import mlflow_file


def join(client: Any, experiment_id: str, parent: Path, uri: str, run: Path) -> dict[str, str]:
    """Return the tags that put a run below its parent, which the first one creates."""
    is_repeat = run.absolute().parent == parent
    tags = {"cnnbench.repeats" if is_repeat else "cnnbench.sweep": parent.name}
    if not is_repeat:
        tags["cnnbench.point"] = run.parent.name
    with alone(parent):
        kept = read_kept(parent)
        there = kept.get("tracking_uri") == uri and known(client, kept.get("run_id"))
        return {**tags, "mlflow.parentRunId": kept["run_id"] if there else _create(client, experiment_id, parent, uri)}


def read_kept(folder: Path) -> dict[str, Any]:
    """Return what `mlflow.json` of a folder holds, {} where there is none."""
    kept = mlflow_file(folder)
    return dict(json.loads(kept.read_text(encoding="utf-8"))) if kept.exists() else {}


def known(client: Any, run_id: str | None) -> bool:
    """Return whether MLflow has this run and it is not deleted."""
    from mlflow.exceptions import MlflowException

    if run_id is None:
        return False
    try:
        found = client.get_run(run_id)
    except MlflowException as e:
        if e.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return False
    return bool(found.info.lifecycle_stage == "active")


def _create(client: Any, experiment_id: str, parent: Path, uri: str) -> str:
    """Create the parent, ended at once: none of the runs below it knows whether it is the last."""
    created: str = client.create_run(experiment_id, run_name=parent.name).info.run_id
    client.set_terminated(created)
    write_json(mlflow_file(parent), {"tracking_uri": uri, "run_id": created})
    for path in (SweepDir(parent).sweep, RepeatsDir(parent).plan):
        if path.exists():
            client.log_artifact(created, str(path))
    return created
