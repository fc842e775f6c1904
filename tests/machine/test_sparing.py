"""What Keras only looks for is left out in processes of our own, and there again afterwards."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnnbench.machine import sparing
from tests.tools import ROOT

BESIDE = """
import sys
from cnnbench.machine import runtime, sparing
sparing.alone_in_process()
print(runtime.start())
print([name for name in sparing.OPTIONAL if name in sys.modules])
import pandas, scipy.stats, sklearn.base, matplotlib.figure
import keras, numpy as np
network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
network.compile("sgd", "mse")
network.fit(np.ones((4, 4)), np.ones((4, 2)), verbose=0)
"""


def test_packages_are_absent_for_as_long_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparing, "_alone", True)
    monkeypatch.setattr(sparing, "OPTIONAL", ("colorsys", "json"))
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with pytest.raises(ValueError, match="stop"), sparing.spared():
        import json as there

        assert there is json
        with pytest.raises(ModuleNotFoundError):
            import colorsys
        raise ValueError("stop")
    import colorsys

    assert colorsys.rgb_to_hsv(0, 0, 1)[2] == 1


def test_in_a_process_of_the_user_nothing_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparing, "_alone", False)
    monkeypatch.setattr(sparing, "OPTIONAL", ("colorsys",))
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with sparing.spared():
        import colorsys
    assert sys.modules["colorsys"] is colorsys


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_is_looked_for_again_after_an_import(
    alone: bool, enabled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparing, "_alone", alone)
    before = gc.get_freeze_count()
    try:
        if not enabled:
            gc.disable()
        with pytest.raises(ValueError, match="stop"), sparing.uncollected():
            assert not gc.isenabled()
            raise ValueError("stop")
        assert gc.isenabled() == enabled
        assert (gc.get_freeze_count() > before) == alone
    finally:
        gc.unfreeze()
        gc.enable()


@pytest.mark.slow
@pytest.mark.parametrize(("told", "left"), [({}, "[]"), ({"backend": "jax"}, None)])
def test_keras_comes_up_and_trains_without_them(told: dict[str, str], left: str | None, tmp_path: Path) -> None:
    """Not on JAX, which cannot do without SciPy and is there before Keras asks for it."""
    if told:
        pytest.importorskip("jax")
    (tmp_path / "keras.json").write_text(json.dumps(told))
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    environment |= {"KERAS_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", BESIDE], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    backend, beside = done.stdout.splitlines()
    assert backend == told.get("backend", "tensorflow") and (left is None or beside == left)
