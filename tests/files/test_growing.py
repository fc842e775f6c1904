"""Rows that were there when a process ended are there for the next one; a file that is none of them is begun anew."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnnbench.errors import OutputError
from cnnbench.files.growing import growing

KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from cnnbench.files import growing
growing.SECONDS = 0.0
with growing.growing(Path(sys.argv[1]), (6, 2)) as rows:
    rows.add(np.full((2, 2), 1, np.float32))
    rows._rows[2:4] = 9
    os.kill(os.getpid(), signal.SIGKILL)
"""


def ones(count: int, value: float = 1) -> np.ndarray:
    return np.full((count, 2), value, np.float32)


def test_it_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.npy"
    with growing(path, (3, 2)) as rows:
        rows.add(ones(1))
        assert not path.exists()
        rows.add(ones(2, 5))
    np.testing.assert_array_equal(np.load(path), [[1, 1], [5, 5], [5, 5]])
    assert [file.name for file in path.parent.iterdir()] == ["a.npy"]


def test_a_killed_process_leaves_what_it_had_saved(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    process = subprocess.run([sys.executable, "-c", KILLED, path])
    assert process.returncode == -9 and not path.exists()
    with growing(path, (6, 2)) as rows:
        assert rows.reached == 2
        rows.add(ones(4, 3))
    np.testing.assert_array_equal(np.load(path)[:, 0], [1, 1, 3, 3, 3, 3])


def test_what_is_interrupted_is_saved_to_the_row(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    with pytest.raises(KeyboardInterrupt), growing(path, (3, 2)) as rows:
        rows.add(ones(1))
        raise KeyboardInterrupt
    with growing(path, (3, 2)) as rows:
        assert rows.reached == 1
        rows.add(ones(2))


@pytest.mark.parametrize("damage", ["shape", "mark", "no mark", "file", "beyond"])
def test_what_is_no_beginning_of_it_is_begun_anew(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    with pytest.raises(KeyboardInterrupt), growing(path, (3, 3 if damage == "shape" else 2)) as rows:
        rows.add(np.ones((1, 3 if damage == "shape" else 2), np.float32))
        raise KeyboardInterrupt
    part, mark = path.with_suffix(".part"), path.with_suffix(".reached")
    if damage == "no mark":
        mark.unlink()
    elif damage == "file":
        part.write_bytes(part.read_bytes()[:60])
    elif damage != "shape":
        mark.write_text("4" if damage == "beyond" else "one")
    with growing(path, (3, 2)) as rows:
        assert rows.reached == 0
        rows.add(ones(3))
    np.testing.assert_array_equal(np.load(path), ones(3))


def test_a_disk_without_room_is_told_before_anything_is_written(tmp_path: Path) -> None:
    rows = shutil.disk_usage(tmp_path).free // 4
    full = pytest.raises(OutputError, match=r"a\.npy: cannot be written \(No space left on device\)")
    with full, growing(tmp_path / "a.npy", (rows, 2)):
        raise AssertionError("there is no room")
    assert list(tmp_path.iterdir()) == []
