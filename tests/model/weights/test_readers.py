"""Every format gives back the network it was saved from; what is damaged, swollen or code is one line."""

from __future__ import annotations

import os
import pickle
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from cnnbench.errors import ConfigError, DataError
from cnnbench.model.archive import save_model
from cnnbench.model.weights.read import read
from cnnbench.model.weights.readers.keras_file import layers_of
from tests.builders.networks import network
from tests.builders.weight_files import CLASSES, LAYERS, SHAPE, drawn, images, in_torch, loaded, outputs, state

PLAIN = [layer for layer in LAYERS if not (isinstance(layer, dict) and "residual" in layer)]


def save_keras(model: keras.Model, path: Path) -> None:
    save_model(model, path)


def save_hdf5(model: keras.Model, path: Path) -> None:
    model.save_weights(path)


def save_keras_2(model: keras.Model, path: Path) -> None:
    """As Keras 2 wrote weights: layers in order, their arrays by name."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{v.name}:0".encode() for v in layer.weights]
            group.attrs["weight_names"] = names
            for name, variable in zip(names, layer.weights, strict=True):
                group[name.decode()] = np.asarray(variable)


def save_list(model: keras.Model, path: Path) -> None:
    np.savez(path, *model.get_weights())


def save_named(model: keras.Model, path: Path) -> None:
    layers = [layer for layer in model.layers if layer.weights]
    np.savez(path, **{f"{layer.name}/{v.name}": np.asarray(v) for layer in layers for v in layer.weights})


KERAS: list[tuple[str, Callable[[keras.Model, Path], None]]] = [
    ("model.keras", save_keras),
    ("a.weights.h5", save_hdf5),
    ("b.h5", save_keras_2),
    ("c.npz", save_list),
    ("d.npz", save_named),
]


@pytest.mark.parametrize(("name", "save"), KERAS, ids=[save.__name__ for _, save in KERAS])
def test_what_keras_saved(name: str, save: Callable[[keras.Model, Path], None], tmp_path: Path) -> None:
    model = drawn(network(LAYERS, SHAPE, CLASSES))
    save(model, tmp_path / name)
    np.testing.assert_array_equal(loaded(tmp_path / name)(images()), model(images()))


def save_state(path: Path) -> None:
    torch.save(in_torch().state_dict(), path)


def save_legacy(path: Path) -> None:
    torch.save(in_torch().state_dict(), path, _use_new_zipfile_serialization=False)


def save_wrapped(path: Path) -> None:
    inside = {f"module.{name}": value for name, value in in_torch().state_dict().items()}
    torch.save({"epoch": 3, "state_dict": inside}, path)


def save_arrays(path: Path) -> None:
    np.savez(path, **state(in_torch()))


def save_tensors(path: Path) -> None:
    save_file(dict(state(in_torch())), path)


TORCH = [
    ("a.pth", save_state),
    ("b.pt", save_legacy),
    ("c.bin", save_wrapped),
    ("d.npz", save_arrays),
    ("e.safetensors", save_tensors),
]


@pytest.mark.parametrize(("name", "save"), TORCH, ids=[save.__name__ for _, save in TORCH])
def test_what_pytorch_saved_computes_the_same(name: str, save: Callable[[Path], None], tmp_path: Path) -> None:
    save(tmp_path / name)
    expected = outputs(in_torch(), images())
    np.testing.assert_allclose(loaded(tmp_path / name)(images()), expected, atol=1e-5)
    assert np.ptp(expected) > 0.01  # or it would say nothing


class Code:
    """What a pickle may hold: something to be called when it is read."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("here",)


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("model.weights.h5", "w") as file:
            for _ in range(100):
                file.write(bytes(2**20))
        archive.writestr("config.json", "{}")


def empty_claims(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/dense/vars/0", (100_000, 100_000), "float32", chunks=(1000, 1000))


def stretched(path: Path) -> None:
    torch.save({"fc.weight": torch.zeros(1).expand(10**6, 10**6)}, path)


def leads_out(path: Path) -> None:
    with h5py.File(path.parent / "other.h5", "w") as file:
        file["secret"] = np.zeros(3)
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"] = h5py.ExternalLink("other.h5", "/secret")


def whole_module(path: Path) -> None:
    torch.save(in_torch(), path)


WRONG: list[tuple[str, Callable[[Path], Any], str]] = [
    ("a.pkl", lambda p: p.write_bytes(b""), "no weight file by its name; expected .keras, .h5, .npz"),
    ("a.pth", lambda p: p.write_bytes(pickle.dumps(Code())), "not weights alone: it is damaged, or holds code"),
    ("b.pth", lambda p: torch.save({"w": Code()}, p), "not weights alone: it is damaged, or holds code"),
    ("c.pth", whole_module, "not weights alone: it is damaged, or holds code"),
    ("d.pth", lambda p: torch.save([torch.zeros(3)], p), "expected one mapping of names to tensors"),
    ("e.pth", lambda p: torch.save({"a": {"x": torch.zeros(1)}, "b": {"y": torch.zeros(1)}}, p), "found several: a, b"),
    ("f.pth", lambda p: torch.save({"stuff": torch.zeros(1)}, p), "holds 'stuff'; expected names as PyTorch's"),
    ("g.pth", stretched, "says to hold 3725.3 GiB in a file of 0.0 MiB; not read"),
    ("h.pth", lambda p: torch.save({"fc.weight": torch.tensor([float("nan")])}, p), "holds values that are not finite"),
    ("a.keras", bomb, "says to hold 0.1 GiB in a file of 0.1 MiB; not read"),
    ("b.keras", lambda p: p.write_bytes(b"no archive"), "not a .keras archive that can be read"),
    ("a.weights.h5", empty_claims, "says to hold 37.3 GiB in a file of"),
    ("b.weights.h5", leads_out, "no HDF5 file with weights that can be read (layers/dense/vars/0 is a link)"),
    ("a.npz", lambda p: np.savez(p, **{"x.weight": np.array([Code()])}), "not a readable archive of arrays"),
    ("b.npz", lambda p: np.savez(p, **{"x.weight": np.array(["text"])}), "x.weight holds no numbers"),
    ("a.safetensors", lambda p: p.write_bytes(b"\xff" * 100), "not a .safetensors file that can be read"),
    ("b.safetensors", lambda p: save_file({}, p), "holds no weights"),
]


@pytest.mark.parametrize(("name", "write", "told"), WRONG, ids=[f"{name}-{told[:30]}" for name, _, told in WRONG])
def test_what_is_no_weight_file(
    name: str, write: Callable[[Path], Any], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / name)
    with pytest.raises(DataError) as error:
        read(tmp_path / name)
    assert told in str(error.value) and str(error.value).startswith(str(tmp_path / name))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "here").exists()  # nothing was called


@pytest.mark.parametrize("name", ["model.keras", "a.weights.h5", "c.npz", "a.pth", "b.pt", "e.safetensors"])
def test_a_file_that_was_cut_short(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if (save := dict(KERAS).get(name)) is not None:
        save(network(LAYERS, SHAPE, CLASSES), path)
    else:
        dict(TORCH)[name](path)
    content = path.read_bytes()
    for kept in (0, 10, len(content) // 2, len(content) - 20):
        path.write_bytes(content[:kept])
        with pytest.raises(DataError) as error:
            read(path)
        assert "\n" not in str(error.value)


def test_a_turned_bit_in_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    save_model(network(LAYERS, SHAPE, CLASSES), path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="is damaged"):
        read(path)


def test_without_pytorch_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_state(tmp_path / "a.pth")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ConfigError, match=r"a\.pth: PyTorch's files need pip install 'cnnbench\[torch\]'"):
        read(tmp_path / "a.pth")


def test_half_precision_is_read_as_float32(tmp_path: Path) -> None:
    values = torch.linspace(-1, 1, 8)
    torch.save({"fc.weight": values.to(torch.bfloat16).reshape(2, 4)}, tmp_path / "a.pth")
    [array] = read(tmp_path / "a.pth").arrays.values()
    assert array.dtype == np.float32
    np.testing.assert_allclose(array.reshape(-1), values, atol=4e-3)


def test_of_two_layers_of_a_name_the_outer_one_is_described() -> None:
    """As in a network of keras.applications, which may normalise once more within."""
    inner = {"config": {"name": "b0", "layers": [{"config": {"name": "normalization", "axis": [3]}}]}}
    layers = [{"config": {"name": "normalization", "scale": [1.0]}}, inner]
    assert layers_of({"config": {"layers": layers}})["normalization"] == {"name": "normalization", "scale": [1.0]}
