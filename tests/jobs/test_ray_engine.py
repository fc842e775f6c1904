"""Jobs on a real Ray cluster of two nodes that see no common folder, one of which dies."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cnnbench.errors import ConfigError
from cnnbench.jobs.local import LocalEngine
from cnnbench.jobs.parcel import packed, unpack
from cnnbench.jobs.ray_engine import RayEngine
from cnnbench.jobs.types import Ended, Engine, Epoch, Job
from cnnbench.machine.ray_quiet import QUIET
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.jobs.test_local import job
from tests.tools import assert_same_variables

MEMORY = 80 * 2**20  # of each node's object store


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    os.environ.update(QUIET)
    made = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 1, "object_store_memory": MEMORY, "include_dashboard": False},
    )
    yield made
    made.shutdown()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """The same job on this machine's own engine."""
    folder = tmp_path_factory.mktemp("local")
    with LocalEngine(slots=1, threads=1) as engine:
        engine.start(job(folder / "run"))
        assert drain(engine, 1)["run"].state == "done"
    return RunDir(folder / "run")


def drain(engine: Engine, jobs: int, on_epoch: Callable[[Epoch], None] = lambda epoch: None) -> dict[str, Ended]:
    """Handle events until so many jobs are over; nodes and their workers take long to start on a busy machine."""
    ended: dict[str, Ended] = {}
    deadline = time.monotonic() + 1200
    while len(ended) < jobs and time.monotonic() < deadline:
        event = engine.next_event(1)
        if isinstance(event, Epoch):
            on_epoch(event)
        elif isinstance(event, Ended):
            ended[event.job.key] = event
    return ended


def assert_done_as(expected: RunDir, folder: Path) -> None:
    run = RunDir(folder)
    assert Run(run.path).status["state"] == "done"
    assert_same_variables(run.last_checkpoint, expected.last_checkpoint)
    assert run.predictions.read_bytes() == expected.predictions.read_bytes()


@pytest.mark.cluster
def test_all_jobs_end_done_though_a_node_dies(cluster: Any, expected: RunDir, tmp_path: Path) -> None:
    doomed = cluster.add_node(num_cpus=1, object_store_memory=MEMORY)
    cluster.wait_for_nodes()
    jobs = [job(tmp_path / f"job-{i}", judged=i < 2) for i in range(4)]
    seen: dict[str, list[int]] = {j.key: [] for j in jobs}
    with RayEngine(cluster.address, cpus=1, shared=False) as engine:
        assert engine.slots == 2
        wild = job(tmp_path / "wild", train__optimizer={"name": "SGD", "learning_rate": 1e30})
        for each in [*jobs, wild]:
            engine.start(each)

        def on_epoch(event: Epoch) -> None:
            nonlocal doomed
            seen[event.job.key].append(int(event.row["epoch"]))
            if doomed is not None and all(seen[j.key] for j in jobs[:2]):  # both wait for a verdict, one on each node
                cluster.remove_node(doomed, allow_graceful=False)
                doomed = None
                for judged in jobs[:2]:
                    engine.answer(judged, True)
            elif doomed is None:
                engine.answer(event.job, True)

        ended = drain(engine, 5, on_epoch)
    diverged = ended.pop("wild")  # its own fault: it is not tried again, and its log comes back with it
    assert diverged.state == "failed" and "the loss is" in diverged.reason
    assert "TrainingError" in (tmp_path / "wild.log").read_text()
    assert {key: (end.state, end.reason) for key, end in ended.items()} == {
        j.key: ("done", "all epochs done") for j in jobs
    }
    assert all(epochs == [1, 2, 3] for epochs in seen.values())  # told once each, also of the job that began again
    for each in jobs:
        assert_done_as(expected, each.folder)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.cluster
def test_a_stopped_job_travels_to_its_node_and_goes_on(cluster: Any, expected: RunDir, tmp_path: Path) -> None:
    stopped, waiting = job(tmp_path / "run", judged=True), job(tmp_path / "waiting")
    with RayEngine(cluster.address, slots=2, shared=False) as engine:
        engine.start(stopped)
        engine.start(waiting)  # the only node left has room for one
        ended = drain(engine, 2, lambda event: engine.stop())
        assert {end.state for end in ended.values()} == {"interrupted"}
        assert len(Run(stopped.folder).history) == 1 and not waiting.folder.exists()
    with RayEngine(cluster.address) as engine:  # and now the node finds out that it shares this disk
        engine.start(job(tmp_path / "run"))
        assert drain(engine, 1)["run"].state == "done"
    assert_done_as(expected, stopped.folder)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.cluster
def test_a_job_whose_worker_is_lost_again_and_again_fails(cluster: Any, tmp_path: Path) -> None:
    import ray

    def die(*arguments: Any) -> None:
        os._exit(1)

    with RayEngine(cluster.address) as engine:
        engine._task = ray.remote(num_cpus=1, max_retries=0)(die)
        engine.start(job(tmp_path / "run"))
        end = drain(engine, 1)["run"]
    assert end.state == "failed" and end.reason.startswith("its worker was lost 3 times")


@pytest.mark.cluster
def test_more_than_any_node_has_is_refused(cluster: Any) -> None:
    with pytest.raises(ConfigError, match="a trial needs 64 CPU on one node of the cluster; the largest have 1 CPU"):
        RayEngine(cluster.address, cpus=64).__enter__()


@pytest.mark.cluster
def test_a_wrong_address_is_refused_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    for address in (f"127.0.0.1:{free}", f"ray://127.0.0.1:{free}"):
        with pytest.raises(ConfigError, match="nobody answers there") as caught:
            RayEngine(address).__enter__()
        assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(ConfigError, match='expected "auto", host:port or ray://host:port'):
        RayEngine("nonsense").__enter__()


@pytest.mark.cluster
def test_a_cluster_that_refuses_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ray = pytest.importorskip("ray")

    def refused(*arguments: Any, **options: Any) -> None:
        os.write(2, b"InvalidAuthToken\n" * 20)
        raise ConnectionError("Failed to connect\nand more")

    monkeypatch.setattr(ray, "init", refused)
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = "127.0.0.1:" + str(server.getsockname()[1])
        said = f"execution.address: {address}: Ray does not answer (Failed to connect)"
        with pytest.raises(ConfigError) as caught:
            RayEngine(address).__enter__()
        assert str(caught.value) == f"{said}; a cluster that asks for a token needs RAY_AUTH_MODE=token"
        monkeypatch.setenv("RAY_AUTH_MODE", "token")
        with pytest.raises(ConfigError) as caught:
            RayEngine(address).__enter__()
        assert str(caught.value) == said
    assert capfd.readouterr().err == ""


@pytest.mark.cluster
def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install 'cnnbench\[ray\]'"):
        RayEngine().__enter__()


@pytest.mark.cluster
def test_a_run_folder_travels_whole(tmp_path: Path) -> None:
    folder: Path = Job("k", tmp_path / "run", "").folder
    (folder / "plots").mkdir(parents=True)
    (folder / "plots" / "a.png").write_bytes(b"new")
    (tmp_path / "run.log").write_text("said")
    content = packed(folder)
    there = tmp_path / "there" / "run"
    there.mkdir(parents=True)
    (there / "old").touch()
    unpack(content, there)
    assert [p.name for p in there.rglob("*")] == ["plots", "a.png"]
    assert (there.parent / "run.log").read_text() == "said"
    assert sorted(p.name for p in there.parent.iterdir()) == ["run", "run.log"]
