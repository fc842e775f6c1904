from __future__ import annotations

from pathlib import Path

import pytest

from cnnbench.data import locate
from cnnbench.data.catalogue import downloads
from tests.builders.images import write_cifar10, write_fashion, write_npz
from tests.data.conftest import Places

MNIST = downloads()["mnist"]


def test_places_are_looked_through_in_order(places: Places) -> None:
    for place in (places.keras, places.data, places.path):
        write_npz(place / "mnist.npz")
        assert locate.find(MNIST, str(places.path)) == place
    assert locate.find(MNIST, None) == places.data


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("fashion_mnist", "fashion-mnist"),
        ("fashion_mnist", "."),
        ("cifar10", "cifar-10-batches-py"),
        ("cifar10", "cifar-10-batches-py-target/cifar-10-batches-py"),
        ("cifar10", "cifar-10-batches-py-target_extracted/cifar-10-batches-py"),
    ],
)
def test_original_layouts_and_those_of_keras(places: Places, name: str, folder: str) -> None:
    write = write_fashion if name == "fashion_mnist" else write_cifar10
    assert locate.find(downloads()[name], None) is None
    write(places.keras / folder)
    found = locate.find(downloads()[name], None)
    assert found is not None and found.samefile(places.keras / folder)


def test_path_may_be_the_file_itself(places: Places) -> None:
    path = write_npz(places.path / "mnist.npz")
    assert locate.find(MNIST, str(path)) == places.path


def test_incomplete_folder_is_not_the_data_set(places: Places) -> None:
    folder = write_fashion(places.data / "fashion-mnist")
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    assert locate.find(downloads()["fashion_mnist"], None) is None


def test_keras_cache_follows_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.delenv("CNNBENCH_DATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert locate.keras_cache() == locate.download_folder() == tmp_path / ".keras" / "datasets"


def test_error_names_three_places_and_what_to_put_there(places: Places) -> None:
    error = str(locate.not_found("cifar10", downloads()["cifar10"], str(places.path), "offline"))
    for expected in (places.path, places.data, places.keras, "cifar-10-batches-py/ with data_batch_1", "offline"):
        assert str(expected) in error
    assert "data.path: not set" in str(locate.not_found("mnist", MNIST, None, "offline")) and "\n" not in error
