"""A run folder with its log as bytes, for machines that share no disk."""

from __future__ import annotations

import io
import secrets
import shutil
import tarfile
from pathlib import Path

from cnnbench.errors import OutputError
from cnnbench.files.whole import whole_file
from cnnbench.jobs.child import log_of

RUN, LOG = "run", "log"


def packed(folder: Path) -> bytes:
    """Return a run folder and its log, each where there is one, as an archive."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for path, name in ((folder, RUN), (log_of(folder), LOG)):
            if path.exists():
                archive.add(path, name)
    return content.getvalue()


def unpack(content: bytes, folder: Path) -> None:
    """Put what `packed` returned in the place of `folder` and its log; raises OutputError.

    The folder appears whole. What leads out of it, such as a link, is refused by Python's own filter.
    """
    fresh = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(fresh, filter="data")
        if (fresh / LOG).exists():
            with whole_file(log_of(folder)) as part:
                (fresh / LOG).rename(part)
        if (fresh / RUN).exists():
            if folder.exists():
                folder.rename(fresh / "before")
            (fresh / RUN).rename(folder)
    except (OSError, tarfile.TarError) as e:
        raise OutputError(f"{folder}: cannot be brought back ({e})") from e
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
