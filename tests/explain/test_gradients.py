"""The gradient of each backend, in a process that has it, against TensorFlow's in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from cnnbench.explain.gradients.choose import value_and_gradient

ROOT = Path(__file__).parents[2]
CODE = """
import sys
import keras, numpy as np
from cnnbench.explain.gradients.choose import value_and_gradient

def function(x):
    return keras.ops.sum(keras.ops.tanh(x) * keras.ops.flip(x, axis=1), axis=(1, 2))

if __name__ == "__main__":
    value, gradient = value_and_gradient(function, np.load(sys.argv[1]))
    unconnected = value_and_gradient(lambda x: keras.ops.zeros((len(x),)) + 0 * x[:, 0, 0], np.load(sys.argv[1]))[1]
    assert keras.backend.backend() == sys.argv[3] and not unconnected.any()
    np.savez(sys.argv[2], value=value, gradient=gradient)
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", [name for name in ("jax", "torch") if find_spec(name)])
def test_a_backend_gives_what_tensorflow_gives(backend: str, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    arguments = [sys.executable, "-c", CODE, str(tmp_path / "x.npy"), str(tmp_path / "out.npz"), backend]
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    space: dict[str, object] = {"__name__": "other"}
    exec(CODE, space)
    value, gradient = value_and_gradient(space["function"], x)  # type: ignore[arg-type]
    with np.load(tmp_path / "out.npz") as found:
        np.testing.assert_allclose(found["value"], value, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(found["gradient"], gradient, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(value, (np.tanh(x) * x[:, ::-1]).sum(axis=(1, 2)), rtol=1e-5, atol=1e-6)
