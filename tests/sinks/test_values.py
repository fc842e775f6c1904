from __future__ import annotations

import json

from cnnbench.config.load import load_config
from cnnbench.sinks.mlflow import shown
from cnnbench.sinks.values import LONGEST, measurements, settings, times_of
from tests.tools import tiny


def test_settings_are_flat_and_plain():
    found = settings(load_config(tiny(augment=[{"RandomFlip": {"mode": "horizontal"}}])))
    assert found["train.optimizer.learning_rate"] == 0.01
    assert found["data.subset.train"] == 200
    assert found["model.name"] == "tiny-net"
    assert found["train.ema"] == "null"
    assert json.loads(found["augment"]) == [{"RandomFlip": {"mode": "horizontal"}}]
    assert len(found["model.layers"]) <= LONGEST


def test_measurements_are_the_numbers():
    metrics = {"accuracy": 0.5, "split": "test", "per_class": [{"f1": 1.0}], "macro": {"f1": 0.25}, "flag": True}
    assert measurements(metrics) == {"accuracy": 0.5, "macro.f1": 0.25}


def test_epochs_end_one_after_the_other():
    first, second, third = times_of([{"seconds": 5.0}, {"seconds": 2.0}, {"seconds": 1.0}])
    assert (round(third - second, 3), round(second - first, 3)) == (1.0, 2.0)
    assert times_of([]) == []


def test_what_is_written_down_of_a_server_has_no_password():
    assert shown("https://me:secret@host.example:5000/x") == "https://host.example:5000/x"
    assert shown("sqlite:////tmp/a@b/mlflow.db") == "sqlite:////tmp/a@b/mlflow.db"
    assert shown("databricks") == "databricks"
