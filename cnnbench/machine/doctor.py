"""What this machine has, measured where a flag alone says little."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from cnnbench import __version__
from cnnbench.machine import cpu, runtime

MATRIX = 1024


def examine(
    backend: runtime.Backend | None, show: Callable[[str], None] = lambda text: None
) -> dict[str, dict[str, Any]]:
    """Return versions, processor and GPUs, and the speed of each precision.

    `show` is told what is being done.
    """
    show("starting Keras")
    began = time.perf_counter()
    running = runtime.start(backend)
    seconds = time.perf_counter() - began
    show("measuring the precisions")
    return {
        "versions": {"cnnbench": __version__, "python": platform.python_version(), **runtime.package_versions()},
        "machine": {
            "system": platform.platform(),
            "processor": cpu.processor(),
            "cores this process may use": cpu.available_cores(),
            "memory": _memory(),
            "free disk here": _disk(),
        },
        "backend": {
            "name": running,
            "start-up": f"{seconds:.1f} s",
            "devices": runtime.devices(running),
            "GPU": "yes" if runtime.has_gpu(running) else "no; training runs on the CPU",
            "installed": [name for name in runtime.BACKENDS if _is_installed(name)],
        },
        "precision": _precision(),
    }


def _is_installed(name: str) -> bool:
    return name in sys.modules or find_spec(name) is not None


def _memory() -> str:
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return f"{pages * size / 2**30:.1f} GiB"


def _disk() -> str:
    return f"{shutil.disk_usage('.').free / 2**30:.1f} GiB"


def _precision() -> dict[str, str]:
    """Time one matrix product in each precision; a network gains less or more, which `precision: auto` measures."""
    return {
        dtype: f"{_product_speed(dtype):.0f} GFLOP/s, {MATRIX}x{MATRIX} matrices" for dtype in ("float32", "bfloat16")
    }


def _product_speed(dtype: str) -> float:
    from keras import ops

    a = ops.cast(ops.ones((MATRIX, MATRIX)), dtype)
    times = []
    for _ in range(6):  # the first one warms up
        start = time.perf_counter()
        ops.convert_to_numpy(ops.cast(ops.matmul(a, a)[0, 0], "float32"))
        times.append(time.perf_counter() - start)
    return float(2 * MATRIX**3 / min(times[1:]) / 1e9)
