from __future__ import annotations

import keras
import numpy as np

from cnnbench.model.dropout import dropped
from cnnbench.views.charts.maps import before_and_after
from tests.report.test_plots import assert_readable


def network() -> keras.Model:
    inputs = keras.Input((6, 6, 2))
    x = keras.layers.SpatialDropout2D(0.5, seed=3, name="maps")(inputs)
    x = keras.layers.Flatten()(x)
    return keras.Model(inputs, keras.layers.Dropout(0.25, seed=1, name="values")(x))


def test_whole_maps_and_single_values_are_dropped_and_the_rest_made_larger() -> None:
    image = np.full((6, 6, 2), 3.0, np.float32)
    maps, values = dropped(network(), image)
    assert (maps.name, maps.kind, maps.rate, values.kind) == ("maps", "SpatialDropout2D", 0.5, "Dropout")
    for channel in range(2):
        (kept,) = np.unique(maps.after[:, :, channel])
        assert kept in (0, 6)
    assert values.before.shape == (1, 1, 72) and (values.before == 3).all()  # no map was dropped before it
    assert set(np.unique(values.after)) == {0, 4}
    assert 0.1 < values.set_to_zero < 0.4 and values.set_to_zero == (values.after == 0).mean()


def test_maps_and_vectors_are_readable() -> None:
    random = np.random.default_rng(0).normal(size=(9, 5, 12))
    for before in (random, random[:1, :1], np.zeros((1, 1, 100))):
        assert_readable(before_and_after("dropout: Dropout, rate 0.5, 48.0 % set to 0", before, before / 2))
