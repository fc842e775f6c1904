"""Whether a training ended for what lies around it: a full disk, a share or data that are away for a while."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Literal

from cnnbench.errors import DataError, MissingData, OutputError

DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.ENODEV, errno.ENXIO}
AWAY = DISK | {errno.ENOENT, errno.EACCES, errno.EPERM, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EHOSTUNREACH}


def outside(error: BaseException) -> Literal["disk", "data"] | None:
    """Return what failed around a training that raised this, None where the training itself did."""
    chain = list(_chain(error))
    numbers = {each.errno for each in chain if isinstance(each, OSError)}
    if isinstance(error, DataError):
        return "data" if isinstance(error, MissingData) or numbers & AWAY else None
    written = any(isinstance(each, OutputError) for each in chain)
    return "disk" if numbers & (AWAY if written else DISK) else None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those it was raised from, also where it hides them from tracebacks."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
