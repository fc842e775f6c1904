"""Downloading the named data sets: a .part file, checked against its published SHA-256, then renamed."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import sys
import tarfile
import tempfile
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from cnnbench.catalogue.sources import Published, Remote
from cnnbench.data import locate
from cnnbench.errors import DataError
from cnnbench.files.whole import whole_file

TIMEOUT = 30  # seconds without a byte
BLOCK = 1 << 18


def obtain(
    name: str, published: Published, path: str | None = None, *, offline: bool = False, quiet: bool = False
) -> Path:
    """Return the folder with the files of a named data set, downloading them if they are in none of its places.

    Raises DataError: offline or without network it names the places and what to put there; for a transfer
    that is cut short or does not have the published SHA-256 it names the address.
    """
    found = locate.find(published, path)
    if found is not None:
        return found
    if offline:
        raise locate.not_found(name, published, path, "offline")
    if published.by_hand:
        raise locate.not_found(name, published, path, f"it has no published checksums: get {published.by_hand}")
    root = locate.download_folder()
    for remote in published.remotes:
        try:
            fetch(remote, root, quiet)
        except Unreachable as e:
            raise locate.not_found(name, published, path, str(e)) from None
    found = locate.find(published, path)
    if found is None:
        raise DataError(f"{root}: downloaded {name}, but not all of {published.about} is there")
    return found


class Unreachable(Exception):
    """There is no network, or the server does not give the file."""


def fetch(remote: Remote, root: Path, quiet: bool) -> None:
    """Download a file or an archive into a folder that need not be there yet; raises Unreachable, DataError."""
    target = root / remote.path
    if not remote.archive and target.exists():
        return
    try:
        root.mkdir(parents=True, exist_ok=True)
        if not remote.archive:
            with whole_file(target) as part:
                _transfer(remote, part, quiet)
            return
        with tempfile.TemporaryDirectory(dir=root, prefix=".download-") as folder:
            archive = Path(folder) / "archive.part"
            _transfer(remote, archive, quiet)
            unpack(archive, target, remote.url)
    except OSError as e:
        raise DataError(f"{e.filename or root}: cannot be written ({e.strerror or e})") from None


def _transfer(remote: Remote, part: Path, quiet: bool) -> None:
    """Write what the address gives to `part` and check it."""
    digest, received = hashlib.sha256(), 0
    with part.open("wb") as f, _progress(remote, quiet) as advance:
        for block in _blocks(remote.url):
            f.write(block)
            digest.update(block)
            received += len(block)
            advance(len(block))
            if remote.size is not None and received > remote.size:
                break
    if remote.size is not None and received != remote.size:
        many = "more than" if received > remote.size else f"{received} of"
        raise DataError(f"{remote.url}: {many} {remote.size} bytes arrived; try again")
    if not digest.hexdigest().startswith(remote.sha256):
        raise DataError(
            f"{remote.url}: SHA-256 is {digest.hexdigest()}, published is {remote.sha256}; nothing was kept"
        )


def _blocks(url: str) -> Iterator[bytes]:
    request = urllib.request.Request(url, headers={"User-Agent": "cnnbench"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            while block := response.read(BLOCK):
                yield block
    except (OSError, http.client.HTTPException) as e:
        reason = getattr(e, "reason", None) or e
        raise Unreachable(f"{url}: {reason}") from None


def unpack(archive: Path, target: Path, url: str) -> None:
    """Unpack the folder `target.name` of a gzipped tar archive to `target`.

    Raises DataError for anything but plain files and folders inside that folder, and for a broken archive.
    """
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        try:
            with tarfile.open(archive, "r:gz") as tar:
                members = [_checked(member, target.name, url) for member in tar]
                tar.extractall(folder, members, filter="data")
        except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as e:
            raise DataError(f"{url}: not a tar archive that can be unpacked ({e})") from None
        target.mkdir(exist_ok=True)
        for path in sorted((Path(folder) / target.name).iterdir()):
            path.replace(target / path.name)


def _checked(member: tarfile.TarInfo, top: str, url: str) -> tarfile.TarInfo:
    path = PurePosixPath(member.name)
    inside = not path.is_absolute() and ".." not in path.parts and path.parts[:1] == (top,)
    if not inside or not (member.isreg() or member.isdir()):
        kind = "a link or device" if inside else f"outside {top}/"
        raise DataError(f"{url}: the archive holds {member.name!r}, {kind}; nothing was unpacked")
    return member


@contextmanager
def _progress(remote: Remote, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Yield what is called with the number of bytes that arrived: a bar on a terminal, else one line."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    is_terminal = sys.stderr.isatty()
    console = Console(stderr=True, quiet=quiet, soft_wrap=True, highlight=False, force_terminal=is_terminal)
    if not console.is_terminal:
        size = f" ({remote.size / 1e6:.1f} MB)" if remote.size is not None else ""
        console.print(f"downloading {remote.url}{size}", markup=False)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(PurePosixPath(remote.url).name, total=remote.size)
        yield lambda count: bar.advance(task, count)
