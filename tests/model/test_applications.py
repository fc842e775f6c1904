"""Networks of keras.applications as a layer."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import yaml

from cnnbench.catalogue.applications import APPLICATIONS
from cnnbench.config.load import load_config
from cnnbench.config.network.depth import depth_of
from cnnbench.config.network.head import head_of
from cnnbench.config.network.shapes import infer
from cnnbench.config.network.spec import expand, network_of
from cnnbench.errors import ConfigError
from cnnbench.experiment import smoke
from cnnbench.model.summary import summarize
from tests.builders.networks import network

MOBILENET: list[Any] = [{"Application": {"network": "MobileNet"}}, "classifier"]
EXPERIMENT = {"name": "a", "data": {"source": "synthetic"}, "model": {"application": {"name": "MobileNet"}}}


def problem(**model: Any) -> str:
    with pytest.raises(ConfigError) as raised:
        load_config({**EXPERIMENT, "model": {**EXPERIMENT["model"], **model}})
    [line] = raised.value.problems
    return line.removeprefix("command line: ")


def test_it_becomes_a_layer_before_the_classifier() -> None:
    model = load_config(EXPERIMENT).model
    layer = {"Application": {"network": "MobileNet", "pooling": "avg"}}
    assert (model.name, model.layers, model.application) == ("MobileNet", [layer, "classifier"], None)
    nodes = network_of(model)
    assert (depth_of(nodes), head_of(nodes)) == (28, ["logits", "probabilities"])


def test_the_built_network_is_the_counted_one() -> None:
    nodes = expand(MOBILENET)
    for shape in ((32, 32, 3), (40, 33, 1)):
        rows = {row["name"]: row for row in summarize(network(MOBILENET, shape)).layers}
        for row in infer(nodes, shape, 3):
            found = rows[row.name]
            assert (row.kind, row.output_shape, row.parameters) == (
                found["kind"],
                tuple(found["output_shape"]),
                found["parameters"],
            )
    assert rows["application_1"]["macs"] > 0


def test_macs_and_activations_are_those_of_its_layers() -> None:
    model = network(MOBILENET, (224, 224, 3), 1000)
    summary = summarize(model)
    assert summary.parameters["total"] == keras.applications.MobileNet(weights=None).count_params()
    assert round(summary.macs / 1e6) == 569  # Howard et al. 2017, table 8
    inside = model.get_layer("application_1").layers[1:]
    bytes_ = sum(4 * int(np.prod(layer.output.shape[1:])) for layer in inside)
    assert summary.layers[1]["activation_bytes"] == bytes_


def test_the_same_seed_gives_the_same_weights_and_pythons_generator_stays_as_it_was() -> None:
    def weights(seed: int) -> list[Any]:
        return network(MOBILENET, (32, 32, 3), seed=seed).get_weights()

    random.seed(3)
    expected = random.random()
    random.seed(3)
    first = weights(0)
    assert random.random() == expected
    assert all(np.array_equal(a, b) for a, b in zip(first, weights(0), strict=True))
    assert not np.array_equal(first[0], weights(1)[0])


def test_images_that_are_too_small_are_refused_before_keras() -> None:
    nodes = expand(MOBILENET)
    told = "model.layers[0].Application: MobileNet needs images of 32x32 at least, found 40x31"
    with pytest.raises(ConfigError) as raised:
        infer(nodes, (40, 31, 3), 3)
    assert raised.value.problems == (told,)


def test_mistakes_are_told() -> None:
    told = problem(application={"name": "MobilNet"})
    assert told.startswith("model.application.name: ") and told.endswith("did you mean MobileNet?")
    assert problem(application={"name": "MobileNet", "poolin": "max"}).endswith("did you mean pooling?")
    assert problem(layers=["Flatten"]) == "model.layers: has no effect with application, which has its own"
    assert problem(application={"name": "MobileNet", "pooling": "mean"}).startswith("model.application.pooling: ")


@pytest.mark.slow
def test_it_trains_and_is_read_again(tmp_path: Path) -> None:
    """Smoke trains, saves, reads, and compares what the network says."""
    synthetic = {"shape": [32, 32, 3], "classes": 2, "train": 4, "test": 2}
    data = {"source": "synthetic", "synthetic": synthetic, "validation": 0}
    (tmp_path / "net.yaml").write_text(yaml.safe_dump({**EXPERIMENT, "data": data, "train": {"optimizer": "SGD"}}))
    assert smoke.smoke_one(str(tmp_path / "net.yaml")).problem is None


def test_every_application_has_a_head_of_features() -> None:
    assert all(facts["features"] > 100 and facts["depth"] > 10 for facts in APPLICATIONS.values())
