"""The same application on Ray Serve: several replicas behind one address, on this machine or on a cluster."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from cnnbench.errors import ConfigError, first_line
from cnnbench.machine.cpu import available_cores
from cnnbench.machine.interrupt import stop_on_signals
from cnnbench.machine.ray_quiet import OBJECT_STORE, QUIET, handlers_kept
from cnnbench.machine.runtime import silenced_stderr
from cnnbench.serve.recipe import Recipe

NAME = "cnnbench"
LOOK = 0.2  # seconds between looks at whether a signal came


def serve_on_ray(
    recipe: Recipe, replicas: int, cluster: str | None, host: str, port: int, ready: Callable[[], None]
) -> None:
    """Serve until SIGTERM, then finish what is under way; `ready` is called when requests are answered.

    `cluster` is the address of a running one; None starts one on this machine. Raises ConfigError where it does not
    start, KeyboardInterrupt after Ctrl-C.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    import ray

    with handlers_kept(), silenced_stderr():
        _connect(ray, replicas, cluster)
    try:
        with stop_on_signals() as request:
            _deploy(recipe, replicas, host, port)
            ready()
            while not request.signals:
                time.sleep(LOOK)
            _end()
        if request.signal_name == "SIGINT":
            raise KeyboardInterrupt
    finally:
        with handlers_kept(), silenced_stderr():
            ray.shutdown()


def _connect(ray: Any, replicas: int, cluster: str | None) -> None:
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if cluster is None:
        cpus = max(available_cores(), replicas)
        options |= {"num_cpus": cpus, "object_store_memory": OBJECT_STORE, "include_dashboard": False}
    try:
        ray.init(cluster or "local", **options)
    except (ConnectionError, RuntimeError, ValueError, OSError) as e:
        where = cluster or "a cluster on this machine"
        raise ConfigError(f"--cluster {where}: Ray does not answer ({first_line(e)})") from None


def _deploy(recipe: Recipe, replicas: int, host: str, port: int) -> None:
    from ray import serve

    def build() -> FastAPI:
        return recipe.application()

    deployment = serve.deployment(serve.ingress(build)()).options(
        name=NAME,
        num_replicas=replicas,
        max_ongoing_requests=recipe.limits.requests + 1,  # one more, so that it is refused by the application itself
        ray_actor_options={"num_cpus": 1},
    )
    with silenced_stderr():
        serve.start(http_options={"host": host, "port": port})
        try:
            serve.run(deployment.bind(), name=NAME, route_prefix="/")
        except RuntimeError as e:
            raise ConfigError(f"the replicas do not start ({first_line(e)})") from None


def _end() -> None:
    from ray import serve

    with silenced_stderr():
        serve.delete(NAME)  # waits for what is under way
        serve.shutdown()
