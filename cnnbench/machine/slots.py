"""How many trainings this machine carries at a time."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from cnnbench.machine.cpu import available_cores

TRAINING_BYTES = 1.5 * 2**30  # what a training with TensorFlow and CIFAR-10 in memory takes, with some air


def gpus() -> list[str]:
    """Return the names by which CUDA_VISIBLE_DEVICES knows this process' GPUs, without starting a framework."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [name for name in visible.split(",") if name and name != "-1"]
    try:
        listed = subprocess.run(["nvidia-smi", "--list-gpus"], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return []
    return [str(i) for i, line in enumerate(listed.stdout.splitlines()) if line.startswith("GPU")]


def slots() -> int:
    """Return a training per GPU, or per core as far as memory goes."""
    if found := gpus():
        return len(found)
    return max(1, min(available_cores(), int(free_bytes() // TRAINING_BYTES)))


def threads(slots: int) -> int | None:
    """Return each training's share of the cores, None where it has all of them."""
    return None if slots == 1 else max(1, available_cores() // slots)


def free_bytes() -> float:
    """Return how much memory is free, the control group's limit included; infinite where nobody says."""
    free = [float("inf")]
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free += [1024.0 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        if limit != "max":
            free.append(int(limit) - int(Path("/sys/fs/cgroup/memory.current").read_text()))
    except OSError:
        pass
    return min(free)
