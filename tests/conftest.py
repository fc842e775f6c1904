"""Set before anything imports Keras: quiet, on the CPU, with nothing of the user's machine mixed in."""

from __future__ import annotations

import os
from importlib.util import find_spec

for name, value in {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "COLUMNS": "200"}.items():
    os.environ.setdefault(name, value)

# What can only run on another backend than TensorFlow is not collected where none is installed.
collect_ignore = [] if find_spec("jax") or find_spec("torch") else ["test_backends.py"]
