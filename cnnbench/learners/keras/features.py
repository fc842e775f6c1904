"""Features: what a frozen base makes of images, computed once and kept, so that a head alone has to be trained.

Files of features are named by all that they depend on: base, weights, preprocessing, precision, images. Runs of a
sweep, of seeds and of folds share them, for training and validation images of a run are kept together, in the order of
the data.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up
import numpy as np
from numpy.typing import NDArray

from cnnbench.config.caching import features_end
from cnnbench.config.network.fixed import output_of
from cnnbench.config.network.nodes import Node
from cnnbench.config.schema import Config
from cnnbench.data.augment import Augmenter
from cnnbench.data.content import content_of
from cnnbench.data.feed import prefetched
from cnnbench.data.normalize import Normalization
from cnnbench.data.pipeline import one_hot
from cnnbench.data.stores import ArrayStore
from cnnbench.data.types import Dataset, Images, Rows, Split
from cnnbench.errors import OutputError
from cnnbench.files.cache import alone, cache_folder, trim, used
from cnnbench.files.growing import Growing, growing
from cnnbench.machine.runtime import package_versions
from cnnbench.text import count, duration, size
from cnnbench.training.course import Course

PIXELS = 32 * 224 * 224  # that go through the base at once
MOST_BYTES = 20 * 2**30  # of features that are kept
FOLDER = "features"


@dataclass(frozen=True)
class Extracted:
    """What is left to train: a head, on a data set whose training and validation splits are features.

    Test images stay images until they are asked for, once the training is over.
    """

    head: Any
    config: Config
    dataset: Dataset
    features: Features

    def features_of(self, split: Split) -> Split:
        """Return the features of a split of images, or of features."""
        validation = self.dataset.validation
        if split.store.shape == self.head.input_shape[1:]:
            return split
        if validation is not None and split.rows is validation.rows and split.part == validation.part:
            return validation
        return self.features.of(self.dataset, "test").test


def extract(
    model: Any, config: Config, dataset: Dataset, normalization: Normalization, course: Course
) -> Extracted | None:
    """Let all images go once through what is frozen of a built network; None where every epoch has to do that.

    Raises KeyboardInterrupt between batches where the run is asked to stop, OutputError where the disk is full.
    """
    fixed = features_end(config)
    if not fixed:
        return None
    base, head = divided(model, fixed)
    what = identity(base, [_without_places(asdict(node)) for node in fixed], vars(normalization))
    features = Features(base, config, what, course.observer.on_stage, course.stop.act_if_asked)
    found = features.of(dataset, "train", "validation")
    return Extracted(head, config.model_copy(update={"augment": []}), found, features)


def divided(model: Any, fixed: Sequence[Node]) -> tuple[Any, Any]:
    """Return two networks that share the layers of a built one: its fixed part, and what comes after it."""
    between = model.get_layer(output_of(fixed[-1])).output
    return keras.Model(model.input, between), keras.Model(between, model.output)


@dataclass
class Features:
    """What `base` makes of the images of a data set; `identity` is what that depends on besides the images.

    `show` is told of what takes a while, `check` is called between batches and may raise. `told` says what was done.
    """

    base: Any
    config: Config
    identity: str
    show: Callable[[str], None]
    check: Callable[[], None]
    told: list[str] = field(default_factory=list)

    def of(self, dataset: Dataset, *names: str) -> Dataset:
        """Return the data set with features in place of the images of these splits, float32 of the base's shape."""
        splits = {name: split for name in names if (split := getattr(dataset, name)) is not None}
        draws = self.config.train.augment_draws
        groups: dict[tuple[int, bool], dict[str, Split]] = {}
        for name, split in splits.items():
            groups.setdefault((id(split.store), draws is not None and name == "train"), {})[name] = split
        for (_, augmented), together in groups.items():
            store = self._store(dataset, together, draws if augmented else None)
            splits |= {name: replace(split, store=store) for name, split in together.items()}
        return replace(dataset, **splits)

    def _store(self, dataset: Dataset, splits: Mapping[str, Split], draws: int | None) -> ArrayStore:
        """Return a store of the features of splits that share one, rows as in theirs; draw k of row r is at r + k n."""
        (first, *_), rows = splits.values(), np.unique(np.concatenate([split.rows for split in splits.values()]))
        path = cache_folder(FOLDER) / f"{self._key(dataset, splits, draws)}.npy"
        with alone(path):
            features = self._computed(path, " and ".join(splits), first, rows, draws, len(dataset.class_names))
        index = np.full((draws or 1, len(first.store)), len(features), np.int64)  # other rows are out of range
        index[:, rows] = np.arange(len(features)).reshape(draws or 1, len(rows))
        return ArrayStore(features, index.ravel())

    def _computed(
        self, path: Path, name: str, split: Split, rows: Rows, draws: int | None, classes: int
    ) -> NDArray[np.float32]:
        what = f"features of {count(len(rows))} {name} images"
        if path.exists():
            used(path)
            self.told.append(f"{what}: from an earlier run")
            return _mapped(path)
        began, shape = time.perf_counter(), (len(rows) * (draws or 1), *self.base.output_shape[1:])
        with growing(path, shape) as features:
            before = features.reached
            self._fill(features, what, split, rows, draws)
        trim(path.parent, MOST_BYTES, keep=path)
        took = duration(time.perf_counter() - began)
        rest = f" but for {count(before)} of an interrupted run" if before else ""
        self.told.append(f"{what}: computed once in {took}{rest}, {size(path.stat().st_size)} kept in {path.parent}")
        return _mapped(path)

    def _fill(self, features: Growing, what: str, split: Split, rows: Rows, draws: int | None) -> None:
        """Let all images go through the base, each as often as it is drawn, without keeping more than a batch."""
        augmenter = Augmenter(self.config.augment if draws else [], self.config.seed)
        batch = max(1, PIXELS // (split.store.shape[0] * split.store.shape[1]))
        steps = -(-len(rows) // batch)
        first, within = divmod(features.reached, len(rows))

        def batches() -> Any:
            for draw in range(first, draws or 1):
                for step in range(within // batch if draw == first else 0, steps):
                    yield draw, step, split.store.fetch(rows[step * batch : (step + 1) * batch])

        for draw, step, images in prefetched(batches):
            self.check()
            drawn = augmenter(images, one_hot(np.zeros(len(images), np.int64), 1), draw, step)[0] if draws else images
            features.add(self._through(drawn, batch))
            self.show(f"{what}: {count(features.reached)} of {count(len(rows) * (draws or 1))}")

    def _through(self, images: Images, batch: int) -> NDArray[np.float32]:
        """Fill the batch up, so that features do not depend on how many images there are: kernels differ by that."""
        full = np.zeros((batch, *images.shape[1:]), np.float32)
        full[: len(images)] = images
        return np.asarray(self.base.predict_on_batch(full), np.float32)[: len(images)]

    def _key(self, dataset: Dataset, splits: Mapping[str, Split], draws: int | None) -> str:
        augmented = [draws, self.config.augment, self.config.seed] if draws else None
        parts = [self.identity, _prepared(self.config), augmented, _identity_of_images(dataset, splits)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]


def identity(base: Any, structure: Sequence[Any], preprocessing: Any) -> str:
    """Return what tells a base from all others on this machine: layers, weights, preprocessing, precision, versions.

    Layers may compute in other operations than Keras', whose code counts too.
    """
    digest = hashlib.sha256()
    for code in sorted({layer.call.__code__.co_code for layer in base._flatten_layers() if "call" in vars(layer)}):
        digest.update(code)
    for weight in base.weights:
        digest.update(np.ascontiguousarray(keras.ops.convert_to_numpy(weight)).tobytes())
    backend = keras.backend.backend()
    versions = {name: package_versions().get(name) for name in ("keras", backend)}
    policy = keras.config.dtype_policy().name
    parts = [structure, preprocessing, policy, backend, versions, digest.hexdigest()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=repr).encode()).hexdigest()


def _without_places(value: Any) -> Any:
    """Return what nodes are made of without the lines that say so."""
    if isinstance(value, Mapping):
        return {key: _without_places(inner) for key, inner in value.items() if key != "where"}
    return [_without_places(inner) for inner in value] if isinstance(value, list | tuple) else value


def _prepared(config: Config) -> list[Any]:
    data = config.data
    return [data.image_size, data.fit, data.color, data.grey_bits]


def _identity_of_images(dataset: Dataset, splits: Mapping[str, Split]) -> list[Any]:
    """Return rows of a part of the data, in its order, with a checksum of each image as its source gives it."""
    contents = {name: dataset.contents.get(name) or content_of(split) for name, split in splits.items()}
    rows = np.concatenate([split.rows for split in splits.values()])
    checksums = [checksum for content in contents.values() for checksum in content.checksums]
    order = np.argsort(rows)
    return [[int(rows[at]), checksums[at]] for at in order]


def _mapped(path: Path) -> NDArray[np.float32]:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]  # NumPy cannot tell
    except (OSError, ValueError) as e:
        raise OutputError(f"{path}: not readable features ({e}); remove the file") from None
