"""What a wrong preprocessing would show a network is what the network of a model with the right one inside sees."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cnnbench.data.normalize import IMAGENET, Normalization
from cnnbench.evaluation.metrics import wilson_interval
from cnnbench.robustness import corrupt, skew
from cnnbench.robustness.skews import SKEWS, trained_with
from cnnbench.runs.robustness import ROBUSTNESS, add, unpacked
from tests.builders.images import pixels
from tests.robustness.builders import SYMMETRIC, UNIT, Watched, split_of

IMAGES = np.stack([pixels(8, 8, 3, seed=seed) // (1 + seed % 2 * 3) for seed in range(20)])
SAID = {
    "unit": lambda x: x / 255,
    "symmetric": lambda x: x / 127.5 - 1,
    "imagenet": lambda x: (x / 255 - IMAGENET.mean) / IMAGENET.std,
    "none": lambda x: x,
    "undivided": lambda x: (x - 0.5) / 0.5,
    "divided_twice": lambda x: (x / 255 / 255 - 0.5) / 0.5,
    "bgr": lambda x: x[..., ::-1] / 127.5 - 1,
    "transposed": lambda x: x.transpose(0, 2, 1, 3) / 127.5 - 1,
}


def silent(text: str) -> None:
    pass


@pytest.mark.parametrize(("name", "expected"), SAID.items())
def test_the_network_sees_what_the_mistake_would_show_it(
    name: str, expected: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> None:
    model, wrong = Watched(SYMMETRIC), next(each for each in SKEWS if each.name == name)
    fed = wrong.feed(IMAGES.astype(np.float32), SYMMETRIC)
    assert fed is not None
    model.predict_images(fed.astype(np.float32))
    seen = expected(IMAGES.astype(np.float64))
    np.testing.assert_allclose(model.seen[0], seen, atol=3e-5 * max(1, float(np.abs(seen).max())))


def test_grey_is_luminance_in_all_channels() -> None:
    grey = next(each for each in SKEWS if each.name == "grey").feed(IMAGES.astype(np.float32), UNIT)
    assert grey is not None and (np.ptp(grey, axis=3) == 0).all()
    np.testing.assert_allclose(grey[..., 0], IMAGES @ [0.299, 0.587, 0.114], atol=0.5)


def test_costs_are_paired_and_what_explains_an_accuracy_is_found() -> None:
    found = skew.measure(Watched(SYMMETRIC), split_of(IMAGES), {}, silent)
    rows = {row["kind"]: row for row in found["kinds"]}
    assert found["clean"]["accuracy"] == 1 and found["trained_with"] == "0 becomes -1, 255 becomes 1"
    light = float(split_of(IMAGES).labels.mean())
    assert rows["unit"]["accuracy"] == rows["none"]["accuracy"] == light, "all is positive"
    assert rows["divided_twice"]["accuracy"] == 1 - light, "all is negative"
    assert rows["bgr"]["accuracy"] == rows["transposed"]["accuracy"] == 1
    assert rows["unit"]["difference"] == pytest.approx(light - 1)
    low, high = rows["unit"]["difference_interval"]
    assert -1 < low < light - 1 < high < 0
    assert rows["unit"]["interval"] == list(wilson_interval(round(light * 20), 20))
    reasons = {row["kind"]: row["reason"] for row in found["left_out"]}
    assert reasons.pop("symmetric") == "the same as the right one here"
    assert reasons == dict.fromkeys(("plain_bilinear", "nearest", "bicubic"), skew.NOT_SCALED)
    assert {row["kind"] for row in skew.explains(found, 1.0)} >= {"bgr", "transposed"}
    assert {row["kind"] for row in skew.explains(found, light)} >= {"unit", "none"}


def test_what_is_the_same_here_is_left_out_and_says_so() -> None:
    found = skew.measure(Watched(UNIT), split_of(IMAGES), {"nearest": split_of(IMAGES)}, silent)
    reasons = {row["kind"]: row["reason"] for row in found["left_out"]}
    assert reasons["unit"] == reasons["nearest"] == "the same as the right one here"
    assert reasons["undivided"] == "the same as “no normalisation: 0..255 as they are” here"
    grey = skew.measure(Watched(Normalization((1.0,), (0.0,)), (8, 6, 1)), split_of(IMAGES[:, :, :6, :1]), {}, silent)
    absent = {row["kind"]: row["reason"] for row in grey["left_out"]}
    assert {absent[kind] for kind in ("bgr", "grey", "imagenet")} == {"images have one channel"}
    assert absent["transposed"].startswith("images are not square")
    assert absent["none"] == "the same as the right one here"


@pytest.mark.parametrize(
    ("normalization", "said"),
    [
        (UNIT, "0 becomes 0, 255 becomes 1"),
        (Normalization((0.02, 0.01), (0.0, -1.0)), "0 becomes 0/-1, 255 becomes 5.1/1.55"),
    ],
)
def test_ends_of_the_right_one(normalization: Normalization, said: str) -> None:
    assert trained_with(normalization) == said


def test_corruptions_are_measured_and_written_beside_skews(tmp_path: Path) -> None:
    model, split = Watched(SYMMETRIC), split_of(IMAGES)
    found = corrupt.measure(model, split, silent)
    assert found["clean"]["accuracy"] == 1 and found["pixels"] == [8, 8, 3] and found["images"] == 20
    assert [len(row["strengths"]) for row in found["kinds"]] == [5] * 11
    brightest = next(row for row in found["kinds"] if row["kind"] == "brightness")["strengths"][4]
    right = unpacked(tmp_path, brightest["right"], 20)
    assert right.mean() == brightest["accuracy"] < 1 and not right[split.labels == 0].all()
    means = [each["accuracy"] for row in found["kinds"] for each in row["strengths"]]
    assert found["mean_accuracy"] == pytest.approx(np.mean(means)) == 1 - found["mean_corruption_error"]
    backwards = split.pick(np.arange(20)[::-1])
    again = corrupt.measure(model, backwards, silent)
    assert [row["mean_accuracy"] for row in again["kinds"]] == [row["mean_accuracy"] for row in found["kinds"]]
    file = tmp_path / "robustness.json"
    add(file, "corruptions", found)
    add(file, "skews", skew.measure(model, split, {}, silent))
    read: dict[str, Any] = ROBUSTNESS.read(file)
    assert read["corruptions"] == json.loads(json.dumps(found)) and read["skews"]["images"] == 20
