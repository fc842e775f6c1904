"""What `validate` accepts can be trained: random experiments over all that the tables allow, each trained a little."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import keras
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from cnnbench.config.load import load_config
from cnnbench.config.schema import Config
from cnnbench.errors import CnnbenchError, ConfigError
from cnnbench.experiment import Options, execute
from tests.generated import experiments

DRAWN = 60


def train(config: Config, folder: Path) -> None:
    """Carry out an experiment, its page left out; what is told in a line (a loss that is nan) is no fault."""
    try:
        execute(config, Options(folder=folder, report=False))
    except CnnbenchError:
        pass
    finally:
        keras.utils.clear_session()
        keras.config.set_dtype_policy("float32")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generated") / "run"


@settings(
    max_examples=DRAWN,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(experiment=experiments())
def test_what_is_accepted_is_trained(experiment: dict[str, Any], folder: Path) -> None:
    try:
        config = load_config(experiment)
    except ConfigError:
        return
    train(config, folder)
