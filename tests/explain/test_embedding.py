"""Features in the plane, and what is near."""

from __future__ import annotations

import numpy as np
import pytest

from cnnbench.data.stores import ArrayStore
from cnnbench.data.types import Split
from cnnbench.explain import embedding, kept
from cnnbench.explain.embedding import drawn, embed, neighbours
from cnnbench.explain.subjects.plain import PlainSubject


def test_features_on_a_line_are_one_component() -> None:
    along = np.linspace(0, 9, 20)[:, None]
    found = embed((along * np.array([[3.0, 4.0, 0.0]])).astype(np.float32), seed=0)
    assert found.explained == (pytest.approx(1), pytest.approx(0, abs=1e-9))
    assert np.ptp(found.pca[:, 0]) == pytest.approx(45, rel=1e-5)
    again = embed((along * np.array([[3.0, 4.0, 0.0]])).astype(np.float32), seed=0)
    assert found.tsne is not None and again.tsne is not None
    np.testing.assert_array_equal(found.tsne, again.tsne)


def test_two_groups_stay_apart() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(40, 6)).astype(np.float32)
    features[20:] += 30
    found = embed(features, seed=0)
    assert found.tsne is not None and found.perplexity == 13
    for places in (found.pca, found.tsne):
        apart = np.linalg.norm(places[:20].mean(axis=0) - places[20:].mean(axis=0))
        assert apart > 2 * max(part.std(axis=0).max() for part in (places[:20], places[20:]))


def test_few_images_and_one_feature_are_arranged_too() -> None:
    found = embed(np.arange(3, dtype=np.float32)[:, None], seed=0)
    assert found.tsne is None and found.pca.shape == (3, 2) and not found.pca[:, 1].any()


def test_the_nearest_of_all_training_images_are_found_in_any_chunks(
    both: tuple[object, PlainSubject], noise: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, subject = both
    training = np.concatenate([255 - noise, noise, noise // 2, np.roll(noise, 1, axis=1)])
    split = Split(ArrayStore(training), np.arange(20), np.zeros(20, np.int64))
    found = neighbours(subject, noise, split)
    assert found.positions[:, 0].tolist() == [5, 6, 7, 8, 9] and found.among == 20
    assert found.distances[:, 0].max() < 0.05 and (np.diff(found.distances, axis=1) >= 0).all()
    monkeypatch.setattr(embedding, "chunks", lambda count, shape: np.array_split(np.arange(count), 7))
    np.testing.assert_array_equal(neighbours(subject, noise, split).positions, found.positions)


def test_images_are_drawn_by_the_seed() -> None:
    assert len(drawn(2000, 0)) == 500 == len(set(drawn(2000, 0).tolist()))
    assert drawn(2000, 0).tolist() == drawn(2000, 0).tolist() != drawn(2000, 1).tolist()
    assert drawn(3, 0).tolist() == [0, 1, 2]


def test_pictures_are_made_small() -> None:
    wide = np.arange(100 * 70 * 3, dtype=np.float32).reshape(1, 100, 70, 3) % 256
    small = kept.thumbnails(wide)
    assert small.shape == (1, 25, 17, 3) and small[0, 0, 0, 0] == round(float(wide[0, :4, :4, 0].mean()))
    assert kept.strongest(np.zeros((1, 1, 70), np.float32)).shape == (1, 3, 32)
    maps = np.zeros((200, 100, 12), np.float32)
    maps[..., 3] = -2
    assert kept.strongest(maps).shape == (8, 50, 25) and kept.strongest(maps).min() == -127
