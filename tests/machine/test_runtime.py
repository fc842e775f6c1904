"""Start-up: quiet, with the cores there are, on the backend asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnnbench.errors import ConfigError
from cnnbench.machine import cpu, runtime
from tests import tools
from tests.tools import tiny, write_config


@pytest.mark.parametrize(("asked", "backend"), [(None, "tensorflow"), ("jax", "jax")], ids=["tensorflow", "jax"])
def test_keras_starts_computes_saves_and_loads_without_a_word(asked: str | None, backend: str, tmp_path: Path) -> None:
    """Keras imports TensorFlow to save and load on every backend; it does without JAX, which it would import."""
    pytest.importorskip(backend)
    code = f"""
import sys
from cnnbench.machine import cpu, runtime
print(runtime.start({asked!r}))
import keras
keras.ops.ones(3) + 1
from pathlib import Path
from cnnbench.model.archive import load_model, save_model
pixels = keras.Input((4, 4, 1))
save_model(keras.Model(pixels, keras.layers.Flatten()(pixels)), Path("model.keras"))
print(load_model(Path("model.keras")).output_shape, "jax" in sys.modules)
"""
    environment = {k: v for k, v in os.environ.items() if k not in runtime.QUIET}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**environment, "PYTHONPATH": str(Path.cwd())},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{backend}\n(None, 16) {backend == 'jax'}\n", "")


@pytest.mark.slow
def test_a_training_on_another_backend_has_no_lines_of_tensorflow(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    config = write_config(tmp_path, tiny(train__epochs=1))
    done = subprocess.run(
        [sys.executable, "-m", "cnnbench", "train", config, "--quiet", "--backend", "torch"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**{k: v for k, v in os.environ.items() if k not in runtime.QUIET}, "PYTHONPATH": str(Path.cwd())},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_held_back_lines_are_shown_when_something_fails(capfd: pytest.CaptureFixture[str]) -> None:
    with runtime.silenced_stderr():
        os.write(2, b"banner\n")
    assert capfd.readouterr().err == ""
    with pytest.raises(ImportError), runtime.silenced_stderr():
        os.write(2, b"the cause\n")
        raise ImportError
    assert capfd.readouterr().err == "the cause\n"


def test_an_unknown_backend_names_the_closest() -> None:
    with pytest.raises(ConfigError, match=r"--backend pytorch: unknown; allowed are tensorflow, jax, torch"):
        runtime.checked("pytorch")
    assert runtime.checked(None) is None
    assert runtime.checked("jax") == "jax"


@pytest.mark.parametrize("name", ["nonsense", "numpy", "Tensorflow"])
def test_a_backend_of_the_environment_that_is_none_is_one_line(name: str, tmp_path: Path) -> None:
    done = tools.cnnbench("train", "lenet5-digits", cwd=tmp_path, KERAS_BACKEND=name)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert f'KERAS_BACKEND: "{name}" is no backend; allowed are tensorflow, jax, torch' in line


@pytest.mark.parametrize("settings", ['{"backend": "nonsense"}', '{"floatx": "float3"}', '{"backend": "numpy"}'])
def test_so_is_one_of_keras_own_settings(settings: str, tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text(settings, encoding="utf-8")
    done = tools.cnnbench("train", "lenet5-digits", cwd=tmp_path, KERAS_HOME=str(tmp_path), KERAS_BACKEND="")
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert f"{tmp_path / 'keras.json'}: " in line


@pytest.mark.slow
def test_a_window_system_for_plots_means_nothing(tmp_path: Path) -> None:
    config = tools.write_config(tmp_path, tools.tiny(train__epochs=1))
    done = tools.cnnbench("train", config, cwd=tmp_path, MPLBACKEND="nonsense")
    assert done.returncode == 0, done.stderr
    assert (tools.only_run(tmp_path / "outputs") / "report.html").exists()


def test_a_running_backend_cannot_be_changed() -> None:
    assert runtime.start() == "tensorflow"
    with pytest.raises(ConfigError, match="this process already runs Keras on tensorflow"):
        runtime.start("jax")


def test_the_record_of_the_machine() -> None:
    runtime.start()
    found = runtime.describe("tensorflow", "float32", None, "cnnbench train x")
    assert found["packages"]["keras"] == runtime.package_versions()["keras"]
    assert found["devices"] == [cpu.processor()]
    assert found["threads"] == cpu.available_cores()
    assert found["command"] == "cnnbench train x"
