"""Time per image of a training step and of a prediction: a network in plain NumPy against the same one in Keras.

Both take turns in one process with the same number of threads, on the same random images and first weights. A round is
a few steps; the time is the median of the rounds.

    python benchmarks/numpy_engine.py --threads 1 --rounds 9
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
from threadpoolctl import threadpool_limits

from cnnbench.config.load import load_config
from cnnbench.config.network.shapes import infer
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config
from cnnbench.data.normalize import Normalization
from cnnbench.learners.numpy.build import build
from cnnbench.learners.numpy.losses import loss_of
from cnnbench.learners.numpy.optimizers import optimizer_of
from cnnbench.machine import runtime

Steps = dict[str, Callable[[], object]]
NETWORKS = {"simple-cnn": (28, 28, 1), "lenet5": (32, 32, 1), "vgg-tiny": (32, 32, 3)}
CLASSES = 10
STEPS = 3  # of a round


def contenders(config: Config, shape: tuple[int, int, int], batch: int) -> Iterator[tuple[str, Steps]]:
    """Yield what a training step and a prediction of a batch are, by who computes them."""
    import keras

    from cnnbench.model import builder
    from cnnbench.training.compile import compile_model

    scaling = Normalization((1 / 255,) * shape[2], (0.0,) * shape[2])
    nodes, draws = network_of(config.model), np.random.default_rng(0)
    images = draws.integers(0, 256, (batch, *shape)).astype(np.float32)
    targets = np.eye(CLASSES, dtype=np.float32)[draws.integers(0, CLASSES, batch)]

    plain, loss = build(nodes, shape, CLASSES, scaling, seed=0), loss_of(config.train.loss)
    rate = config.train.optimizer.arguments["learning_rate"]
    optimizer = optimizer_of(config.train.optimizer, lambda step: rate, plain.weights)

    def learn() -> None:
        plain.learn(images, targets, loss)
        optimizer.apply(plain.weights, plain.gradients)

    yield "NumPy", {"training": learn, "prediction": lambda: plain(images)}
    keras.utils.clear_session()
    model = builder.build(nodes, shape, CLASSES, scaling, 0, "network")
    compile_model(model, config.train, 1, on_gpu=False)
    yield (
        "Keras",
        {
            "training": lambda: model.train_on_batch(images, targets),
            "prediction": lambda: model.predict_on_batch(images),
        },
    )


def timed(step: Callable[[], object], images: int) -> float:
    """Return the microseconds of an image in a round."""
    began = time.perf_counter()
    for _ in range(STEPS):
        step()
    return (time.perf_counter() - began) / STEPS / images * 1e6


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("networks", nargs="*", default=list(NETWORKS))
    asked = parser.parse_args()
    runtime.start("tensorflow", asked.threads)
    print("| network | input | MACs | | NumPy, µs per image | Keras, µs per image | NumPy / Keras |")
    print("|---|---|---:|---|---:|---:|---:|")
    for name in asked.networks:
        shape = NETWORKS[name]
        config = load_config({"name": "timed", "data": {"source": "mnist"}, "model": {"architecture": name}})
        macs = sum(row.macs for row in infer(network_of(config.model), shape, CLASSES))
        both = dict(contenders(config, shape, asked.batch))
        for what in ("training", "prediction"):
            steps = {who: made[what] for who, made in both.items()}
            taken: dict[str, list[float]] = {who: [] for who in steps}
            with threadpool_limits(asked.threads):
                for step in steps.values():
                    step()
                for _ in range(asked.rounds):
                    for who, step in steps.items():
                        taken[who].append(timed(step, asked.batch))
            plain, keras = (statistics.median(times) for times in taken.values())
            size = "x".join(map(str, shape))
            print(f"| {name} | {size} | {macs:,} | {what} | {plain:,.0f} | {keras:,.0f} | {plain / keras:.2f} |")


if __name__ == "__main__":
    main()
