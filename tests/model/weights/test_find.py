"""Published weights are looked for by name where frameworks keep them, known by their digest, downloaded or told of."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnbench.config.published import Published
from cnnbench.config.schema import Model
from cnnbench.errors import DataError, MissingData
from cnnbench.model.weights.find import found

CONTENT = b"weights"
SHA, MD5 = hashlib.sha256(CONTENT).hexdigest(), hashlib.md5(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the frameworks a home of their own."""
    for name in ("CNNBENCH_DATA", "TORCH_HOME", "KERAS_HOME", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def row(**keys: str) -> Published:
    return Published(**{"file": "net-1234.pth", "publisher": "somebody", "preprocessing": "torchvision"} | keys)


def imagenet(*rows: Published) -> Model:
    return Model(weights="imagenet", published=list(rows))


def keep(path: Path, content: bytes = CONTENT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


PLACES = {
    ".keras/models/net-1234.pth": row(md5=MD5),
    ".cache/torch/hub/checkpoints/net-1234.pth": row(sha256=SHA[:8]),
    ".cache/huggingface/hub/models--timm--net/snapshots/abc/net-1234.pth": row(hub="timm/net", sha256=SHA),
}


@pytest.mark.parametrize("place", PLACES)
def test_where_frameworks_keep_it(place: str, home: Path) -> None:
    path = keep(home / place)
    assert found(imagenet(row(file="other", sha256=SHA), PLACES[place]), offline=True).path == path
    keep(path, b"damaged")
    with pytest.raises(DataError, match=r"not the file that somebody published, or damaged: its (SHA-256|MD5) is"):
        found(imagenet(PLACES[place]), offline=True)


def test_the_hub_names_files_by_their_digest(home: Path) -> None:
    repository = home / ".cache/huggingface/hub/models--timm--net"
    blob = keep(repository / "blobs" / SHA)
    link = repository / "snapshots/abc/net-1234.pth"
    link.parent.mkdir(parents=True)
    link.symlink_to(blob)
    assert found(imagenet(row(hub="timm/net")), offline=True).sha256 == SHA
    keep(blob, b"damaged")
    with pytest.raises(DataError, match="its name in the cache"):
        found(imagenet(row(hub="timm/net")), offline=True)


def test_what_is_nowhere_is_told_with_the_places_and_the_file(home: Path) -> None:
    with pytest.raises(MissingData) as error:
        found(imagenet(row(sha256=SHA, url="https://example.org/x", package="no_such_package/models")), offline=True)
    told = str(error.value)
    assert told.startswith("model.weights: imagenet: not found and not downloaded (offline); looked in Keras' models:")
    assert str(home / ".cache/torch/hub/checkpoints") in told and "the package no_such_package" in told
    assert told.endswith("put there net-1234.pth") and "\n" not in told
    with pytest.raises(MissingData, match="nothing is published with a SHA-256"):
        found(imagenet(row(md5=MD5)))


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/net.pth"
        server.shutdown()


def test_a_download_is_held_to_its_published_digits(address: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNBENCH_DATA", str(home / "data"))
    good = row(sha256=SHA[:8]).model_copy(update={"url": address})
    bad = row(sha256="0" * 8).model_copy(update={"url": address})
    with pytest.raises(DataError, match="nothing was kept"):
        found(imagenet(bad), quiet=True)
    assert not list((home / "data" / "weights").iterdir())
    assert found(imagenet(good), quiet=True).path == home / "data" / "weights" / "net-1234.pth"
    assert found(imagenet(good), offline=True).sha256 == SHA


def test_a_published_file_is_known_wherever_it_lies(home: Path) -> None:
    known = row(sha256=SHA[:8])
    path = keep(home / "renamed.pth")
    model = Model(weights=str(path), published=[row(sha256="0" * 8), known])
    assert found(model).published == known
    assert found(Model(weights=str(path))).published is None
