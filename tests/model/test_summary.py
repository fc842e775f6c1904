from __future__ import annotations

import json

from cnnbench.model.summary import summarize
from tests.builders.networks import SMALL, network


def test_rows_follow_the_network() -> None:
    summary = summarize(network(SMALL))
    assert [(row["name"], row["kind"], row["output_shape"], row["parameters"]) for row in summary.layers] == [
        ("normalization", "Rescaling", [8, 8, 3], 0),
        ("conv2d_1", "Conv2D", [6, 6, 4], 112),
        ("batch_normalization_1", "BatchNormalization", [6, 6, 4], 16),
        ("dropout_1", "Dropout", [6, 6, 4], 0),
        ("flatten_1", "Flatten", [144], 0),
        ("dense_1", "Dense", [8], 1160),
        ("logits", "Dense", [3], 27),
        ("probabilities", "Activation", [3], 0),
    ]


def test_totals_and_memory() -> None:
    summary = summarize(network(SMALL))
    assert summary.parameters == {"total": 1315, "trainable": 1307, "non_trainable": 8}
    assert [row["macs"] for row in summary.layers] == [0, 36 * 27 * 4, 0, 0, 0, 144 * 8, 24, 0]
    assert summary.macs == 36 * 27 * 4 + 144 * 8 + 24
    assert [row["activation_bytes"] for row in summary.layers] == [768, 576, 576, 576, 576, 32, 12, 12]


def test_a_grouped_convolution_is_called_what_the_file_calls_it() -> None:
    summary = summarize(network([{"Conv2D": {"filters": 6, "kernel_size": 3, "groups": 3}}, "Flatten", "classifier"]))
    row = summary.layers[1]
    assert (row["kind"], row["parameters"], row["macs"]) == ("Conv2D", 60, 36 * 9 * 6)


def test_frozen_layers_count_as_not_trainable() -> None:
    summary = summarize(network(["Flatten", {"Dense": {"units": 2, "trainable": False}}, "classifier"]))
    assert summary.parameters == {"total": 386 + 9, "trainable": 9, "non_trainable": 386}


def test_as_dict_is_what_layers_json_holds() -> None:
    value = json.loads(json.dumps(summarize(network(SMALL)).as_dict()))
    assert list(value) == ["parameters", "macs", "layers"]
    assert value["layers"][0]["output_shape"] == [8, 8, 3]
