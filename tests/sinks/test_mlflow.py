from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from cnnbench.config.load import load_config
from cnnbench.errors import PrunedRun
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from cnnbench.files.sqlite import sqlite_url
from cnnbench.files.whole import write_json
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from cnnbench.sinks import tracked
from cnnbench.sinks.mlflow_parent import read_kept
from cnnbench.sinks.mlflow_store import prepared
from cnnbench.sinks.tracked import tracking
from cnnbench.training.observer import Silent
from tests.builders.tracked import go_on, small, train
from tests.tools import listed

pytest.importorskip("mlflow")


@pytest.fixture(autouse=True)
def no_server(monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")


def client(uri):
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=uri)


def sent(run: RunDir, uri: str | None = None):
    """Return a run as MLflow has it."""
    kept = read_kept(run.path)
    return client(uri or kept["tracking_uri"]).get_run(kept["run_id"])


def series(run: RunDir, name: str, uri: str | None = None):
    kept = read_kept(run.path)
    points = client(uri or kept["tracking_uri"]).get_metric_history(kept["run_id"], name)
    return [(point.step, point.value) for point in points]


def assert_complete(run: RunDir, uri: str | None = None) -> None:
    """Assert that MLflow has configuration, epochs, test results, files and state of a run."""
    found, history, metrics = sent(run, uri), Run(run.path).history, Run(run.path).metrics
    assert found.info.status == "FINISHED"
    assert found.data.params["train.optimizer.learning_rate"] == "0.01"
    assert found.data.params["model.name"] == "tiny-net"
    for name in ("loss", "val_accuracy", "learning_rate"):
        assert series(run, name, uri) == [(int(row["epoch"]), row[name]) for row in history]
    assert series(run, "test/accuracy", uri) == [(len(history), metrics["accuracy"])]
    assert found.data.metrics["test/macro.f1"] == metrics["macro"]["f1"]
    assert found.data.tags["cnnbench.state"] == "done"


def files(run: RunDir, uri: str | None = None) -> set[str]:
    kept = read_kept(run.path)
    there = client(uri or kept["tracking_uri"])
    plots = {entry.path for entry in there.list_artifacts(kept["run_id"], "plots")}
    return {entry.path for entry in there.list_artifacts(kept["run_id"])} | plots


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    return tmp_path_factory.mktemp("work") / "outputs"


@pytest.mark.slow
@pytest.mark.drawn
def test_a_local_store_beside_the_runs(outputs):
    run = train(outputs, "mlflow", report=True)
    assert read_kept(run.path)["tracking_uri"] == f"sqlite:///{outputs}/mlflow.db"
    assert_complete(run)
    whole = {"config.yaml", "metrics.json", "history.csv", "environment.json", "report.html", "model.keras"}
    assert whole <= files(run)
    assert {f"plots/{plot.name}" for plot in run.plots.glob("*.png")} <= files(run)
    assert [found["path"] for found in listed(outputs)] == [str(run.path)], "what MLflow keeps is no run"
    assert not any("mlflow" in note for note in Run(run.path).status["notes"])


@pytest.mark.slow
def test_going_on_goes_on_in_the_same_run(outputs):
    run = train(outputs, "mlflow")
    first = read_kept(run.path)
    go_on(run, 4)
    assert read_kept(run.path) == first
    assert [step for step, _ in series(run, "loss")] == [1, 2, 3, 4]
    assert sent(run).info.status == "FINISHED"
    assert [step for step, _ in series(run, "test/accuracy")] == [2, 4], "both were measured"
    client(first["tracking_uri"]).delete_run(first["run_id"])
    go_on(run, 5)
    assert read_kept(run.path)["run_id"] != first["run_id"], "a deleted run is begun anew, with all epochs"
    assert [step for step, _ in series(run, "loss")] == [1, 2, 3, 4, 5]


@pytest.mark.slow
def test_runs_of_repeats_and_of_a_sweep_stand_below_a_parent(outputs):
    repeats, sweep = outputs / "mlp/20260101-000000-a", outputs / "rates"
    write_json(repeats / "repeats.json", {"kind": "seeds"})
    write_json(sweep / "sweep.yaml", {"base": "x"})
    runs = {}
    for seed, folder in enumerate([repeats / "seed-0", repeats / "seed-1", sweep / "trials/p1/seed-2"]):
        config = load_config(small(seed=seed, train__epochs=1))
        execute(config, Options(folder=folder, watch=tracking(["mlflow"]), report=False))
        runs[folder.name] = sent(RunDir(folder))
    one, two, three = (runs[f"seed-{i}"].data.tags for i in range(3))
    assert one["mlflow.parentRunId"] == two["mlflow.parentRunId"] == read_kept(repeats)["run_id"]
    assert three["mlflow.parentRunId"] == read_kept(sweep)["run_id"]
    assert (one["cnnbench.repeats"], one["cnnbench.seed"]) == (repeats.name, "0")
    assert (three["cnnbench.sweep"], three["cnnbench.point"], three["cnnbench.seed"]) == ("rates", "p1", "2")
    assert (one["mlflow.runName"], three["mlflow.runName"]) == ("seed-0", "p1/seed-2")
    uri = read_kept(sweep)["tracking_uri"]
    assert uri == f"sqlite:///{outputs}/mlflow.db", "one store for all"
    experiments = {client(uri).get_experiment(run.info.experiment_id).name for run in runs.values()}
    assert experiments == {"tiny", "rates"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "raised", "state", "status"),
    [
        (PrunedRun("not worth it"), PrunedRun, "pruned", "KILLED"),
        (ZeroDivisionError("oh"), ZeroDivisionError, "failed", "FAILED"),
    ],
)
def test_how_a_run_ended_is_passed_on(outputs, tmp_path, error, raised, state, status):
    class Watching(Silent):
        def on_epoch(self, progress, row):
            raise error

    folder = outputs / "ended" / state
    options = Options(folder=folder, watch=tracking(["mlflow"]), observer=Watching())
    with pytest.raises(raised):
        execute(load_config(small()), options)
    run = RunDir(folder)
    assert (sent(run).info.status, sent(run).data.tags["cnnbench.state"]) == (status, state)
    assert [step for step, _ in series(run, "loss")] == [1]
    assert not any(name.startswith("test/") for name in sent(run).data.metrics)


class Notes(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def on_note(self, text):
        self.notes.append(text)


@pytest.mark.slow
def test_an_unreachable_server_is_a_note(tmp_path, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused at once
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://me:secret@127.0.0.1:{taken.getsockname()[1]}")
        screen = Notes()
        options = Options(output=tmp_path, watch=tracking(["mlflow"]), report=False, observer=screen)
        result = execute(load_config(small()), options)
    assert result.status["state"] == "done"
    (note,) = (note for note in screen.notes if note.startswith("mlflow"))  # the other one sums the training up
    assert note.startswith("mlflow: could not be reached (API request to ")
    status = Run(result.path).status
    assert (status["state"], status["notes"][-1]) == ("done", note)
    assert "secret" not in "".join(p.read_text() for p in result.path.glob("*.json")) + note
    assert not (result.path / "mlflow.json").exists()


@pytest.mark.slow
def test_a_server_that_never_answers_does_not_hold_a_run_up(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    monkeypatch.setattr(tracked, "PAUSE", 3600.0)  # longer than thirty epochs take on a machine that is busy
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{silent.getsockname()[1]}")
        run = train(tmp_path, "mlflow", train__epochs=30)
        silent.setblocking(False)
        calls = 0
        while True:
            try:
                silent.accept()
                calls += 1
            except BlockingIOError:
                break
    assert Run(run.path).status["state"] == "done"
    assert calls == 2, "at the start and at the end, and not in each of thirty epochs"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Start MLflow's own server on a free port and give its address."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    where = ["--backend-store-uri", f"sqlite:///{folder}/server.db", "--artifacts-destination", str(folder / "files")]
    command = [sys.executable, "-m", "mlflow", "server", *where, "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--workers", "1"], cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait(f"http://127.0.0.1:{port}/health", process, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # asked politely, it waits for connections that are kept alive
        process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 240
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.mark.slow
@pytest.mark.drawn
def test_a_server_gets_all_of_a_run(server, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")  # of a machine that may be busy
    run = train(tmp_path, "mlflow", report=True)
    assert capfd.readouterr().out == "", "standard output belongs to the run"
    assert read_kept(run.path)["tracking_uri"] == server
    assert_complete(run, server)
    assert {"model.keras", "report.html", "plots/learning_curves.png"} <= files(run, server)
    got = client(server).download_artifacts(read_kept(run.path)["run_id"], "model.keras", str(tmp_path))
    assert Path(got).read_bytes() == run.model.read_bytes()
    assert not (tmp_path / "mlflow.db").exists()


@pytest.mark.slow
def test_processes_that_begin_at_once_make_one_store(tmp_path):
    """Each makes a run where there is no database yet."""
    code = (
        "import sys; from pathlib import Path; from cnnbench.sinks.mlflow_store import prepared\n"
        "from cnnbench.files.sqlite import sqlite_url; from mlflow.tracking import MlflowClient\n"
        "uri = sqlite_url(Path(sys.argv[1]) / 'mlflow.db')\n"
        "with prepared(uri):\n    MlflowClient(tracking_uri=uri).create_run('0')\n"
    )
    folder = tmp_path / "what?x=1 {a}%20b"
    processes = [subprocess.Popen([sys.executable, "-c", code, folder], stderr=subprocess.PIPE) for _ in range(3)]
    ended = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], ended
    assert len(client(sqlite_url(folder / "mlflow.db")).search_runs(["0"])) == 3
    assert sorted(path.name for path in folder.iterdir()) == [".mlflow.lock", "mlflow.db"]


@pytest.mark.slow
def test_a_store_that_a_kill_left_half_made_is_not_taken_for_one(tmp_path, monkeypatch):
    from mlflow.store.db import utils

    def killed(engine):
        raise KeyboardInterrupt

    uri = sqlite_url(tmp_path / "mlflow.db")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(utils, "_upgrade_db", killed)
        with prepared(uri):
            pass
    assert not (tmp_path / "mlflow.db").exists()
    with prepared(uri):
        assert client(uri).search_runs(["0"]) == []


@pytest.mark.slow
def test_what_going_on_changed_is_what_mlflow_says(outputs):
    run = train(outputs, "mlflow")
    assert sent(run).data.tags["train.epochs"] == "2"
    go_on(run, 3)
    found = sent(run).data
    assert found.tags["train.epochs"] == "3"
    assert "train.epochs" not in found.params, "MLflow lets no parameter change"
