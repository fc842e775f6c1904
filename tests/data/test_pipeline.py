"""Batches: order by (seed, epoch), the same stream for TensorFlow and for a plain iterator, weights, errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cnnbench.data.augment import Augmenter
from cnnbench.data.feed import for_training, for_validation, prefetched
from cnnbench.data.pipeline import (
    TrainingBatches,
    class_weight_vector,
    epoch_order,
    evaluation_batch,
    evaluation_batch_size,
    evaluation_steps,
)
from cnnbench.data.stores import ArrayStore
from cnnbench.data.types import Split
from cnnbench.errors import ConfigError


def split(n: int = 10) -> Split:
    images = np.arange(n, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 1), np.uint8)
    return Split(ArrayStore(images), np.arange(n), np.arange(n, dtype=np.int64) % 3)


def batches(batch_size: int = 4, augment: bool = False) -> TrainingBatches:
    return TrainingBatches(split(), 3, batch_size, 7, Augmenter([{"RandomFlip": {}}] if augment else [], 7))


def test_an_epoch_visits_every_image_once() -> None:
    stream = batches().raw(0)
    seen = [int(x) for images, _, _ in islice(stream, 3) for x in images[:, 0, 0, 0]]
    assert sorted(seen) == list(range(10))


def test_order_depends_on_seed_and_epoch_alone() -> None:
    assert np.array_equal(epoch_order(100, 1, 5), epoch_order(100, 1, 5))
    assert not np.array_equal(epoch_order(100, 1, 5), epoch_order(100, 1, 6))
    assert not np.array_equal(epoch_order(100, 1, 5), epoch_order(100, 2, 5))


def test_starting_at_an_epoch_is_skipping_to_it() -> None:
    from_start = list(islice(batches().raw(0), 9))[6:]
    from_two = list(islice(batches().raw(2), 3))
    for (a, b, c), (d, e, f) in zip(from_start, from_two, strict=True):
        assert np.array_equal(a, d) and np.array_equal(b, e) and np.array_equal(c, f)


def test_tensorflow_stream_equals_the_eager_one() -> None:
    wanted = batches(augment=True)
    fed = for_training(batches(augment=True), 1)  # with an augmenter of its own, whose state a thread runs ahead with
    for step, (images, labels) in enumerate(islice(iter(fed), 6)):
        raw, hot, _ = next(islice(wanted.raw(1), step, None))
        expected, _ = wanted.augmenter(raw, hot, 1 + step // 3, step % 3)
        np.testing.assert_array_equal(np.asarray(images), expected)
        np.testing.assert_array_equal(np.asarray(labels), hot)


def test_validation_is_in_order_and_whole() -> None:
    fed = list(for_validation(split(), 3))
    assert np.concatenate([np.asarray(x)[:, 0, 0, 0] for x, _ in fed]).tolist() == list(range(10))
    assert evaluation_steps(split()) == len(fed) == 1
    assert evaluation_batch(split(), 3, 0)[1].shape == (10, 3)


@pytest.mark.parametrize(
    ("shape", "size"), [((32, 32, 3), 256), ((8, 8, 1), 256), ((224, 224, 3), 5), ((2000, 2000, 3), 1)]
)
def test_large_images_go_in_small_batches(shape: tuple[int, int, int], size: int) -> None:
    assert evaluation_batch_size(shape) == size


def test_class_weights() -> None:
    labels = np.array([0, 0, 0, 1])
    np.testing.assert_allclose(class_weight_vector("balanced", labels, ["a", "b"]), [4 / 6, 4 / 2])
    np.testing.assert_allclose(class_weight_vector({"b": 3.0}, labels, ["a", "b"]), [1, 3])
    assert class_weight_vector(None, labels, ["a", "b"]) is None


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"Cat": 2.0}, "train.class_weight.Cat: the data has no class of this name; did you mean cat?"),
        ({"cat": 2.0, "q": 1.0}, "train.class_weight.q: the data has no class of this name; there are cat, dog, eel"),
        ({"cat": 0.0, "dog": 0.0}, "train.class_weight: every training image would weigh 0"),
        ({"cat": 0.0, "dog": 0.0, "eel": 0.0}, "train.class_weight: every training image would weigh 0"),
    ],
)
def test_class_weights_that_the_data_cannot_have(weights: dict[str, float], said: str) -> None:
    with pytest.raises(ConfigError) as e:
        class_weight_vector(weights, np.array([0, 0, 1]), ["cat", "dog", "eel"])
    assert e.value.problems == (said,)


def test_sample_weight_is_the_weight_of_the_label() -> None:
    weights = np.array([1.0, 2.0, 5.0], np.float32)
    weighted = TrainingBatches(split(), 3, 10, 7, Augmenter([], 7), weights)
    _, labels, sample_weights = next(iter(for_training(weighted, 0)))
    np.testing.assert_allclose(np.asarray(sample_weights), np.asarray(labels) @ weights)


@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
@pytest.mark.parametrize("by_class", [None, np.array([1.0, 2.0, 5.0], np.float32)])
def test_an_image_weighs_its_own_weight_times_that_of_its_class(
    by_class: NDArray[np.float32] | None, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keras.backend.backend", lambda: backend)
    own = replace(split(), weights=np.arange(10) / 4)
    images, labels, weights = next(iter(for_training(TrainingBatches(own, 3, 10, 7, Augmenter([], 7), by_class), 0)))
    number = np.asarray(images)[:, 0, 0, 0]  # what its pixels are
    classes = np.asarray(labels).argmax(axis=1)
    assert np.asarray(labels).shape == (10, 3) and (classes == number % 3).all()
    expected = number / 4 * (1 if by_class is None else by_class[classes])
    np.testing.assert_allclose(np.asarray(weights), expected, rtol=1e-6)


def test_mixed_images_weigh_the_mix() -> None:
    own = replace(split(), weights=np.arange(10) / 4)
    mixed = TrainingBatches(own, 3, 10, 7, Augmenter([{"MixUp": {"alpha": 1.0}}], 7))
    images, labels, weights = next(iter(for_training(mixed, 0)))
    np.testing.assert_allclose(np.asarray(weights), np.asarray(images)[:, 0, 0, 0] / 4, rtol=1e-5)
    np.testing.assert_allclose(np.asarray(labels).sum(axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize(("backend", "by"), [("torch", "MainThread"), ("jax", "batches")])
def test_images_are_mixed_where_nothing_else_draws(backend: str, by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keras.backend.backend", lambda: backend)
    threads = set()

    def finish(self: TrainingBatches, images: Any, labels: Any, at: Any) -> Any:
        threads.add(threading.current_thread().name)
        return images, labels

    monkeypatch.setattr(TrainingBatches, "finish", finish)
    with closing(for_training(batches(), 0)) as stream:
        assert len(list(islice(stream, 6))) == 6
    assert threads == {by}


def test_a_prefetched_stream_raises_where_it_is_read() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise OSError("the disk is gone")

    stream = prefetched(broken)
    assert next(stream) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        next(stream)


def test_closing_a_prefetched_stream_ends_its_thread() -> None:
    before = threading.enumerate()
    stream = prefetched(lambda: iter(range(10**9)))
    assert next(stream) == 0
    (thread,) = [t for t in threading.enumerate() if t.name == "batches" and t not in before]
    stream.close()  # type: ignore[attr-defined]  # a generator has it
    thread.join(timeout=5)
    assert not thread.is_alive()
