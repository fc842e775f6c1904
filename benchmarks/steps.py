"""What a training step costs, piece by piece, and what the input pipelines deliver by themselves.

usage: python benchmarks/steps.py [ROUNDS [PRECISION]]

Steps of all variants take turns in one process, so that other work on the machine hits all of them alike.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from ratios import ratio, told

IMAGES, BATCH, STEPS = 4096, 128, 24
FUSED = ("BatchNormalization", "Dropout", "Adam")
TURNED = [
    {"RandomFlip": {"mode": "horizontal"}},
    {"RandomTranslation": {"height_factor": 0.125, "width_factor": 0.125}},
    {"RandomRotation": {"factor": 0.04}},
]


def network(config: Any, normalization: Any, true_positives: bool, without: Sequence[str] = ()) -> Any:
    """Return the compiled network with TensorFlow's fused operations, but for kinds `without` them."""
    import keras

    from cnnbench.config.network.spec import network_of
    from cnnbench.model.builder import build
    from cnnbench.training.fused import fuse
    from cnnbench.training.metrics import TruePositives

    model = build(network_of(config.model), (32, 32, 3), 10, normalization, 0, "steps")
    metrics = [keras.metrics.CategoricalAccuracy(name="accuracy")]
    metrics += [TruePositives()] if true_positives else []
    model.compile("adam", "categorical_crossentropy", metrics=metrics, jit_compile=False)
    fuse(model)
    for made in (*model.layers, model.optimizer):
        if type(made).__name__ in without:  # what fuse() has put before the class's own
            vars(made).pop("call", None)
            vars(made).pop("update_step", None)
    return model


def bare_batches(images: Any, labels: Any) -> Any:
    """Return random batches of arrays in memory as tf.data serves them without its autotuner."""
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    rows = tf.data.Dataset.range(10**9).map(lambda _: tf.random.uniform((BATCH,), 0, IMAGES, tf.int32))
    return rows.map(lambda at: (tf.gather(images, at), tf.gather(labels, at))).prefetch(2).with_options(options)


def durations(model: Any, batches: Any, steps: int) -> list[float]:
    """Return the seconds of each step but the first two of a short fit."""
    import keras

    stamps: list[float] = []

    class Stamp(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            stamps.append(time.perf_counter())

    model.fit(batches, steps_per_epoch=steps, epochs=1, verbose=0, shuffle=False, callbacks=[Stamp()])
    return list(np.diff(stamps)[2:])


def compare_steps(config: Any, dataset: Any, rounds: int) -> None:
    """Print what a step takes, by the medians of the rounds, and its speed against the bare one."""
    from cnnbench.data.augment import Augmenter
    from cnnbench.data.feed import for_training
    from cnnbench.data.normalize import Normalization, measure
    from cnnbench.data.pipeline import TrainingBatches, one_hot

    found, identity = measure("standardize", dataset.train), Normalization((1.0,) * 3, (0.0,) * 3)
    pixels = dataset.train.images(np.arange(IMAGES)).astype(np.float32)
    bare = bare_batches(pixels, one_hot(dataset.train.labels, 10))

    def ours(augment: list[Any]) -> Any:
        return for_training(TrainingBatches(dataset.train, 10, BATCH, 0, Augmenter(augment, 0)), 0)

    variants = {
        "Keras' own operations": (network(config, identity, False, FUSED), bare),
        **{f"the bare step, but {kind}": (network(config, identity, False, [kind]), bare) for kind in FUSED},
        "bare": (network(config, identity, False), bare),
        "bare, normalisation inside": (network(config, found, False), bare),
        "the same, true positives": (network(config, found, True), bare),
        "cnnbench, no augmentation": (network(config, found, True), ours([])),
        "cnnbench, flips and crops": (network(config, found, True), ours(list(config.augment))),
    }
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for model, batches in variants.values():
        durations(model, batches, 3)  # traces the step
    for _ in range(rounds):
        for name, (model, batches) in variants.items():
            seconds[name].append(float(np.median(durations(model, batches, STEPS))))
    for name, taken in seconds.items():
        milliseconds = told([1000 * second for second in taken], 1)
        speeds, of_bare = ([1 / second for second in each] for each in (taken, seconds["bare"]))
        print(
            f"{name:<40} {milliseconds} ms a step" + f"; of the bare speed {ratio(speeds, of_bare)}" * (name != "bare")
        )


def compare_pipelines(dataset: Any) -> None:
    """Print the images per second of flips, shifts and rotations by themselves."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    from cnnbench.data.augment import Augmenter
    from cnnbench.data.feed import for_training
    from cnnbench.data.pipeline import TrainingBatches

    pixels = dataset.train.images(np.arange(IMAGES)).astype(np.float32)
    theirs = ImageDataGenerator(
        horizontal_flip=True, width_shift_range=0.125, height_shift_range=0.125, rotation_range=14
    )
    ours = for_training(TrainingBatches(dataset.train, 10, BATCH, 0, Augmenter(TURNED, 0)), 0)
    for name, batches in (
        ("ImageDataGenerator", iter(theirs.flow(pixels, dataset.train.labels, batch_size=BATCH))),
        ("cnnbench", iter(ours)),
    ):
        next(batches)
        start = time.perf_counter()
        for _ in range(30):
            next(batches)
        print(f"{name:<34} {30 * BATCH / (time.perf_counter() - start):8.0f} images/s, pipeline alone")


def main() -> None:
    """Measure and print."""
    from cnnbench.machine import runtime

    runtime.start()
    import keras
    from throughput import configuration

    from cnnbench.data.load import load_dataset

    precision = sys.argv[2] if len(sys.argv) > 2 else "mixed_bfloat16"
    keras.config.set_dtype_policy(precision)
    config = configuration(IMAGES, 1, precision)
    dataset = load_dataset(config)
    compare_steps(config, dataset, int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    compare_pipelines(dataset)


if __name__ == "__main__":
    main()
