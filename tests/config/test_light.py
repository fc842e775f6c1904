"""Checking a configuration brings no heavy library in."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("tensorflow", "keras", "jax", "torch", "sklearn", "matplotlib", "numpy", "PIL", "rich")


@pytest.mark.parametrize(
    "statement",
    [
        "from cnnbench.config.load import load_config; load_config('lenet5-digits', ['train.epochs=3'])",
        "from cnnbench.sweep.define.validate import validate_config; assert not validate_config('resnet50').mistakes",
        "from cnnbench.cli.validate import validate; validate(['lenet5-digits'], quiet=True)",
        "from cnnbench.config.json_schema import experiment_schema; experiment_schema()",
    ],
)
def test_a_fresh_process_stays_light(statement: str) -> None:
    code = f"import sys; {statement}; print(*sorted(set(sys.modules) & set({HEAVY})))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == []
