"""Parts of a real training step, batch sizes, layers and rates, of a small network on digits."""

from __future__ import annotations

import time
from functools import cache
from math import inf

import numpy as np
import pytest

from cnnbench.config.load import load_config
from cnnbench.profiling import rates, sizes, threads
from cnnbench.profiling.begin import begin
from cnnbench.profiling.clock import Spread, in_turns
from cnnbench.profiling.found import Size
from cnnbench.profiling.keras_subject import KerasSubject
from tests.tools import tiny


@cache
def subject() -> KerasSubject:
    found = begin(load_config(tiny(train__optimizer__learning_rate=1e-5)), None, offline=True, show=lambda _: None)
    assert isinstance(found, KerasSubject)
    return found


def test_the_parts_of_a_step_are_all_of_it() -> None:
    parts = subject().told(in_turns(subject().parts(), inf, rounds=2))
    inside = ["forward", "backward", "update", "metrics and the loop"]
    assert list(parts) == ["input", "augmentation", *inside, "whole step"]
    np.testing.assert_allclose(sum(np.array(parts[name].values) for name in inside), parts["whole step"].values)
    assert parts["forward"].median > 0


def test_a_step_learns() -> None:
    model = subject().compiled()
    before = model.get_weights()
    subject().step_of(model, 16)()
    assert any((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))


def test_layers_are_those_of_the_network() -> None:
    layers = subject().layers()
    named = [(layer.name, type(layer).__name__) for layer in subject().model.layers[1:]]
    assert [(name, kind) for name, kind, _ in layers] == named
    assert set(in_turns({name: work for name, _, work in layers}, inf, rounds=1)) == {name for name, _ in named}


def test_precision_is_that_of_the_network_alone() -> None:
    assert subject().compiled("mixed_bfloat16").get_layer("conv2d_1").compute_dtype == "bfloat16"
    assert subject().compiled().get_layer("conv2d_1").compute_dtype == "float32"


def test_memory_is_that_of_the_work() -> None:
    little, much = subject().peak_bytes(lambda: None), subject().peak_bytes(lambda: np.ones(30_000_000))
    assert little is not None and much is not None and much - little > 200_000_000


def test_sizes_are_those_there_are_images_for() -> None:
    found, too_large = sizes.by_size(subject(), inf)
    assert [one.images for one in found] == [16, 32, 64, 128] and too_large is None


def test_the_loss_falls_fastest_at_a_rate_that_learns() -> None:
    trainings = rates.Trainings(subject())
    [found] = [rates.ramp(trainings, inf)]
    assert found is not None and found.steepest is not None and 1e-4 < found.steepest < 1
    assert found.rates[0] == pytest.approx(1e-6) and min(found.losses) < found.losses[0]
    again = [loss for _, loss in trainings.losses(iter([1e-5] * 2))]
    assert again[0] == pytest.approx(found.losses[0], rel=0.3)  # it begins anew
    suggested = rates.suggested([found])
    assert suggested is not None
    losses = rates.duel(trainings, [1e-5, suggested], inf, rounds=5)
    better = rates.other_rate(losses, suggested, 1e-5)
    assert better is not None and better.override == f"train.optimizer.learning_rate={suggested:g}"
    assert rates.other_rate(losses, 1e-5, suggested) is None


@pytest.mark.parametrize(
    ("losses", "expected"),
    [([3, 3, 2.9, 2, 1.5, 1.4, 9], 1e-3), ([1, 2, 3, 4, 5, 6, 7], None), ([3, 3, 3, 3, 3, 3, 3], None)],
)
def test_the_steepest_place(losses: list[float], expected: float | None) -> None:
    found = rates.steepest(np.geomspace(1e-6, 1, 7).tolist(), losses)
    assert found == (None if expected is None else pytest.approx(expected))


def sized(images: int, seconds: float, peak: int) -> Size:
    return Size(images, Spread(tuple(seconds + i / 1e6 for i in range(5))), peak)


def test_another_batch_size_is_suggested_only_where_it_is_faster() -> None:
    slow, fast, same = sized(32, 1.0, 1000), sized(64, 1.0, 2000), sized(64, 2.0, 2000)
    suggestion = sizes.larger_or_smaller([slow, fast], 32)
    assert suggestion is not None and suggestion.override == "train.batch_size=64"
    assert suggestion.reason.startswith("2.00 times the images a second of 32")
    assert sizes.larger_or_smaller([slow, fast], 64) is None
    assert sizes.larger_or_smaller([slow, same], 32) is None


def test_what_fits_is_counted_from_what_images_took(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "free_bytes", lambda: 8000.0)
    found = sizes.fitting([sized(16, 1.0, 10_320), sized(32, 1.0, 10_320), sized(64, 1.0, 10_640)], 32, None)
    assert found is not None and found[0] in (831, 832) and "not tried" in found[1]
    assert sizes.fitting([sized(32, 1.0, 10_320)], 32, 64) == (32, "tried; 64 images are too many")


@pytest.mark.slow
def test_numbers_of_threads_in_processes_of_their_own() -> None:
    found = threads.by_threads(subject().config, "tensorflow", time.monotonic() + 300)
    assert list(found) == [str(number) for number in threads.candidates(None)]
    assert threads.by_threads(subject().config, "tensorflow", time.monotonic()) == {}
