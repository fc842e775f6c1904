"""Where a weight file is: at the path that was given, or, for `imagenet`, where frameworks keep what they download."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from cnnbench.catalogue.sources import Remote
from cnnbench.config.paths import IMAGENET
from cnnbench.config.published import Published
from cnnbench.config.schema import Model
from cnnbench.data.download import Unreachable, fetch
from cnnbench.errors import DataError, MissingData, MissingWeights

MODEL = "model.keras"  # what a run folder keeps its network in


@dataclass(frozen=True)
class Found:
    """A weight file, its SHA-256, and the row that tells of it where it is a published one."""

    path: Path
    sha256: str
    published: Published | None = None


def found(model: Model, *, offline: bool = False, quiet: bool = False) -> Found:
    """Return the file that `model.weights` names; `imagenet` is downloaded where it is in no place, unless `offline`.

    Raises DataError for a file that is not there or not the published one; MissingData names the places and the file.
    """
    rows = model.published or []
    if model.weights == IMAGENET:
        return _kept(rows) or _downloaded(rows, offline=offline, quiet=quiet)
    path = Path(model.weights or "").expanduser()
    if path.is_dir():
        if not (path / MODEL).is_file():
            expected = _run_below(path) or "a run folder or a weight file"
            raise DataError(f"{path}: no weights: a folder without {MODEL}; expected {expected}")
        path = path / MODEL
    elif not path.is_file():
        raise MissingData(f"model.weights: {path}: no such file")
    digests = _Digests(path)
    return Found(path, digests.of("sha256"), next((row for row in rows if digests.are(row)), None))


def _run_below(folder: Path) -> str | None:
    """Return the newest run in the folder of a name; it is not taken by itself, or the same words would mean others."""
    runs = sorted(path.parent for path in folder.glob(f"*/{MODEL}"))
    return f"a run, as {runs[-1]}" if runs else None


def places() -> Sequence[tuple[str, Path]]:
    """Return where files are looked for by name, the folder that downloads go to first."""
    given, torch = os.environ.get("CNNBENCH_DATA"), os.environ.get("TORCH_HOME")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    keras = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    own = [("$CNNBENCH_DATA", Path(given) / "weights")] if given else []
    checkpoints = Path(torch or cache / "torch") / "hub" / "checkpoints"
    return [*own, ("Keras' models", keras / "models"), ("torchvision's checkpoints", checkpoints)]


def hub() -> Path:
    """Return where the Hugging Face hub, which timm and KerasHub download from, keeps repositories."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = Path(os.environ.get("HF_HOME") or cache / "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or home / "hub")


def _kept(rows: Sequence[Published]) -> Found | None:
    """Return the first published file that is on this machine; raises DataError where it is another one."""
    for row in rows:
        for path in _candidates(row):
            if not path.is_file():
                continue
            digests = _Digests(path)
            if not digests.are(row):
                raise DataError(f"{path}: not the file that {row.publisher} published, or damaged: {digests.told(row)}")
            return Found(path, digests.of("sha256"), row)
    return None


def _candidates(row: Published) -> Iterator[Path]:
    if row.package is not None:
        module, _, folder = row.package.partition("/")
        spec = find_spec(module)
        places_of = spec.submodule_search_locations if spec is not None else None
        yield from (Path(place) / folder / row.file for place in places_of or [])
    yield from (folder / row.file for _, folder in places())
    if row.hub is not None:
        yield from sorted(hub().glob(f"models--{row.hub.replace('/', '--')}/snapshots/*/{row.file}"))


def _downloaded(rows: Sequence[Published], *, offline: bool, quiet: bool) -> Found:
    to_load = next((row for row in rows if row.url and row.sha256), None)
    if offline:
        raise _missing(rows, "offline")
    if to_load is None or to_load.url is None or to_load.sha256 is None:
        raise _missing(rows, "nothing is published with a SHA-256")
    folder = places()[0][1]
    try:
        fetch(Remote(to_load.url, to_load.sha256, None, to_load.file), folder, quiet)
    except Unreachable as e:
        raise _missing(rows, str(e)) from None
    path = folder / to_load.file
    return Found(path, _Digests(path).of("sha256"), to_load)


def _missing(rows: Sequence[Published], reason: str) -> MissingWeights:
    looked = [f"{what}: {folder}" for what, folder in places()]
    looked += [f"the hub's cache: {hub()}"] if any(row.hub for row in rows) else []
    looked += [f"the package {row.package.partition('/')[0]}" for row in rows if row.package]
    files = list(dict.fromkeys(row.file for row in rows))
    return MissingWeights(
        f"model.weights: imagenet: not found and not downloaded ({reason}); looked in {'; '.join(looked)}; put there"
        f" {' or '.join(files)}",
        files,
    )


@dataclass(frozen=True)
class _Digests:
    """What a file is known by."""

    path: Path

    def of(self, algorithm: str) -> str:
        """Return the digest as hex digits; raises DataError where the file cannot be read."""
        try:
            with self.path.open("rb") as file:
                return hashlib.file_digest(file, algorithm).hexdigest()
        except OSError as e:
            raise DataError(f"{self.path}: cannot be read ({e.strerror})") from None

    def are(self, row: Published) -> bool:
        """Return whether the file is the published one; the hub names what it keeps by the SHA-256 itself."""
        if row.sha256 is not None:
            return self.of("sha256").startswith(row.sha256)
        if row.md5 is not None:
            return self.of("md5") == row.md5
        return row.hub is not None and self.path.resolve().name == self.of("sha256")

    def told(self, row: Published) -> str:
        """Return what the file is known by and what it should be."""
        if row.sha256 is not None:
            return f"its SHA-256 is {self.of('sha256')}, published is {row.sha256}"
        if row.md5 is not None:
            return f"its MD5 is {self.of('md5')}, published is {row.md5}"
        return f"its SHA-256 is {self.of('sha256')}, its name in the cache {self.path.resolve().name}"
