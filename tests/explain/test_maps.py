"""Maps of networks whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from cnnbench.explain import maps
from cnnbench.explain.effort import effort
from cnnbench.explain.looked import look
from cnnbench.explain.maps import GAP, LEAST, grad_cam, integrated_gradients, occlusion
from cnnbench.explain.scores import random_scores, rank_correlation, score
from cnnbench.explain.subjects.keras_network import KerasSubject
from cnnbench.explain.subjects.plain import PlainSubject
from tests.explain.conftest import CORNER, SIDE

INSIDE = np.zeros((SIDE, SIDE), bool)
INSIDE[:CORNER, :CORNER] = True


def picture() -> np.ndarray:
    """Return random grey values, the same in and out of the corner."""
    return np.random.default_rng(0).integers(60, 256, (SIDE, SIDE, 1)).astype(np.float32)


def test_integrated_gradients_point_at_the_corner_and_nowhere_else(corner: KerasSubject) -> None:
    found = integrated_gradients(corner, picture(), 1, corner.baseline).values
    assert (found[INSIDE] > 0).all() and not found[~INSIDE].any()
    np.testing.assert_allclose(integrated_gradients(corner, picture(), 0, corner.baseline).values, -found, atol=1e-4)


def test_occlusion_points_at_the_corner(corner: KerasSubject) -> None:
    (found,) = occlusion(corner, picture(), [1])
    assert found.values[:3, :3].min() > 0.01
    assert np.abs(found.values[CORNER + 2 :]).max() < 1e-6 and np.abs(found.values[:, CORNER + 2 :]).max() < 1e-6


def test_grad_cam_points_at_the_bright_corner(bright: KerasSubject) -> None:
    image = np.full((SIDE, SIDE, 1), 20, np.float32)
    image[:CORNER, :CORNER] = 250
    assert bright.maps_layer == "conv2d_1"  # the pooling behind it is coarser
    for label, there in ((1, INSIDE), (0, ~INSIDE)):
        found = grad_cam(bright, image, label).values
        assert found.shape == (SIDE, SIDE) and found[there].min() > 0 and not found[~there].any()


def test_integrated_gradients_are_complete(both: tuple[KerasSubject, PlainSubject], noise: np.ndarray) -> None:
    """They sum up to the difference of the probabilities, which are asked for in another way here."""
    subject, _ = both
    for label in range(4):
        found = integrated_gradients(subject, noise[0], label, subject.baseline)
        ends = subject.predict(np.stack([noise[0], np.broadcast_to(subject.baseline, noise[0].shape)]))[:, label]
        assert found.completeness is not None
        assert found.completeness.difference == pytest.approx(float(ends[0] - ends[1]), abs=1e-5)
        assert (
            abs(float(found.values.sum()) - float(ends[0] - ends[1]))
            <= max(GAP * abs(float(ends[0] - ends[1])), LEAST) + 1e-5
        )


def test_deletion_falls_faster_and_insertion_rises_faster_than_for_random_maps(corner: KerasSubject) -> None:
    """In a blur the corner, brighter than the rest, is darker than it is."""
    image = picture() / 6
    image[:CORNER, :CORNER] = 200
    random = random_scores(corner, image, 1, seed=0)
    maps = (integrated_gradients(corner, image, 1, corner.baseline), *occlusion(corner, image, [1]))
    for found in (score(corner, image, 1, one.values) for one in maps):
        assert found.deletion < random.deletion - 0.1 and found.insertion > random.insertion + 0.02
    worst = score(corner, image, 1, -maps[0].values)
    assert worst.deletion > random.deletion + 0.1 and worst.insertion < random.insertion - 0.02


def test_shuffled_weights_change_the_maps_and_come_back(corner: KerasSubject, bright: KerasSubject) -> None:
    image = picture()
    before = corner.predict(image[None])
    (seen,) = look(corner, [image], [[1]], 0, lambda _: None)
    alike = {one.kind: one.after_shuffling for one in seen}
    assert set(alike) == {"grad_cam", "integrated_gradients", "occlusion"}
    for kind in ("integrated_gradients", "occlusion"):
        assert alike[kind] is not None and abs(alike[kind] or 1) < 0.5
    np.testing.assert_array_equal(corner.predict(image[None]), before)


class Counting:
    """A subject that counts the images it is asked about, and sees nothing but the mean of the upper left corner."""

    baseline = np.zeros(1, np.float32)
    network = None

    def __init__(self) -> None:
        self.asked = 0

    def predict(self, images: np.ndarray) -> np.ndarray:
        self.asked += len(images)
        side = images.shape[1] // 4
        chance = images[:, :side, :side].mean(axis=(1, 2, 3)) / 255
        return np.stack([1 - chance, chance], axis=1).astype(np.float32)

    def features(self, images: np.ndarray) -> np.ndarray:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("side", "thorough", "most"), [(32, False, 700), (96, False, 700), (224, False, 290), (300, True, 700)]
)
def test_a_model_is_asked_as_often_about_an_image_of_any_size_and_less_about_a_large_one(
    side: int, thorough: bool, most: int
) -> None:
    subject, image = Counting(), np.full((side, side, 1), 255, np.float32)
    asked = effort(image.shape, thorough)
    ((found,),) = look(subject, [image], [[1]], 0, lambda _: None, asked)
    assert most / 2 < subject.asked < most
    there = np.zeros((side, side), bool)
    there[: side // 4, : side // 4] = True
    assert found.map.values[there].min() > 0 and found.map.values[there].mean() > 5 * found.map.values[~there].mean()
    assert found.scores.deletion < found.random.deletion - 0.1


def test_integrated_gradients_stop_where_they_are_to_and_say_so(
    both: tuple[KerasSubject, PlainSubject], noise: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, subject = both
    monkeypatch.setattr(maps, "GAP", 0)
    monkeypatch.setattr(maps, "LEAST", 0)
    for most in (32, 100, 512):
        found = integrated_gradients(subject, noise[0], 0, subject.baseline, most_steps=most)
        assert found.completeness is not None and found.completeness.steps == {32: 32, 100: 64, 512: 512}[most]


def test_rank_correlation_is_that_of_strengths() -> None:
    values = np.arange(6.0, dtype=np.float32).reshape(2, 3)
    assert rank_correlation(values, -3 * values) == pytest.approx(1)
    assert rank_correlation(values, values[::-1, ::-1]) == pytest.approx(-1)
    assert rank_correlation(values, np.zeros_like(values)) is None
