"""What was not used for longest goes first, and nothing that somebody else removes meanwhile is missed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cnnbench.files.cache import alone, cache_folder, is_there, kept_bytes, trim, used


def written(folder: Path, name: str, age: float, length: int = 100) -> Path:
    path = folder / name
    path.write_bytes(bytes(length))
    when = path.stat().st_mtime - age
    os.utime(path, (when, when))
    return path


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    old, *_, new = (written(tmp_path, f"{name}.npy", age) for name, age in (("a", 30), ("b", 20), ("c", 10)))
    used(old)
    trim(tmp_path, 250, keep=new)
    assert left(tmp_path) == ["a.npy", "c.npy"]
    trim(tmp_path, 0, keep=new)
    assert left(tmp_path) == ["c.npy"]


@pytest.mark.parametrize(("hours", "expected"), [(1, ["a.npy", "b.part"]), (25, ["a.npy"])])
def test_what_is_being_written_is_left_alone_for_a_day(hours: int, expected: list[str], tmp_path: Path) -> None:
    kept = written(tmp_path, "a.npy", 0)
    written(tmp_path, "b.part", 3600 * hours)
    trim(tmp_path, 0, keep=kept)
    assert left(tmp_path) == expected


def test_what_is_kept_counts_in_folders_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for kind in ("prepared", "compiled/one", "compiled/two"):
        cache_folder(kind).mkdir(parents=True)
        written(cache_folder(kind), "a.npy", 0)
    assert kept_bytes() == {"compiled": 200, "prepared": 100}


def test_what_is_gone_meanwhile_takes_no_room(tmp_path: Path) -> None:
    kept = written(tmp_path, "a.npy", 0)
    (tmp_path / "b.npy").symlink_to(tmp_path / "gone")  # found in the folder, but without anything behind it
    trim(tmp_path, 0, keep=kept)
    assert kept.exists()


def test_a_user_without_a_home_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(user: int) -> None:
        raise KeyError(user)

    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    place = cache_folder("prepared") / "a.npy"
    assert kept_bytes() == {} and not is_there(place)
    with alone(place):
        assert not is_there(place.parent)
