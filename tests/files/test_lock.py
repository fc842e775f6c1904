"""Who is kept out of a folder, by real processes."""

from __future__ import annotations

import fcntl
import os
import platform
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cnnbench.errors import ConfigError, OutputError
from cnnbench.files.lock import held, holder


def test_a_second_one_is_told_who_works_there_since_when(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    with held(tmp_path, "no"):
        with pytest.raises(ConfigError) as raised, held(tmp_path, "--resume a: still running"):
            pass
        told = str(raised.value)
        assert told == f"--resume a: still running ({holder(tmp_path)})"
        assert f"(process {os.getpid()} on {platform.node()} since 20" in told and told.endswith(" UTC)")
    assert holder(tmp_path) is None
    with held(tmp_path, "no"):
        pass


def test_the_kernel_lets_go_of_it_however_a_process_ends(tmp_path: Path) -> None:
    code = "import sys, time\nfrom pathlib import Path\nfrom cnnbench.files.lock import held\n"
    code += "with held(Path(sys.argv[1]), ''):\n"
    code += " print('in', flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"in\n"
    assert str(holder(tmp_path)).startswith(f"process {process.pid} on ")
    with pytest.raises(ConfigError), held(tmp_path, ""):
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert holder(tmp_path) is None
    with held(tmp_path, ""):
        assert str(holder(tmp_path)).startswith(f"process {os.getpid()} on ")


def test_a_look_from_elsewhere_keeps_nobody_out(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    looking = os.open(tmp_path / ".lock", os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)
    threading.Timer(0.1, os.close, [looking]).start()
    with held(tmp_path, ""):
        assert holder(tmp_path)


def test_a_folder_that_is_gone_is_no_one_s(tmp_path: Path) -> None:
    assert holder(tmp_path / "gone") is None
    with pytest.raises(OutputError, match=r"gone: cannot be written \(No such file"), held(tmp_path / "gone", ""):
        pass
