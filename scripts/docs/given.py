"""What a page of the manual may take as there before its first command: photographs, an image, a trained run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image
from sklearn.datasets import load_sample_images


def write_photos(folder: Path) -> None:
    """Cut 12 pieces out of each of scikit-learn's two photographs, a folder for each."""
    found = load_sample_images()
    for name, image in zip(("temple", "flower"), found.images, strict=True):
        (folder / name).mkdir(parents=True)
        for i in range(12):
            top, left = 15 * i, 30 * i
            Image.fromarray(image[top : top + 240, left : left + 300]).save(folder / name / f"{i}.jpg")


def write_table(folder: Path) -> None:
    """Write a table of the photographs, with a part for each and a weight."""
    names = sorted(path.relative_to(folder) for path in (folder / "photos").rglob("*.jpg"))
    split = {0: "test", 1: "val"}
    rows = [f"{name.as_posix()},{name.parts[1]},{split.get(i % 6, 'train')}" for i, name in enumerate(names)]
    (folder / "photos.csv").write_text("\n".join(["path,label,split", *rows, ""]), encoding="utf-8")


def photos(folder: Path) -> None:
    """Make `photos/`, a folder for each of two classes, and `photos.csv`, a table of them."""
    write_photos(folder / "photos")
    write_table(folder)


def image(folder: Path) -> None:
    """Make `digit.png`, a grey picture."""
    Image.new("L", (100, 80), 200).save(folder / "digit.png")


def run(folder: Path) -> None:
    """Train what `outputs/lenet5-digits` and `outputs/small-batches` are, as the README does."""
    import subprocess

    for changes in ((), ("train.batch_size=16", "--name", "small-batches")):
        command = [sys.executable, "-m", "cnnbench", "train", "lenet5-digits", "train.epochs=10", *changes, "--quiet"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)


GIVEN: Mapping[str, Callable[[Path], None]] = {"photos": photos, "image": image, "run": run}
