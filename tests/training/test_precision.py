"""`precision: auto`: measured once, remembered where that is possible."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cnnbench.config.load import load_config
from cnnbench.machine import runtime
from cnnbench.training import precision
from tests.tools import tiny


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A processor with bfloat16 that makes steps twice as fast; the policies that were measured."""
    runtime.start()
    policies: list[str] = []

    def step_seconds(policy: str, *arguments: Any) -> float:
        policies.append(policy)
        return 0.5 if policy == "mixed_bfloat16" else 1.0

    monkeypatch.setattr(precision, "_bfloat16_in_hardware", lambda: True)
    monkeypatch.setattr(precision, "_step_seconds", step_seconds)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return policies


def choose(**changes: Any) -> precision.Precision:
    config = load_config(tiny(train__precision="auto", **changes))
    return precision.choose(config, (8, 8, 1), 10, lambda: None)


def test_it_is_measured_once_for_each_network(measured: list[str]) -> None:
    first, second = choose(), choose()
    assert (first.policy, second.policy) == ("mixed_bfloat16", "mixed_bfloat16")
    assert first.reason == "auto, measured: a step in bfloat16 runs at 2.00 times the speed of float32"
    assert second.reason.startswith("auto, measured earlier: ")
    assert measured == ["float32", "mixed_bfloat16"]
    choose(train__batch_size=64)
    assert len(measured) == 4


def test_runs_that_begin_side_by_side_measure_once(measured: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def slow_step(policy: str, *arguments: Any) -> float:
        time.sleep(0.3)  # longer than the other thread needs to come to the same place
        measured.append(policy)
        return 1.0

    monkeypatch.setattr(precision, "_step_seconds", slow_step)
    with ThreadPoolExecutor(2) as pool:
        chosen = [pool.submit(choose) for _ in range(2)]
    reasons = sorted(found.result().reason.split(":")[0] for found in chosen)
    assert reasons == ["auto, measured", "auto, measured earlier"]
    assert measured == ["float32", "mixed_bfloat16"]


@pytest.mark.parametrize("content", ["{", "[1]", '{"float32": 1}', '{"float32": "a", "mixed_bfloat16": 1}', "\x00"])
def test_what_cannot_be_read_is_measured_again(content: str, measured: list[str], tmp_path: Path) -> None:
    choose()
    (kept,) = tmp_path.glob("cache/cnnbench/precision/*.json")
    kept.write_text(content)
    assert choose().reason.startswith("auto, measured: ")
    assert choose().reason.startswith("auto, measured earlier: ")
    assert len(measured) == 4


def test_a_cache_that_cannot_be_written_is_done_without(
    measured: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert choose().reason.startswith("auto, measured: ") and choose().reason.startswith("auto, measured: ")
    assert len(measured) == 4


def test_a_gain_that_drowns_in_noise_is_none(measured: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "_step_seconds", lambda policy, *_: 1.0 if policy == "float32" else 0.96)
    assert choose().policy == "float32"


def test_only_auto_measures(measured: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(tiny(train__precision="mixed_bfloat16"))
    assert precision.choose(config, (8, 8, 1), 10, lambda: None).policy == "mixed_bfloat16"
    config = load_config(tiny(train__precision="auto"))
    assert precision.choose(config, (8, 8, 1), 10, lambda: None, measure=False).policy == "float32"
    monkeypatch.setattr(precision, "_bfloat16_in_hardware", lambda: False)
    assert choose().reason == "auto: no bfloat16 in this processor or GPU"
    assert measured == []
