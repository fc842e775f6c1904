"""What the system says of the processor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cnnbench.machine import cpu


def test_cores_are_those_of_the_process() -> None:
    code = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    code += "from cnnbench.machine.cpu import available_cores; print(available_cores())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    assert done.stdout == "1\n"
    assert 1 <= cpu.available_cores() <= (os.cpu_count() or 1)
