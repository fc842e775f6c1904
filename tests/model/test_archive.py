"""A network is saved whatever the clock shows, and opened whichever of our layers it has."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from cnnbench.model.admitted import OUR_LAYERS
from cnnbench.model.archive import load_model, save_model
from cnnbench.model.layers import CUSTOM, GroupedConv2D


@pytest.mark.parametrize("year", [1970, 2026, 2150])
def test_a_clock_outside_of_the_years_of_zip(year: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = keras.Input((3,))
    model = keras.Model(pixels, keras.layers.Dense(2)(pixels))
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: (year - 1970) * 365.25 * 86400 + 864000)
        save_model(model, tmp_path / "model.keras")
    assert zipfile.time is time  # type: ignore[attr-defined]
    again = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        assert archive.getinfo("model.weights.h5").date_time[0] == (2026 if year == 2026 else 1980)


def test_every_layer_of_ours_is_admitted() -> None:
    made = [kind for kind in (*CUSTOM.values(), GroupedConv2D) if isinstance(kind, type)]
    assert set(OUR_LAYERS) == {kind.__name__ for kind in made}
