"""Bringing Keras and its backend up: quiet, with sane threads, and described for the record."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from cnnbench import __version__
from cnnbench.errors import ConfigError, did_you_mean, first_line, shortened
from cnnbench.machine.compiled import keep_compiled
from cnnbench.machine.cpu import available_cores, processor
from cnnbench.machine.interrupt import unswallowed
from cnnbench.machine.sparing import JAX, spared, uncollected, without

Backend = Literal["tensorflow", "jax", "torch", "numpy"]
KERAS: tuple[Backend, ...] = ("tensorflow", "jax", "torch")  # those that Keras runs on
BACKENDS: tuple[Backend, ...] = (*KERAS, "numpy")

QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_DEPRECATION_WARNINGS": "0",
    "GRPC_VERBOSITY": "ERROR",
    "GLOG_minloglevel": "3",
    "ABSL_MIN_LOG_LEVEL": "3",
}
PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn", "matplotlib", "pillow", "jax", "torch")


def checked(backend: str | None) -> Backend | None:
    """Return a backend's name as a type; raises ConfigError for an unknown one."""
    for known in BACKENDS:
        if backend == known:
            return known
    if backend is None:
        return None
    raise ConfigError(
        f"--backend {backend}: unknown; allowed are {', '.join(BACKENDS)}{did_you_mean(backend, BACKENDS)}"
    )


@contextmanager
def silenced_stderr() -> Iterator[None]:
    """Hold back what C++ writes to file descriptor 2; it is shown if the block fails."""
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except Exception:
            sys.stderr.flush()
            held.seek(0)
            with suppress(OSError):
                os.write(saved, held.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(saved, 2)
            os.close(saved)


_ahead = False  # whether Keras has been imported by `import_ahead`


def import_ahead() -> Backend:
    """Import Keras and its backend as `start` does, which then finds them, but start nothing of the backend."""
    global _ahead
    _ahead = True
    return _import(None)


def start(backend: Backend | None = None, threads: int | None = None) -> Backend:
    """Import Keras on `backend` without noise, with `threads` CPU threads and GPU memory growing as needed.

    Without `threads` it takes the cores this process may use, or leaves a TensorFlow that is already running as it is.
    Only the first call in a process chooses the backend; a later call for another one raises ConfigError, and so does
    one for a backend that is not Keras'.
    """
    if backend is not None and backend not in KERAS:
        raise ConfigError(f"--backend {backend}: Keras does not run on it; allowed here are {', '.join(KERAS)}")
    first = _ahead or "keras" not in sys.modules
    running = _import(backend)
    if first and running == "tensorflow":
        _start_tensorflow()
    try:
        _set_threads(running, threads or available_cores())
    except ConfigError:
        if threads is not None:
            raise
    return running


def _import(backend: Backend | None) -> Backend:
    """Return the backend that Keras runs on, which the first import decides."""
    if "keras" not in sys.modules:
        return _first_import(backend)
    import keras

    running: Backend = keras.backend.backend()
    if backend is not None and backend != running:
        raise ConfigError(f"--backend {backend}: this process already runs Keras on {running}")
    return running


def _first_import(backend: Backend | None) -> Backend:
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    if backend is not None:
        os.environ["KERAS_BACKEND"] = backend
    _refuse_backend(os.environ.get("KERAS_BACKEND") or "tensorflow", "KERAS_BACKEND")
    if _expected() == "jax":
        keep_compiled()
    try:
        with unswallowed(), silenced_stderr(), uncollected(), _sparing():
            import keras
    except ModuleNotFoundError as e:
        if e.name not in KERAS:
            raise
        raise ConfigError(f"--backend {backend or e.name}: the package {e.name} is not installed") from None
    except (ValueError, AssertionError) as e:  # what Keras says of values in its file that mean nothing to it
        raise ConfigError(f"{_keras_settings()}: Keras does not start with it ({first_line(e)})") from e
    running: Backend = keras.backend.backend()
    _refuse_backend(running, f"{_keras_settings()}: backend")
    return running


def _refuse_backend(name: str, where: str) -> None:
    if name not in KERAS:
        hint = did_you_mean(name, KERAS)
        raise ConfigError(f'{where}: "{shortened(name)}" is no backend; allowed are {", ".join(KERAS)}{hint}')


def _sparing() -> AbstractContextManager[None]:
    return spared() if _expected() == "tensorflow" else nullcontext()


def _expected() -> str:
    """Return the backend that Keras will choose: the environment's, else that of its own settings, else TensorFlow."""
    with suppress(OSError, ValueError, AttributeError):  # which Keras tells
        settings = json.loads(_keras_settings().read_text(encoding="utf-8"))
        return os.environ.get("KERAS_BACKEND") or str(settings.get("backend", "tensorflow"))
    return os.environ.get("KERAS_BACKEND") or "tensorflow"


def _keras_settings() -> Path:
    """Return the file that Keras reads; who has no home that can be written to has another one."""
    if "KERAS_HOME" in os.environ:
        return Path(os.environ["KERAS_HOME"]) / "keras.json"
    try:
        home = Path.home()
    except RuntimeError:
        home = Path("/tmp")
    return (home if os.access(home, os.W_OK) else Path("/tmp")) / ".keras" / "keras.json"


def import_tensorflow() -> None:
    """Import TensorFlow, where it is installed, without what it says: Keras would do so on other backends too."""
    with suppress(ImportError), unswallowed(), silenced_stderr(), without(JAX):
        import tensorflow  # noqa: F401


def _start_tensorflow() -> None:
    with unswallowed(), silenced_stderr():
        import tensorflow as tf

        tf.get_logger().setLevel("ERROR")
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, True)


def _set_threads(backend: Backend, threads: int) -> None:
    if backend == "tensorflow":
        import tensorflow as tf

        if tf.config.threading.get_intra_op_parallelism_threads() == threads:
            return
        try:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(max(2, threads))
        except RuntimeError:
            raise ConfigError(
                f"train.threads: {threads}: TensorFlow is already running in this process with another number"
            ) from None
        return
    if backend == "torch":
        import torch

        torch.set_num_threads(threads)
    # JAX takes its threads from the cores the process may use and has no setting for it.


def devices(backend: Backend) -> list[str]:
    """Return the names of the devices the backend computes on."""
    if backend == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        names = [str(tf.config.experimental.get_device_details(g).get("device_name", g.name)) for g in gpus]
        return names or [processor()]
    if backend == "torch":
        import torch

        if torch.cuda.is_available():
            return [str(torch.cuda.get_device_name(i)) for i in range(torch.cuda.device_count())]
        return [processor()]
    import jax

    kinds = [d.device_kind for d in jax.devices()]
    return [processor()] if kinds == ["cpu"] else kinds


def has_gpu(backend: Backend) -> bool:
    """Return whether the backend computes on something other than the CPU."""
    return devices(backend) != [processor()]


@cache
def package_versions() -> dict[str, str]:
    """Return the version of each package a result depends on, as it was installed when this process first asked."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def git_commit(folder: Path) -> str | None:
    """Return the commit checked out at `folder`, marked "-dirty" with local changes; None outside a repository."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None


def describe(
    backend: Backend | None, precision: str, threads: int | None, command: str | None, learner: str = "keras"
) -> dict[str, Any]:
    """Return what `environment.json` records about this machine and process; a learner may have no backend."""
    computed = {"devices": devices(backend) if backend in KERAS else [processor()]}
    return {
        "cnnbench": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": processor(),
        "packages": package_versions(),
        "learner": learner,
        **({} if backend is None else {"backend": backend}),
        **computed,
        "precision": precision,
        "threads": threads or available_cores(),
        "git_commit": git_commit(Path()),
        "command": command or "(called from Python)",
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
