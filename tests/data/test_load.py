from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.config.schema import Config, Data, Fold, Model, Subset, Train
from cnnbench.data.load import check_splits, load_data, load_dataset
from cnnbench.data.record import record_of, split_record
from cnnbench.data.types import Dataset
from cnnbench.errors import ConfigError, DataError
from tests.builders.images import pixels, turns, write_cifar10, write_cifar100, write_fashion, write_npz
from tests.data.conftest import Places


def load(source: str, seed: int = 0, **data: Any) -> Dataset:
    return load_data(Data(source=source, **data), seed, offline=True)  # type: ignore[arg-type]  # a source's name


def all_images(dataset: Dataset, split: str) -> np.ndarray:
    found = getattr(dataset, split)
    return np.asarray(found.images(np.arange(len(found))))


@pytest.fixture
def named(places: Places) -> Path:
    write_npz(places.data / "mnist.npz")
    write_fashion(places.data / "fashion-mnist")
    write_cifar10(places.data / "cifar-10-batches-py")
    write_cifar100(places.data / "cifar-100-python")
    return places.data


@pytest.mark.parametrize(
    ("source", "shape", "train", "test"),
    [
        ("mnist", (28, 28, 1), 40, 20),
        ("fashion_mnist", (28, 28, 1), 40, 20),
        ("cifar10", (32, 32, 3), 100, 20),
        ("cifar100", (32, 32, 3), 400, 400),
    ],
)
def test_named_sets(named: Path, source: str, shape: tuple[int, int, int], train: int, test: int) -> None:
    dataset = load(source, validation=0.25)
    assert dataset.validation is not None and dataset.input_shape == dataset.test.store.shape == shape
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (train * 3 // 4, train // 4, test)
    assert all_images(dataset, "test").shape == (test, *shape)
    assert str(named) in dataset.notes[0]


def test_some_classes_in_an_order_of_ones_own(named: Path) -> None:
    whole, some = (
        load("fashion_mnist", validation=0.25),
        load("fashion_mnist", validation=0.25, classes=["Bag", "Coat"]),
    )
    assert whole.class_names[4] == "Coat" and whole.class_names[8] == "Bag"
    assert some.class_names == ["Bag", "Coat"] and set(some.train.labels) == {0, 1}
    expected = all_images(whole, "test")[np.isin(whole.test.labels, (4, 8))]
    np.testing.assert_array_equal(all_images(some, "test"), expected)
    np.testing.assert_array_equal(some.test.labels == 0, whole.test.labels[np.isin(whole.test.labels, (4, 8))] == 8)


def test_some_classes_are_the_same_images_when_a_run_goes_on(named: Path) -> None:
    config = Config(name="x", model=Model(), data=Data(source="fashion_mnist", classes=["Bag", "Coat"]))
    dataset = load_dataset(config, offline=True)
    again = load_dataset(config, record=record_of(split_record(dataset), named), offline=True)
    for split in ("train", "validation", "test"):
        np.testing.assert_array_equal(all_images(again, split), all_images(dataset, split))
        np.testing.assert_array_equal(getattr(again, split).labels, getattr(dataset, split).labels)


def test_a_class_that_is_not_there_is_told_with_the_closest(tmp_path: Path) -> None:
    write_npz(tmp_path / "own.npz")
    with pytest.raises(ConfigError, match=r"data\.classes: the data has no class of this name; there are 0, 1"):
        load("npz", path=str(tmp_path / "own.npz"), classes=["0", "x"])


def test_missing_set_names_the_places(places: Places) -> None:
    with pytest.raises(DataError, match=r"cifar100: not found and not downloaded \(offline\)"):
        load("cifar100")


def test_labels_stay_with_their_images() -> None:
    whole = load("digits", validation=0.0, test=0.01)
    dataset = load("digits")
    known = {i.tobytes(): label for i, label in zip(all_images(whole, "train"), whole.train.labels, strict=True)}
    for split in ("train", "validation", "test"):
        labels = getattr(dataset, split).labels
        for image, label in zip(all_images(dataset, split), labels, strict=True):
            assert known.get(image.tobytes(), label) == label


def test_digits_hold_out_a_fifth_by_split_seed_and_validation_by_seed() -> None:
    first, other_seed, other_split = load("digits"), load("digits", seed=1), load("digits", split_seed=1)
    assert first.validation is not None and other_seed.validation is not None
    assert (len(first.train), len(first.validation), len(first.test)) == (1150, 288, 359)
    assert (first.test.rows == other_seed.test.rows).all() and (first.test.rows != other_split.test.rows).any()
    assert (first.validation.rows != other_seed.validation.rows).any()
    assert first.seeds == {"validation": 0, "split_seed": 0}


def test_folds_of_a_subset_share_its_images_out() -> None:
    subset = Subset(train=600)
    folds = [load("digits", seed=index, subset=subset, fold=Fold(index=index, of=4)) for index in (1, 2, 3, 4)]
    whole = set(load("digits", subset=subset, validation=0.0).train.rows.tolist())
    held_out = [found.validation.rows.tolist() for found in folds if found.validation is not None]
    assert sorted(row for rows in held_out for row in rows) == sorted(whole)
    assert [len(rows) for rows in held_out] == [150] * 4
    for found, rows in zip(folds, held_out, strict=True):
        assert set(found.train.rows.tolist()) == whole - set(rows)
        assert (found.test.rows == load("digits").test.rows).all()
        assert found.seeds == {"validation": 0, "split_seed": 0}
    assert "validation: fold 2 of 4, drawn by data.split_seed" in folds[1].notes


def test_a_fold_contradicts_a_validation_split_of_the_data(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "x.npz", x_val=pixels(20, 28, 28, seed=2), y_val=turns(20))
    with pytest.raises(ConfigError, match=r"data\.fold: contradicts the data, which has a validation split of its own"):
        load("npz", path=str(path), fold=Fold(index=1, of=2))


def test_splits_share_one_array_and_are_row_numbers() -> None:
    dataset = load("digits", subset=Subset(train=600))
    assert dataset.validation is not None
    assert dataset.train.store is dataset.validation.store is dataset.test.store
    assert len(dataset.train) + len(dataset.validation) == 600 and len(dataset.train.store) == 1797


def test_subsets(named: Path) -> None:
    dataset = load("cifar10", subset=Subset(train=0.5, test=10), validation=0.2)
    assert dataset.validation is not None
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (40, 10, 10)
    assert np.bincount(dataset.test.labels).tolist() == [1] * 10
    with pytest.raises(DataError, match=r"data\.subset\.train: 101 images asked for, but there are 100"):
        load("cifar10", subset=Subset(train=101))
    with pytest.raises(DataError, match=r"data\.validation: 2 images cannot hold each of 10 classes"):
        load("cifar10", subset=Subset(train=20), validation=0.1)


def test_test_share_of_data_with_a_test_split_is_a_mistake(named: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.test: 0\.3 has no effect"):
        load("mnist", test=0.3)
    assert len(load("digits", test=0.3).test) == 539


def test_class_weights_of_own_data_are_checked_with_its_splits(tmp_path: Path) -> None:
    names = np.array(["cat", "dog"])
    path = write_npz(tmp_path / "x.npz", y_train=turns(40, 2), y_test=turns(20, 2), class_names=names)
    data, model = Data(source="npz", path=str(path)), Model(layers=["Flatten", "classifier"])
    check_splits(Config(name="x", data=data, model=model, train=Train(class_weight={"cat": 2.0})))
    with pytest.raises(ConfigError, match=r"train\.class_weight\.catt: .*did you mean cat"):
        check_splits(Config(name="x", data=data, model=model, train=Train(class_weight={"catt": 2.0})))


def test_preparing_happens_once_and_only_to_what_is_used(named: Path) -> None:
    dataset = load("mnist", image_size=32, fit="center", subset=Subset(train=20), validation=0.5)
    assert dataset.validation is not None and dataset.input_shape == (32, 32, 1)
    store = dataset.train.store
    assert type(store).__name__ == "ArrayStore" and store is dataset.validation.store and len(store) == 40
    assert (all_images(dataset, "train")[:, 2:30, 2:30, 0] == pixels(40, 28, 28)[dataset.train.rows]).all()


def test_prepared_test_images_stay_unread_until_asked_for(named: Path) -> None:
    path = named / "fashion-mnist" / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(b"broken")
    dataset = load("fashion_mnist", image_size=14, validation=0.25)
    assert dataset.test.store.shape == (14, 14, 1)
    with pytest.raises(DataError, match="t10k-images"):
        all_images(dataset, "test")


def test_images_too_large_to_keep_are_prepared_as_they_are_fetched(
    named: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = all_images(load("cifar10", image_size=64), "train")
    monkeypatch.setattr("cnnbench.data.ready.KEEP_BELOW", 10)
    dataset = load("cifar10", image_size=64)
    assert type(dataset.train.store).__name__ == "PreparedStore"
    assert (all_images(dataset, "train") == kept).all()


@pytest.mark.parametrize(("color", "channels"), [("rgb", 3), ("luminance", 1), ("mean", 1)])
def test_colour(named: Path, color: str, channels: int) -> None:
    assert load("cifar10", color=color).input_shape == (32, 32, channels)
    assert load("mnist", color=color, validation=0.25).input_shape == (28, 28, channels)


def test_own_arrays(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "a.npz", x_val=pixels(10, 28, 28), y_val=turns(10), x_test=None, y_test=None)
    dataset = load("npz", path=str(path), test=0.25)
    assert dataset.validation is not None
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (30, 10, 10)


def test_synthetic_through_a_configuration() -> None:
    config = Config(
        name="x",
        seed=4,
        data=Data.model_validate(
            {"source": "synthetic", "synthetic": {"classes": 3, "shape": [16, 16, 1], "train": 30, "test": 9}}
        ),
        model=Model(layers=["Flatten", "classifier"]),
    )
    dataset = load_dataset(config)
    assert (len(dataset.train), len(dataset.test), dataset.class_names[2]) == (24, 9, "class 2")
    assert dataset.seeds["validation"] == 4


def test_arrays_are_held_once(places: Places) -> None:
    write_cifar10(places.data / "cifar-10-batches-py", per_batch=400, protocol=4)
    size = 5 * 400 * 3072
    tracemalloc.start()
    dataset = load("cifar10")
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(dataset.train.store) == 2000
    assert held < 1.1 * size and peak < 1.8 * size  # beside the array, at most one batch of five and its pickle


@pytest.mark.parametrize(("size", "same"), [(None, True), (16, False)])
def test_another_filter_acts_where_images_are_scaled(size: int | None, same: bool) -> None:
    config = Config(
        name="x",
        data=Data(source="digits", image_size=size, validation=0),
        model=Model(layers=[]),
        train=Train(),
    )
    usual, nearest = (load_dataset(config, resample=name).test for name in ("bilinear", "nearest"))
    rows = np.arange(len(usual))
    assert np.array_equal(usual.images(rows), nearest.images(rows)) is same
    if not same:
        small = load_dataset(
            config.model_copy(update={"data": config.data.model_copy(update={"image_size": None})})
        ).test
        np.testing.assert_array_equal(nearest.images(rows)[:, ::2, ::2], np.rint(small.images(rows)))
