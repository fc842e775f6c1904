"""Which arithmetic a run uses: what the file says, or for `auto` what this machine is faster with."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up
import numpy as np

from cnnbench.config.schema import Config
from cnnbench.errors import OutputError
from cnnbench.files.cache import alone, cache_folder
from cnnbench.files.whole import write_json
from cnnbench.machine.cpu import available_cores, cpu_flags
from cnnbench.machine.runtime import devices, has_gpu, package_versions
from cnnbench.model.policy import built_in
from cnnbench.seeds import Stream, generator
from cnnbench.training.compile import compile_model

STEPS = 6
GAIN = 1.05  # below this the gain drowns in noise and float32 is kept


@dataclass(frozen=True)
class Precision:
    """A Keras dtype policy and why it was chosen."""

    policy: str
    reason: str


def choose(
    config: Config, input_shape: tuple[int, int, int], classes: int, build: Callable[[], Any], *, measure: bool = True
) -> Precision:
    """Return the policy for this run.

    `auto` times a few training steps of the network in float32 and in bfloat16, once for each network, batch size and
    machine: the answer is kept in the user's cache, so that the same configuration gives the same numbers next time.
    With `measure` off, `auto` is float32.
    """
    wanted = config.train.precision
    if wanted != "auto":
        return Precision(wanted, "as configured")
    if not measure:
        return Precision("float32", "auto, not measured for a smoke run")
    if not _bfloat16_in_hardware():
        return Precision("float32", "auto: no bfloat16 in this processor or GPU")
    kept = _cache_file(config, input_shape, classes)
    with alone(kept):
        if (seconds := _read(kept)) is not None:
            return _decide(seconds, "measured earlier")
        seconds = {policy: _step_seconds(policy, config, input_shape, classes, build) for policy in _POLICIES}
        with suppress(OutputError):  # then it is measured again next time
            write_json(kept, seconds)
    return _decide(seconds, "measured")


_POLICIES = ("float32", "mixed_bfloat16")


def _read(kept: Path) -> dict[str, float] | None:
    """Return the seconds measured earlier, or None where there are none that can be read."""
    try:
        seconds = json.loads(kept.read_text(encoding="utf-8"))
        return {policy: float(seconds[policy]) for policy in _POLICIES}
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _decide(seconds: dict[str, float], how: str) -> Precision:
    ratio = seconds["float32"] / seconds["mixed_bfloat16"]
    policy = "mixed_bfloat16" if ratio >= GAIN else "float32"
    return Precision(policy, f"auto, {how}: a step in bfloat16 runs at {ratio:.2f} times the speed of float32")


def _bfloat16_in_hardware() -> bool:
    backend = keras.backend.backend()
    if not has_gpu(backend):
        return bool({"avx512_bf16", "amx_bf16", "bf16"} & cpu_flags())
    if backend == "tensorflow":
        import tensorflow as tf

        gpu = tf.config.list_physical_devices("GPU")[0]
        capability = tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0))
        return bool(capability >= (8, 0))
    if backend == "torch":
        import torch

        return bool(torch.cuda.is_bf16_supported())
    return True  # JAX runs on TPUs and on GPUs that have it


def _cache_file(config: Config, input_shape: tuple[int, int, int], classes: int) -> Path:
    backend = keras.backend.backend()
    parts = [
        devices(backend),
        config.train.threads or available_cores(),
        backend,
        package_versions().get(backend),
        keras.__version__,
        config.model.model_dump(mode="json"),
        list(input_shape),
        classes,
        config.train.batch_size,
    ]
    key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
    return cache_folder("precision") / f"{key}.json"


def _step_seconds(
    policy: str, config: Config, input_shape: tuple[int, int, int], classes: int, build: Callable[[], Any]
) -> float:
    """Return the fastest of a few training steps: noise on a shared machine only ever adds time."""
    with built_in(policy):
        model = build()
    compile_model(model, config.train, 1, has_gpu(keras.backend.backend()))
    draw = generator(Stream.TIMING, 0)
    images = draw.uniform(0, 255, (config.train.batch_size, *input_shape)).astype(np.float32)
    labels = np.eye(classes, dtype=np.float32)[draw.integers(0, classes, config.train.batch_size)]
    model.train_on_batch(images, labels)
    times = []
    for _ in range(STEPS):
        start = time.perf_counter()
        model.train_on_batch(images, labels)
        times.append(time.perf_counter() - start)
    return min(times)
