"""What JAX compiles is found by the next process, in cnnbench's cache, unless the user keeps it elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from cnnbench.machine import compiled
from cnnbench.machine.compiled import ALL, PLACE, keep_compiled
from tests.tools import ROOT

COMPILES = """
from cnnbench.machine.runtime import start
start("jax")
import jax, jax.numpy as jnp
seen = []
jax.monitoring.register_event_listener(lambda event, **_: seen.append(event))
total = float(jax.jit(lambda x: jnp.sin(x).sum())(jnp.arange(7.0)))
print(f"{total:.4f}", "/jax/compilation_cache/cache_hits" in seen)
"""


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Have the variables as they are set and taken back, and no JAX in this process."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in (PLACE, *ALL):
        monkeypatch.setenv(name, "")  # so that it is put back whatever becomes of it
        monkeypatch.delenv(name)
    monkeypatch.delitem(sys.modules, "jax", raising=False)
    return monkeypatch


@pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")
def test_the_next_process_finds_what_one_has_compiled(tmp_path: Path) -> None:
    own = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path), "JAX_PLATFORMS": "cpu"}
    said = []
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", COMPILES], env=own, capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stderr) == (0, "")
        said.append(done.stdout)
    assert said == ["-0.1033 False\n", "-0.1033 True\n"]
    assert list(tmp_path.glob("cnnbench/compiled/*/*-cache"))


def test_it_lies_in_the_cache_by_kind_of_processor(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    keep_compiled()
    here = Path(os.environ[PLACE])
    assert here.parent == tmp_path / "cnnbench" / "compiled" and here.is_dir()
    assert {name: os.environ[name] for name in ALL} == ALL
    environment.delenv(PLACE)
    environment.setattr(compiled, "processor", lambda: "another")
    keep_compiled()
    assert Path(os.environ[PLACE]).parent == here.parent and Path(os.environ[PLACE]) != here


def test_a_users_own_place_stays(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setenv(PLACE, "elsewhere")
    keep_compiled()
    assert os.environ[PLACE] == "elsewhere" and not any(tmp_path.iterdir())
    assert not os.environ.keys() & ALL.keys()


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    (tmp_path / "cnnbench").write_text("no folder")
    keep_compiled()
    assert PLACE not in os.environ


def test_the_oldest_go_where_it_becomes_too_much(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setattr(compiled, "MOST", 150)
    for age, name in enumerate(("new-cache", "old-cache", "older-cache")):
        path = tmp_path / "cnnbench" / "compiled" / f"kind{age}" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(bytes(70))
        os.utime(path, (1000 - age, 1000 - age))
    keep_compiled()
    left = sorted(path.name for path in tmp_path.rglob("*-cache"))
    assert left == ["new-cache", "old-cache"]
