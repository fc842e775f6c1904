from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cnnbench.catalogue.sources import Remote
from cnnbench.data import download
from cnnbench.data.catalogue import downloads
from cnnbench.errors import DataError
from tests.builders.images import write_cifar10, write_fashion, write_npz
from tests.data.conftest import Places


class Server:
    """Serves `files` on 127.0.0.1; of those in `cut` it announces all and sends half."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut: set[str] = set()
        self.requests: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.lstrip("/")
                server.requests.append(name)
                if name not in server.files:
                    self.send_error(404)
                    return
                content = server.files[name]
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with suppress(ConnectionError):  # the client may have hung up
                    self.wfile.write(content[: len(content) // 2] if name in server.cut else content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def remote(self, name: str, content: bytes, path: str, archive: bool = False) -> Remote:
        self.files[name] = content
        url = f"http://127.0.0.1:{self.http.server_port}/{name}"
        return Remote(url, hashlib.sha256(content).hexdigest(), len(content), path, archive)


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    thread = threading.Thread(target=found.http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield found
    found.http.shutdown()
    found.http.server_close()


def npz_bytes(tmp_path: Path) -> bytes:
    return write_npz(tmp_path / "made" / "mnist.npz").read_bytes()


def tar_bytes(folder: Path, *extra: tuple[tarfile.TarInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.add(folder, folder.name)
        for member, content in extra:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def obtain(name: str, remotes: Sequence[Remote], *, offline: bool = False, quiet: bool = False) -> Path:
    """Get a named data set whose files lie elsewhere."""
    published = replace(downloads()[name], remotes=remotes)
    return download.obtain(name, published, offline=offline, quiet=quiet)


def left_over(place: Path) -> list[str]:
    return sorted(str(p.relative_to(place)) for p in place.rglob("*") if p.is_file())


def test_file_is_downloaded_once(places: Places, server: Server, tmp_path: Path) -> None:
    content = npz_bytes(tmp_path)
    remote = server.remote("mnist.npz", content, "mnist.npz")
    assert obtain("mnist", remotes=[remote]) == obtain("mnist", remotes=[remote]) == places.data
    assert (places.data / "mnist.npz").read_bytes() == content
    assert server.requests == ["mnist.npz"] and left_over(places.data) == ["mnist.npz"]


def test_without_cnnbench_data_it_goes_to_keras_cache(
    places: Places, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CNNBENCH_DATA")
    assert obtain("mnist", remotes=[server.remote("m", npz_bytes(tmp_path), "mnist.npz")]) == places.keras


def test_only_missing_files_are_fetched(places: Places, server: Server, tmp_path: Path) -> None:
    made = write_fashion(tmp_path / "made")
    remotes = [server.remote(p.name, p.read_bytes(), f"fashion-mnist/{p.name}") for p in sorted(made.iterdir())]
    write_fashion(places.data / "fashion-mnist")
    (places.data / "fashion-mnist" / remotes[2].path.split("/")[1]).unlink()
    assert obtain("fashion_mnist", remotes=remotes) == places.data / "fashion-mnist"
    assert server.requests == [Path(remotes[2].path).name]


def test_archive_is_unpacked_and_removed(places: Places, server: Server, tmp_path: Path) -> None:
    packed = tar_bytes(write_cifar10(tmp_path / "cifar-10-batches-py"))
    folder = obtain("cifar10", remotes=[server.remote("c.tar.gz", packed, "cifar-10-batches-py", archive=True)])
    assert sorted(p.name for p in folder.iterdir()) == sorted(downloads()["cifar10"].files)
    assert left_over(places.data) == sorted(f"cifar-10-batches-py/{b}" for b in downloads()["cifar10"].files)


def test_wrong_checksum_keeps_nothing(places: Places, server: Server, tmp_path: Path) -> None:
    remote = server.remote("mnist.npz", npz_bytes(tmp_path), "mnist.npz")
    server.files["mnist.npz"] = bytes(remote.size)
    with pytest.raises(DataError, match=r"mnist\.npz: SHA-256 is .*, published is") as e:
        obtain("mnist", remotes=[remote])
    assert len(e.value.problems) == 1 and left_over(places.data) == []


@pytest.mark.parametrize("archive", [False, True])
def test_transfer_cut_short_keeps_nothing(places: Places, server: Server, tmp_path: Path, archive: bool) -> None:
    remote = server.remote("x", npz_bytes(tmp_path), "mnist.npz", archive)
    server.cut.add("x")
    with pytest.raises(DataError, match=rf"x: {remote.size // 2} of {remote.size} bytes arrived"):
        obtain("mnist", remotes=[remote])
    assert left_over(places.data) == []


def test_endless_answer_is_stopped(
    places: Places, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "BLOCK", 1000)
    remote = server.remote("x", npz_bytes(tmp_path), "mnist.npz")
    server.files["x"] += bytes(10_000_000)
    with pytest.raises(DataError, match=f"more than {remote.size} bytes arrived"):
        obtain("mnist", remotes=[remote])


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (member("../evil"), "outside cifar-10-batches-py/"),
        (member("/tmp/evil"), "outside cifar-10-batches-py/"),
        (member("cifar-10-batches-py/../../evil"), "outside cifar-10-batches-py/"),
        (member("elsewhere/evil"), "outside cifar-10-batches-py/"),
        (member("cifar-10-batches-py/evil", tarfile.SYMTYPE, "/etc/passwd"), "a link or device"),
        (member("cifar-10-batches-py/evil", tarfile.LNKTYPE, "../../evil"), "a link or device"),
        (member("cifar-10-batches-py/evil", tarfile.CHRTYPE), "a link or device"),
        (member("cifar-10-batches-py/evil", tarfile.FIFOTYPE), "a link or device"),
    ],
)
def test_malicious_archive_is_refused_whole(
    places: Places, server: Server, tmp_path: Path, extra: tarfile.TarInfo, expected: str
) -> None:
    packed = tar_bytes(write_cifar10(tmp_path / "cifar-10-batches-py"), (extra, b""))
    remote = server.remote("c.tar.gz", packed, "cifar-10-batches-py", archive=True)
    with pytest.raises(DataError, match=f"{expected}; nothing was unpacked") as e:
        obtain("cifar10", remotes=[remote])
    assert len(e.value.problems) == 1 and left_over(places.data) == [] and not (tmp_path / "evil").exists()


@pytest.mark.parametrize("content", [b"no archive", b"\x1f\x8b\x08" + bytes(50)])
def test_broken_archive_is_refused(places: Places, server: Server, content: bytes) -> None:
    remote = server.remote("c.tar.gz", content, "cifar-10-batches-py", archive=True)
    with pytest.raises(DataError, match=r"c\.tar\.gz: not a tar archive that can be unpacked"):
        obtain("cifar10", remotes=[remote])


def test_archive_without_all_files_is_refused(places: Places, server: Server, tmp_path: Path) -> None:
    folder = write_cifar10(tmp_path / "cifar-10-batches-py")
    (folder / "test_batch").unlink()
    remote = server.remote("c.tar.gz", tar_bytes(folder), "cifar-10-batches-py", archive=True)
    with pytest.raises(DataError, match="downloaded cifar10, but not all of"):
        obtain("cifar10", remotes=[remote])


def test_offline_asks_nobody(places: Places, server: Server) -> None:
    with pytest.raises(DataError, match=r"mnist: not found and not downloaded \(offline\); looked in data\.path"):
        obtain("mnist", offline=True, remotes=[server.remote("m", b"x", "mnist.npz")])
    assert server.requests == []


def test_missing_file_and_missing_server_name_the_places(places: Places, server: Server) -> None:
    remote = server.remote("m", b"x", "mnist.npz")
    server.files.clear()
    with pytest.raises(DataError, match=r"Not Found.*looked in .*put there mnist\.npz"):
        obtain("mnist", remotes=[remote])
    with pytest.raises(DataError, match=r"refused.*looked in .*put there mnist\.npz") as e:
        obtain("mnist", remotes=[Remote("http://127.0.0.1:9/m", "", 1, "mnist.npz")])
    assert len(e.value.problems) == 1


def test_folder_that_cannot_be_written_is_named(
    places: Places, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    (places.data / "file").write_text("")
    monkeypatch.setenv("CNNBENCH_DATA", str(places.data / "file" / "below"))
    with pytest.raises(DataError, match="cannot be written"):
        obtain("mnist", remotes=[server.remote("m", b"x", "mnist.npz")])


def test_progress_is_one_line_away_from_a_terminal_and_none_when_quiet(
    places: Places, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    remote = server.remote("mnist.npz", npz_bytes(tmp_path), "mnist.npz")
    obtain("mnist", remotes=[remote], quiet=True)
    assert capsys.readouterr() == ("", "")
    (places.data / "mnist.npz").unlink()
    obtain("mnist", remotes=[remote])
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.splitlines() == [f"downloading {remote.url} ({remote.size / 1e6:.1f} MB)"]


def test_every_published_checksum_is_a_sha256() -> None:
    remotes = [remote for published in downloads().values() for remote in published.remotes]
    assert len(remotes) == len({r.sha256 for r in remotes}) >= 7
    assert all(len(r.sha256) == 64 and int(r.sha256, 16) and r.size > 5000 for r in remotes)
