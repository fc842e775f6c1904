"""Set before anything imports Keras: quiet, on the CPU, with nothing of the user's machine mixed in."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

import pytest

from cnnbench.jobs import preloaded
from cnnbench.machine.cpu import available_cores
from tests import drawing
from tests.shared_server import shared_server

Result = TypeVar("Result")

SET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "COLUMNS": "200", "CNNBENCH_PREPARED_GB": "0"}
for name, value in SET.items():
    os.environ.setdefault(name, value)
# As many as `cnnbench` takes, also where a test starts TensorFlow itself: it would take every core of the machine where
# a cgroup gives fewer, keep to that in this process, and sum up in another order than a process of `cnnbench`.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(available_cores()))

drawing.only_if_asked()

# What can only run on another backend than TensorFlow is not collected where none is installed.
collect_ignore = [] if find_spec("jax") or find_spec("torch") else ["test_backends.py"]

# The files that take longest, in that order: workers begin with them, so that none is left with one at the end.
LONGEST = (
    "test_readme.py",
    "sweep/test_execute.py",
    "test_backends.py",
    "training/distributed/test_replicas.py",
    "cli/test_repeats.py",
    "jobs/test_ray_engine.py",
    "test_generated.py",
    "sinks/test_mlflow.py",
    "sweep/run/test_conductor.py",
    "jobs/test_local.py",
    "experiment/test_ending.py",
    "training/test_staged_fit.py",
    "model/test_architectures.py",
    "machine/test_runtime.py",
    "experiment/test_resume.py",
    "model/weights/test_parity.py",
    "cli/test_reproduce.py",
    "jobs/test_preloaded.py",
    "learners/keras/test_features.py",
    "experiment/test_execute.py",
    "test_notebook.py",
    "config/network/test_shapes.py",
    "docs/test_outputs.py",
    "cli/test_train.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = Path(__file__).parent
    places = {folder / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish() -> None:
    """Spare each collection of garbage what stays to the end: Keras collects with every session it clears."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Result, Result]:
    """Leave out what takes longer than the small trainings of most tests, where these look at other things.

    Figures are drawn in tests marked `drawn`; a process for jobs to be forked from is started by those marked
    `own_server`, others share one.
    """
    asked = {drawing.ASKED: "1"} if item.get_closest_marker("drawn") is not None else {}
    start = preloaded.Server if item.get_closest_marker("own_server") is not None else shared_server
    with patch.dict(os.environ, asked), patch.object(preloaded, "Server", start):
        return (yield)
