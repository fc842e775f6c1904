"""The same network asked in Keras and in plain NumPy, and gradients held to differences."""

from __future__ import annotations

import numpy as np

from cnnbench.data.stores import ArrayStore
from cnnbench.data.types import Split
from cnnbench.explain.subjects.keras_network import KerasSubject
from cnnbench.explain.subjects.plain import PlainSubject

Both = tuple[KerasSubject, PlainSubject]
CLOSE = {"rtol": 2e-3, "atol": 1e-5}


def test_both_give_the_same(both: Both, noise: np.ndarray) -> None:
    keras, plain = both
    np.testing.assert_allclose(keras.baseline, plain.baseline)
    np.testing.assert_allclose(keras.predict(noise), plain.predict(noise), **CLOSE)
    np.testing.assert_allclose(keras.features(noise), plain.features(noise), **CLOSE)
    assert keras.features(noise).shape == (5, 9)
    for ours, theirs in zip(
        (*keras.chance_and_gradient(noise, 2), *keras.maps_and_gradients(noise, 2)),
        (*plain.chance_and_gradient(noise, 2), *plain.maps_and_gradients(noise, 2)),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, **CLOSE)


def test_both_have_the_same_layers_filters_and_dead_units(both: Both, noise: np.ndarray) -> None:
    keras, plain = both
    assert plain.maps_layer == keras.maps_layer == "conv2d_2"
    for ours, theirs in zip(keras.layers(noise[0])[:-2], plain.layers(noise[0])[:-1], strict=True):
        assert ours.name == theirs.name
        np.testing.assert_allclose(ours.maps, theirs.maps, **CLOSE)
    (name, kernel), (same, other) = keras.filters() or ("", None), plain.filters() or ("", None)
    assert name == same == "conv2d_1"
    np.testing.assert_array_equal(kernel, other)
    split = Split(ArrayStore(noise), np.arange(5), np.zeros(5, np.int64))
    assert keras.dead_units(split) == plain.dead_units(split)
    assert list(plain.dead_units(split)) == ["conv2d_1", "conv2d_2", "dense_1"]


def test_gradients_are_the_slope_of_the_probability(both: Both, noise: np.ndarray) -> None:
    for subject in both:
        image = noise[:1]
        chance, gradient = subject.chance_and_gradient(image, 1)
        np.testing.assert_allclose(chance, subject.predict(image)[:, 1], rtol=1e-4)
        direction = gradient / np.linalg.norm(gradient)
        after, before = (subject.chance_and_gradient(image + step * direction, 1)[0] for step in (0.5, -0.5))
        np.testing.assert_allclose(after - before, np.linalg.norm(gradient), rtol=0.05)


def test_shuffled_weights_are_others_and_come_back(both: Both, noise: np.ndarray) -> None:
    for subject in both:
        before = subject.predict(noise), subject.features(noise)
        with subject.shuffled(seed=0):
            assert not np.allclose(subject.predict(noise), before[0], atol=0.01)
            assert not np.allclose(subject.features(noise), before[1], atol=0.01)
        np.testing.assert_array_equal(subject.predict(noise), before[0])
        np.testing.assert_array_equal(subject.features(noise), before[1])
