"""What `validate` accepts can be trained: random experiments over all that the tables allow, each trained a little."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import keras
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from cnnbench.config.load import load_config
from cnnbench.errors import CnnbenchError, ConfigError
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from tests.builders.experiments import experiments

DRAWN = 60


def outcome(experiment: dict[str, Any], folder: Path) -> str:
    """Carry out an experiment, its page left out, and return how it went; what is told in a line is no fault."""
    try:
        config = load_config(experiment)
    except ConfigError:
        return "refused"
    try:
        execute(config, Options(folder=folder, report=False))
    except CnnbenchError:  # a loss that is nan
        return "told"
    finally:
        keras.utils.clear_session()
        keras.config.set_dtype_policy("float32")
        shutil.rmtree(folder, ignore_errors=True)
    return "trained"


def outcomes(drawn: int, folder: Path, **how: Any) -> Counter[str]:
    """Draw experiments and count how they went; whatever ends one unexpectedly ends this."""
    counted: Counter[str] = Counter()

    @settings(
        max_examples=drawn,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        **how,
    )
    @given(experiment=experiments())
    def each(experiment: dict[str, Any]) -> None:
        counted[outcome(experiment, folder)] += 1

    each()
    return counted


@pytest.mark.slow
def test_what_is_accepted_is_trained(tmp_path: Path) -> None:
    found = outcomes(DRAWN, tmp_path / "run", derandomize=True)
    assert found["trained"] > DRAWN / 2
