from __future__ import annotations

from importlib.util import find_spec

import pytest

from cnnbench.errors import ConfigError
from cnnbench.sinks import choose
from tests.report.command import cnnbench


def test_each_sink_once():
    assert choose.checked(["mlflow", "tensorboard", "mlflow"]) == ("mlflow", "tensorboard")
    assert choose.checked([]) == ()


def test_an_unknown_sink_is_told_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = "error: --track mlfow: unknown sink; allowed are tensorboard and mlflow; did you mean mlflow?\n"
    assert cnnbench("train", "lenet5-digits", "--smoke", "--track", "mlfow") == (2, "", told)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["tensorboard", "mlflow"])
def test_a_sink_that_is_not_installed_is_told_before_anything_runs(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(choose, "find_spec", lambda asked: None if asked == name else find_spec(asked))
    told = f"error: --track {name}: needs pip install 'cnnbench[{name}]'\n"
    assert cnnbench("train", "lenet5-digits", "--smoke", "--track", name) == (2, "", told)
    assert list(tmp_path.iterdir()) == []


def test_mlflows_client_alone_needs_a_server(monkeypatch):
    monkeypatch.setattr(choose, "find_spec", lambda asked: None if asked == "sqlalchemy" else find_spec(asked))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(ConfigError, match=r"needs pip install 'cnnbench\[mlflow\]'"):
        choose.checked(["mlflow"])
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert choose.checked(["mlflow"]) == ("mlflow",)
