"""Batches that JAX finishes as one compiled function, in a process of their own: a process has one backend."""

from __future__ import annotations

import json
import os
import subprocess
import sys

PROGRAM = """
import json
import keras
import numpy as np
from cnnbench.data.augment import Augmenter
from cnnbench.data.jax_pipeline import compiled
from cnnbench.data.pipeline import TrainingBatches
from cnnbench.data.stores import ArrayStore
from cnnbench.data.types import Split

assert keras.backend.backend() == "jax"
images = np.random.default_rng(0).integers(0, 256, (10, 6, 6, 3), dtype=np.uint8)
split = Split(ArrayStore(images), np.arange(10), np.arange(10) % 3)
layers = ["AlternatingFlip", {"RandomCropWithPadding": {"padding": 2}}, {"Cutout": {"size": 2}}, "RandomFlip"]
moving, mixing = (TrainingBatches(split, 3, 4, 7, Augmenter([*layers, *more], 7)) for more in ([], ["CutMix"]))
found = {}
for name, batches in (("moving", moving), ("mixing", mixing)):
    finish = compiled(batches.finish)
    raw = [batches.raw_batch(number) for number in (0, 2, 3)]  # the second is smaller, the third of another epoch
    first = [[np.asarray(array) for array in finish(*batch)] for batch in raw]
    plain = [[np.asarray(array) for array in batches.finish(*batch)] for batch in raw]
    again = [[np.asarray(array) for array in finish(*batch)] for batch in raw]
    found[name] = {
        "sizes": [len(x) for x, _ in first],
        "as eager": all(np.allclose(a, b, atol=1e-4) for c, d in zip(first, plain) for a, b in zip(c, d)),
        "exact": all(np.array_equal(a, b) for c, d in zip(first, plain) for a, b in zip(c, d)),
        "repeats": all(np.array_equal(a, b) for c, d in zip(first, again) for a, b in zip(c, d)),
        "changed": not np.array_equal(first[0][0], raw[0][0]),
    }
print(json.dumps(found))
"""


def test_batches_are_those_of_the_layers_one_by_one() -> None:
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    right = {"sizes": [4, 2, 4], "as eager": True, "repeats": True, "changed": True}
    assert found["moving"] == {**right, "exact": True}
    assert {**found["mixing"], "exact": None} == {**right, "exact": None}
