"""Taking over processes whose own parent ends, as the system's first process else does."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SET_SUBREAPER, GET_SUBREAPER = 36, 37  # of Linux' prctl(2)
_ONE_AT_A_TIME = threading.Lock()  # it is said of the whole process


@contextmanager
def adopting() -> Iterator[None]:
    """Within, a grandchild whose parent ends becomes a child of this process; raises OSError where it cannot.

    Linux alone has it: PR_SET_CHILD_SUBREAPER.
    """
    with _ONE_AT_A_TIME:
        before = ctypes.c_int()
        _prctl(GET_SUBREAPER, ctypes.byref(before))
        _prctl(SET_SUBREAPER, ctypes.c_ulong(1))
        try:
            yield
        finally:
            _prctl(SET_SUBREAPER, ctypes.c_ulong(before.value))


def _prctl(what: int, value: object) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(what, value, *[ctypes.c_ulong(0)] * 3):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
