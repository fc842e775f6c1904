"""Which failures are a training's own and which are of what lies around it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from cnnbench.config.load import load_config
from cnnbench.data.catalogue import downloads
from cnnbench.data.load import load_dataset
from cnnbench.data.locate import not_found
from cnnbench.errors import CnnbenchError, ConfigError, OutputError, TrainingError
from cnnbench.files.whole import whole_file, write_text
from cnnbench.jobs.outside import outside
from tests.tools import tiny


def raised_by(path: Path, source: str) -> CnnbenchError:
    config = load_config(tiny(data={"source": source, "path": str(path)}))
    with pytest.raises(CnnbenchError) as raised:
        load_dataset(config, offline=True)
    return raised.value


def written(number: int, path: Path) -> OutputError:
    with pytest.raises(OutputError) as raised, whole_file(path):
        raise OSError(number, os.strerror(number))
    return raised.value


def test_a_disk_that_is_full_read_only_or_away_is_outside(tmp_path: Path) -> None:
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE):
        failure = written(number, tmp_path / "x")
        ended = TrainingError(f"{failure}; go on with ...")
        ended.__cause__ = failure
        assert outside(failure) == outside(ended) == outside(OSError(number, "x")) == "disk"


def test_a_place_that_is_taken_is_not(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError) as raised:
        write_text(tmp_path / "folder", "x")
    assert outside(raised.value) is None
    assert outside(TrainingError("diverged")) is outside(ConfigError("x")) is outside(ValueError("x")) is None
    assert outside(FileNotFoundError(errno.ENOENT, "something else")) is None


def test_data_that_are_away_are_outside_and_damaged_ones_are_not(tmp_path: Path) -> None:
    (empty := tmp_path / "mountpoint").mkdir()
    for path, source in ((tmp_path / "no.npz", "npz"), (tmp_path / "no", "image_folder"), (empty, "image_folder")):
        assert outside(raised_by(path, source)) == "data"
    assert outside(not_found("cifar10", downloads()["cifar10"], None, "--offline")) == "data"
    (tmp_path / "damaged.npz").write_bytes(b"no archive")
    assert outside(raised_by(tmp_path / "damaged.npz", "npz")) is None
    np.savez(tmp_path / "few.npz", x_train=np.zeros((2, 8, 8), np.uint8), y_train=np.zeros(2, int))
    assert outside(raised_by(tmp_path / "few.npz", "npz")) is None
