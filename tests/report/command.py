"""The command line, called in this process."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

import pytest

from cnnbench.cli import main


def cnnbench(*arguments: object) -> tuple[int, str, str]:
    """Run `cnnbench` with these arguments; return exit code, standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    command = patch.object(sys, "argv", ["cnnbench", *map(str, arguments)])
    with command, redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main.main()
    return int(ended.value.code or 0), out.getvalue(), err.getvalue()
