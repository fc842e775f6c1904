"""Processes whose parent has ended."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cnnbench.machine.adoption import adopting

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has it")
PARENT = """
import os, sys
if pid := os.fork():
    print(pid, flush=True)
    os._exit(0)
sys.stdin.read()
os._exit(7)
"""


def orphan() -> tuple[int, subprocess.Popen[str]]:
    """Return the number of a process whose parent has ended, and that parent; it ends with its standard input."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=-1, stdout=-1, text=True)
    assert parent.stdin is not None and parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.wait()
    return pid, parent


def test_an_orphan_is_taken_over_and_told_how_it_ended() -> None:
    with adopting():
        pid, parent = orphan()
    parent.communicate()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7


def test_afterwards_orphans_are_the_systems_again() -> None:
    with adopting():
        pass
    pid, parent = orphan()
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    parent.communicate()
