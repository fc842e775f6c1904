"""How many planted wrong labels `cnnbench evaluate --mistakes` finds, and what --calibrate changes, by learner.

usage: python benchmarks/planted_labels.py FOLDER [LEARNER...]

Half of scikit-learn's digits are test images; 3 % of their labels (27 of 900) are another class, drawn with a seed.
Trains what is not done yet below FOLDER, and prints a line per learner: how many of the planted ones are among the
first 5 % of the images (45) that are named, and the temperature with both calibration errors on these test images.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

NETWORK = ("lenet5-digits", "augment=[]", "train.epochs=15")
ESTIMATOR = ("svc-digits", "model.features=null")
LEARNERS: Mapping[str, Sequence[str]] = {
    "keras": NETWORK,
    "numpy": (*NETWORK, "--backend", "numpy"),
    "logistic": (*ESTIMATOR, "model.estimator={LogisticRegression: {}}"),
}
IMAGES, PLANTED, NAMED = 900, 27, 45


def write_digits(path: Path) -> set[int]:
    """Write the data set and return the rows of the test images with wrong labels."""
    pixels, labels = load_digits(return_X_y=True)
    images, labels = (pixels.reshape(-1, 8, 8, 1) * 15.9).astype(np.uint8), labels.astype(np.int64)
    rng, given = np.random.default_rng(0), labels[-IMAGES:].copy()
    wrong = rng.choice(IMAGES, PLANTED, replace=False)
    given[wrong] = (given[wrong] + rng.integers(1, 10, PLANTED)) % 10
    parts = {"train": (0, 697), "val": (697, 897), "test": (897, 1797)}
    arrays = {f"{xy}_{name}": a[i:j] for name, (i, j) in parts.items() for xy, a in (("x", images), ("y", labels))}
    np.savez(path, **{**arrays, "y_test": given})
    return set(wrong.tolist())


def evaluated(folder: Path, name: str) -> dict[str, Any]:
    """Train the learner, if it is not there yet, and return what `evaluate` says of it."""
    where = [f"data.path={folder / 'digits.npz'}", "data.source=npz", "--output", str(folder), "--name", name]
    if not (folder / name).exists():
        _run("train", *LEARNERS[name], *where, "--quiet")
    said: dict[str, Any] = json.loads(_run("evaluate", str(folder / name), "--mistakes", "--calibrate", "--json"))
    return said


def _run(*arguments: str) -> str:
    command = [sys.executable, "-m", "cnnbench", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main(folder: Path, names: Sequence[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    wrong = write_digits(folder.resolve() / "digits.npz")
    for name in names or LEARNERS:
        said = evaluated(folder.resolve(), name)
        rows = [error["row"] for error in said["label_errors"]["errors"]]
        found, fitted = len(wrong & set(rows[:NAMED])), said["calibration"]
        before, after = (fitted["calibration_error"][side] for side in ("before", "after"))
        print(f"{name}: accuracy {said['accuracy']:.4f}, {len(rows)} named, {found} of {PLANTED} in the first {NAMED}")
        print(f"  temperature {fitted['temperature']:.3f} {fitted['temperature_interval']}")
        print(
            f"  calibration error {before['value']:.4f} {before['interval']}, {after['value']:.4f} {after['interval']}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
