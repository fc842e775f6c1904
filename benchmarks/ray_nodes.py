"""How much faster four nodes of a Ray cluster are than one, where each has a core's worth of work.

usage: python benchmarks/ray_nodes.py [JOBS] [SECONDS]

The nodes are processes on this machine that talk over loopback, with one CPU each by Ray's count. So that they need not
share its real cores, trainings sleep: a job's process tells of three epochs, each SECONDS long, and does nothing else.
All around it is as it is for trainings: Ray's scheduling, the task on its node, the process it starts, the events that
go back, and the next job as soon as one has ended. Ray's workers are started before the clock is.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any

import ray
from ray.cluster_utils import Cluster

from cnnbench.jobs import ray_task
from cnnbench.jobs.child import Child
from cnnbench.jobs.ray_engine import RayEngine
from cnnbench.jobs.types import Ended, Job
from cnnbench.machine.ray_quiet import OBJECT_STORE, QUIET

NODES, EPOCHS = 4, 3
PATIENT = {"RAY_raylet_start_wait_time_s": "120"}  # on a busy machine a node takes long to come up
SLEEPER = """
import json, sys, time
seconds = float(json.loads(sys.stdin.readline())["config"])
for epoch in range({epochs}):
    time.sleep(seconds)
    print(json.dumps({{"event": "epoch", "row": {{"epoch": epoch + 1}}, "epochs": {epochs}}}), flush=True)
print(json.dumps({{"event": "ended", "state": "done", "reason": "slept"}}), flush=True)
"""


def asleep(job: Job, log: IO[bytes], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Begin a process that sleeps through a job's epochs."""
    return subprocess.Popen(
        [sys.executable, "-S", "-c", SLEEPER.format(epochs=EPOCHS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env=environment,
        start_new_session=True,
    )


def run_asleep(errand: ray_task.Errand, board: Any) -> ray_task.Returned:
    """Carry out an errand whose process sleeps."""
    ray_task.Child = partial(Child, begin=asleep)  # type: ignore[assignment,misc]
    return ray_task.run_errand(errand, board)


def seconds(address: str, nodes: int, jobs: int, epoch: float) -> float:
    """Return how long jobs take on so many nodes, of which each has had one before."""
    with tempfile.TemporaryDirectory() as place, RayEngine(address) as engine:
        assert engine.slots == nodes
        engine._task = ray.remote(num_cpus=1, max_retries=0)(run_asleep)
        carry_out(engine, Path(place) / "first", nodes, epoch=1.0)
        began = time.perf_counter()
        carry_out(engine, Path(place) / "timed", jobs, epoch)
        return time.perf_counter() - began


def carry_out(engine: RayEngine, place: Path, jobs: int, epoch: float) -> None:
    """Run jobs, as many at a time as there are slots."""
    waiting, under_way = [Job(f"{place.name}-{i}", place / str(i), str(epoch)) for i in range(jobs)], 0
    while waiting or under_way:
        if waiting and under_way < engine.slots:
            engine.start(waiting.pop())
            under_way += 1
        elif isinstance(event := engine.next_event(1), Ended):
            assert event.state == "done", event
            under_way -= 1


def main() -> None:
    """Measure one node and then four of the same cluster."""
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 16
    epoch = float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
    os.environ.update(QUIET | PATIENT)
    node = {"num_cpus": 1, "object_store_memory": OBJECT_STORE}
    cluster = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    try:
        one = seconds(cluster.address, 1, jobs, epoch)
        print(f"1 node: {one:.1f} s for {jobs} jobs that sleep {EPOCHS * epoch:g} s", flush=True)
        for _ in range(NODES - 1):
            cluster.add_node(**node)
        cluster.wait_for_nodes()
        several = seconds(cluster.address, NODES, jobs, epoch)
    finally:
        cluster.shutdown()
    print(f"{NODES} nodes: {several:.1f} s, {one / several:.2f} times as fast")


if __name__ == "__main__":
    main()
