"""What JAX compiles, kept on this machine: a network that was trained here before need not be compiled again."""

from __future__ import annotations

import hashlib
import os
import sys

from cnnbench.files.cache import cache_folder, trim
from cnnbench.machine.cpu import cpu_flags, processor

FOLDER = "compiled"
MOST = 2 * 10**9  # bytes
PLACE = "JAX_COMPILATION_CACHE_DIR"
ALL = {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0", "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "0"}


def keep_compiled() -> None:
    """Have JAX, which is about to be imported, keep what it compiles, unless the user has said where or whether.

    What was kept first goes first where it becomes too much. A file that a killed process has left unfinished is
    compiled anew each time. Where nothing can be written, nothing is kept.
    """
    if PLACE in os.environ or "jax" in sys.modules:
        return
    folder = cache_folder(FOLDER).absolute() / _kind_of_processor()  # a job may work in another folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    if os.access(folder, os.W_OK):
        trim(folder.parent, MOST, pattern="*/*-cache")
        for name, value in {PLACE: str(folder), **ALL}.items():
            os.environ.setdefault(name, value)


def _kind_of_processor() -> str:
    """Return what tells processors apart that may share a home: JAX looks at no more than that it is one."""
    told = [processor(), *sorted(cpu_flags())]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
