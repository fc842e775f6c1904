"""What each fused operation gives the training step of an experiment, and the gradients behind two of them alone.

usage: python benchmarks/fused.py [NAME [ROUNDS]]
       python benchmarks/fused.py operations

The step of NAME (cifar-sprint-long) in its precision, whole, without one kind of fused operation after the other, and
without any; all take turns in one process, on one batch in memory. `auto` is bfloat16 here. With `operations`, the
gradients of convolutions as oneDNN computes them and with that by the kernel as products of matrices, and of SiLU as
Keras computes it and in one pass.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from ratios import ratio, told

KINDS = ("BatchNormalization", "Dropout", "Activation", "Conv2D", "optimizer")
PUT_BEFORE = ("call", "convolution_op", "update_step")  # what fuse() puts before the class's own
STEPS = 6
KERNELS = [  # images, side of the maps, channels, filters
    (512, 15, 64, 128),
    (512, 7, 128, 256),
    (512, 3, 256, 256),
    (128, 8, 64, 64),
    (128, 8, 128, 128),
    (128, 8, 256, 256),
    (128, 4, 256, 256),
    (128, 4, 512, 512),
    (128, 2, 512, 512),
]
MAPS = [(512, 31, 31, 24), (512, 7, 7, 128)]


def network(config: Any, without: tuple[str, ...]) -> Any:
    """Return the compiled network of an experiment, but for fused operations of kinds `without` them."""
    from cnnbench.config.network.spec import network_of
    from cnnbench.data.normalize import Normalization
    from cnnbench.model.builder import build
    from cnnbench.training.compile import compile_model

    identity = Normalization((1.0,) * 3, (0.0,) * 3)
    model = build(network_of(config.model), (32, 32, 3), 10, identity, 0, "fused")
    compile_model(model, config.train, 100, on_gpu=False)
    made = [(type(layer).__name__, layer) for layer in model.layers] + [("optimizer", model.optimizer)]
    for kind, owner in made:
        for name in PUT_BEFORE if kind in without else ():
            vars(owner).pop(name, None)
    return model


def step_of(model: Any, batch_size: int) -> Callable[[], None]:
    """Return a training step on a batch of noise."""
    import tensorflow as tf

    draw = np.random.default_rng(0)
    images = tf.constant(draw.normal(size=(batch_size, 32, 32, 3)).astype(np.float32))
    labels = tf.constant(np.eye(10, dtype=np.float32)[draw.integers(0, 10, batch_size)])

    def batches() -> Iterator[Any]:
        while True:
            yield images, labels

    model.make_train_function()
    endless = batches()
    return lambda: model.train_function(endless)


def seconds(call: Callable[[], Any], times: int) -> float:
    """Return the median of so many calls."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def compare_steps(name: str, rounds: int) -> None:
    """Print the step with all fused operations, without each kind, and without any."""
    import keras

    from cnnbench.config.load import load_config

    config = load_config(name)
    auto = config.train.precision == "auto"
    keras.config.set_dtype_policy("mixed_bfloat16" if auto else config.train.precision)
    without = {"all fused": (), **{f"without {kind}": (kind,) for kind in KINDS}, "Keras' own": KINDS}
    steps = {name: step_of(network(config, kinds), config.train.batch_size) for name, kinds in without.items()}
    for step in steps.values():
        seconds(step, 2)  # traces it
    speeds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            speeds[name].append(config.train.batch_size / seconds(step, STEPS))
    for name, found in speeds.items():
        against = "" if name == "all fused" else f"; all fused against it {ratio(speeds['all fused'], found)}"
        print(f"{name:<28} {told(found)} images/s{against}")


def compare_operations() -> None:
    """Print milliseconds of gradients as TensorFlow has them and as cnnbench does, in both precisions."""
    import tensorflow as tf

    from cnnbench.training.fused import _convolved, _silu

    def taken(function: Callable[[Any, Any], Any], inputs: Any, other: Any, upstream: Any) -> float:
        @tf.function
        def gradients(inputs: Any, other: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch([inputs, other])
                made = function(inputs, other)
            return tape.gradient(made, [inputs, other], upstream)

        gradients(inputs, other)
        return 1000 * seconds(lambda: gradients(inputs, other), 12)

    def noise(dtype: Any, *shape: int) -> Any:
        return tf.cast(tf.random.normal(shape), dtype)

    for dtype in (tf.bfloat16, tf.float32):
        for images, side, channels, filters in KERNELS:
            maps, kernel = noise(dtype, images, side, side, channels), noise(dtype, 3, 3, channels, filters)
            upstream = noise(dtype, images, side, side, filters)
            theirs, ours = (
                taken(convolve, maps, kernel, upstream)
                for convolve in (lambda x, w: tf.nn.conv2d(x, w, 1, "SAME"), _convolved)
            )
            what = f"{channels} x {filters} on {images} maps of {side}x{side}"
            print(f"{dtype.name:<9} {what:<36} gradients {theirs:6.1f} ms, by products {ours:6.1f} ms")
        for shape in MAPS:
            maps, unused = noise(dtype, *shape), noise(dtype, 1)
            theirs, ours = (
                taken(lambda x, w, silu=silu: silu(x), maps, unused, noise(dtype, *shape))
                for silu in (tf.nn.silu, _silu)
            )
            what = f"SiLU of {shape}"
            print(f"{dtype.name:<9} {what:<36} gradients {theirs:6.1f} ms, in one pass {ours:6.1f} ms")


def main() -> None:
    """Measure and print."""
    from cnnbench.machine import runtime

    runtime.start()
    if sys.argv[1:2] == ["operations"]:
        compare_operations()
        return
    compare_steps(sys.argv[1] if len(sys.argv) > 1 else "cifar-sprint-long", int((sys.argv[2:3] or [5])[0]))


if __name__ == "__main__":
    main()
