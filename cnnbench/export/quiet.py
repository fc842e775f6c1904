"""What libraries say while they convert a model: held back, for it is meant for who develops them."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout


@contextmanager
def quiet() -> Iterator[None]:
    """Let nothing reach standard output and error, be it written by Python or to descriptors 1 and 2 by C++."""
    _flush()
    before = logging.root.manager.disable
    with ExitStack() as stack:
        held = stack.enter_context(tempfile.TemporaryFile())
        text = stack.enter_context(os.fdopen(os.dup(held.fileno()), "w", encoding="utf-8", errors="backslashreplace"))
        for number in (1, 2):
            saved = os.dup(number)
            stack.callback(os.close, saved)
            stack.callback(os.dup2, saved, number)
            os.dup2(held.fileno(), number)
        stack.enter_context(redirect_stdout(text))
        stack.enter_context(redirect_stderr(text))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.callback(logging.disable, before)
        logging.disable(logging.CRITICAL)
        stack.callback(_flush)
        yield


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
