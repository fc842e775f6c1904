"""Files that somebody with bad intentions may hand on: real ones, that work where nobody looks what they hold.

What they go for is a `Bait`: a file that they would make, one that they would read, a port that they would call.
"""

from __future__ import annotations

import base64
import ctypes
import io
import json
import os
import pickle
import socket
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

IN_OPEN = 0x20  # of inotify
WATCHED = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")
WATCHED = (*WATCHED, "pickle.find_class")


@dataclass(frozen=True)
class Bait:
    """What an attack goes for, in a folder of its own."""

    folder: Path
    port: int

    @cached_property
    def marker(self) -> Path:
        """The file that is there once something was executed."""
        return self.folder / "marker"

    @cached_property
    def secret(self) -> Path:
        """A file that is nobody's business: words, and a good vocabulary."""
        return self.folder / "secret"

    @property
    def touch(self) -> str:
        """The command that leaves the marker."""
        return f"touch {self.marker}"

    @property
    def address(self) -> str:
        """An address at which somebody listens."""
        return f"http://127.0.0.1:{self.port}/module"


@contextmanager
def unharmed(folder: Path) -> Iterator[Bait]:
    """Yield a bait; fail where anything was executed, read or called at the end."""
    with socket.create_server(("127.0.0.1", 0)) as server, _seen() as seen:
        server.setblocking(False)
        bait = Bait(folder, server.getsockname()[1])
        bait.secret.write_text("first\nsecond\n")
        with _opened(bait.secret) as opened:
            yield bait
            assert not bait.marker.exists(), "executed"
            assert not opened(), "read"
        assert not _was_called(server), "called"
        assert not seen, seen


def _was_called(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@contextmanager
def _opened(path: Path) -> Iterator[Callable[[], bool]]:
    """Yield what says whether a file was opened, by whatever library: the kernel tells."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK)
    assert libc.inotify_add_watch(descriptor, os.fsencode(path), IN_OPEN) > 0

    def was_opened() -> bool:
        try:
            return bool(os.read(descriptor, 4096))
        except BlockingIOError:
            return False

    try:
        yield was_opened
    finally:
        os.close(descriptor)


_SEEN: list[list[str]] = []  # those that are filled now: a hook stays as long as its process


@contextmanager
def _seen() -> Iterator[list[str]]:
    """Yield what Python tells its auditors of processes, connections and pickles."""
    if not hasattr(_hook, "added"):
        sys.addaudithook(_hook)
        setattr(_hook, "added", True)  # noqa: B010 - a function has no such attribute for mypy
    _SEEN.append([])
    try:
        yield _SEEN[-1]
    finally:
        _SEEN.pop()


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _SEEN and event in WATCHED:
        _SEEN[-1].append(f"{event} {arguments}")


class Pickled:
    """What a pickle may hold: something to be called when it is read."""

    def __init__(self, bait: Bait) -> None:
        self.command = bait.touch

    def __reduce__(self) -> Any:
        return os.system, (self.command,)


@dataclass(frozen=True)
class Attack:
    """A file that `write` puts in the place of a sound one; how the line ends that refuses it."""

    name: str
    write: Callable[[Path, Bait], None]
    told: str


def network(*more: Any, loss: Any = None) -> keras.Model:
    """Return a network as a run on digits may have it, with layers of whoever hands it on."""
    pixels = keras.Input((8, 8, 1), name="pixels")
    x = keras.layers.Rescaling([1 / 255], [0.0], name="normalization")(pixels)
    for layer in (*more, keras.layers.Flatten(), keras.layers.Dense(10, "softmax")):
        x = layer(x)
    model = keras.Model(pixels, x)
    if loss is not None:
        model.compile(loss=loss)
    return model


def _lambda(bait: Bait) -> Any:
    place = str(bait.marker)
    return keras.layers.Lambda(lambda x: (open(place, "w"), x)[1], output_shape=(8, 8, 1))  # noqa: PTH123


def plain_lambda(path: Path, bait: Bait) -> None:
    network(_lambda(bait)).save(path)


def nested_lambda(path: Path, bait: Bait) -> None:
    pixels = keras.Input((8, 8, 1))
    network(keras.Model(pixels, _lambda(bait)(pixels))).save(path)


def lambda_loss(path: Path, bait: Bait) -> None:
    place = str(bait.marker)
    loss = {"class_name": "__lambda__", "config": {"value": _dumped(lambda t, p: (open(place, "w"), p)[1])}}  # noqa: PTH123, SIM115
    pixels = keras.Input((8, 8, 1))
    network(keras.Model(pixels, keras.layers.Identity()(pixels))).save(path)

    def compiled(told: Any) -> None:
        [inner] = [layer for layer in told["config"]["layers"] if layer["class_name"] == "Functional"]
        inner["compile_config"] = {"optimizer": "sgd", "loss": loss, "metrics": None}

    rewritten(path, compiled)


def _dumped(function: Callable[..., Any]) -> Any:
    from keras.src.utils.python_utils import func_dump

    value, defaults, closure = func_dump(function)
    return {"code": value, "defaults": defaults, "closure": closure}


def rewritten(path: Path, change: Callable[[Any], None], **members: bytes) -> None:
    """Change the description in a `.keras` archive, and put further files into it or others in their places."""
    with zipfile.ZipFile(path) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(inside["config.json"])
    change(told)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**inside, "config.json": json.dumps(told).encode(), **members}.items():
            archive.writestr(name, content)


def with_layer(told: Callable[[Bait], dict[str, Any]]) -> Callable[[Path, Bait], None]:
    """Return what writes a network with a layer more, described by hand: Keras builds it as it reads it."""

    def write(path: Path, bait: Bait) -> None:
        network().save(path)
        layer = {"module": "keras.layers", "registered_name": None, "name": "x", "inbound_nodes": [], **told(bait)}
        rewritten(path, lambda description: description["config"]["layers"].insert(1, layer))

    return write


def _vocabulary(bait: Bait) -> dict[str, Any]:
    return {"class_name": "StringLookup", "config": {"name": "x", "vocabulary": str(bait.secret)}}


def _fetched(bait: Bait) -> dict[str, Any]:
    function = {"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "get_file"}
    arguments = {"origin": bait.address, "cache_dir": str(bait.folder)}
    return {"class_name": "Lambda", "config": {"name": "x", "function": function, "arguments": arguments}}


def _saved_model(bait: Bait) -> dict[str, Any]:
    return {"class_name": "TFSMLayer", "config": {"name": "x", "filepath": str(bait.folder)}}


def _torch(bait: Bait) -> dict[str, Any]:
    module = base64.b64encode(pickle.dumps(Pickled(bait))).decode("ascii")
    return {"class_name": "TorchModuleWrapper", "config": {"name": "x", "module": module}}


def _system(bait: Bait) -> dict[str, Any]:
    run = {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}
    return {"class_name": "Dense", "config": {"name": "x", "units": 1, "kernel_initializer": run}}


def _registered(bait: Bait) -> dict[str, Any]:
    return {"module": "evil.layers", "class_name": "Dense", "registered_name": "evil>Dense", "config": {"name": "x"}}


def climbing(path: Path, bait: Bait) -> None:
    network().save(path)
    rewritten(path, lambda _: None, **{f"assets/{'../' * 20}{bait.marker}": b"here"})


def swollen(path: Path, bait: Bait) -> None:
    """Write an archive that grows to a thousand times its size."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in ("config.json", "network.npy", "schema.json", "history.npy"):
            with archive.open(name, "w") as file:
                for _ in range(5):
                    file.write(bytes(4 * 2**20))


def leading_out(link: Callable[[h5py.File, Bait], None]) -> Callable[[Path, Bait], None]:
    """Return what writes a network whose weights lie in another file."""

    def write(path: Path, bait: Bait) -> None:
        network().save(path)
        content = io.BytesIO(_weights_of(path))
        with h5py.File(content, "r+") as file:
            link(file, bait)
        rewritten(path, lambda _: None, **{"model.weights.h5": content.getvalue()})

    return write


def _weights_of(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read("model.weights.h5")


KERNEL = "layers/dense/vars/0"


def linked(file: h5py.File, bait: Bait) -> None:
    del file[KERNEL]
    file[KERNEL] = h5py.ExternalLink(str(bait.secret), "/kernel")


def stored_outside(file: h5py.File, bait: Bait) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, (64, 10), "uint8", external=[(str(bait.secret), 0, 640)])


def put_together(file: h5py.File, bait: Bait) -> None:
    del file[KERNEL]
    layout = h5py.VirtualLayout((64, 10), "float32")
    layout[:] = h5py.VirtualSource(str(bait.secret), "kernel", (64, 10))
    file.create_virtual_dataset(KERNEL, layout)


def pickled_array(name: str) -> Callable[[Path, Bait], None]:
    """Return what writes an array of this name that is unpickled where it is read."""
    return lambda path, bait: np.savez(path, **{name: np.array([Pickled(bait)], object)})


NETWORKS: Sequence[Attack] = [
    Attack("plain_lambda", plain_lambda, "holds Lambda of keras.layers"),
    Attack("nested_lambda", nested_lambda, "holds Lambda of keras.layers"),
    Attack("lambda_loss", lambda_loss, "holds compile_config, how it is to be trained"),
    Attack("vocabulary_file", with_layer(_vocabulary), "holds StringLookup of keras.layers"),
    Attack("fetched_address", with_layer(_fetched), "holds Lambda of keras.layers"),
    Attack("saved_model", with_layer(_saved_model), "holds TFSMLayer of keras.layers"),
    Attack("torch_module", with_layer(_torch), "holds TorchModuleWrapper of keras.layers"),
    Attack("initializer_system", with_layer(_system), "holds function registered as system of os"),
    Attack("registered_class", with_layer(_registered), "holds Dense registered as evil>Dense of evil.layers"),
    Attack("climbing_member", climbing, "besides a network"),
    Attack("bomb", swollen, "says to hold 0.1 GiB in a file of"),
    Attack("external_link", leading_out(linked), f"({KERNEL} is a link)"),
    Attack("external_storage", leading_out(stored_outside), f"({KERNEL} is not stored in the file)"),
    Attack("virtual_dataset", leading_out(put_together), f"({KERNEL} is not stored in the file)"),
]


def laughs(depth: int = 12) -> str:
    """Return a mapping of YAML that is 10 to the power of `depth` values once it is written out."""
    lines = ["a0: &a0 [ha]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, depth))]
    return "\n".join(lines) + "\n"
