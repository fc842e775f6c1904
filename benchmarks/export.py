"""How far each exported file is from its run, how large and how fast: "Exported files" in docs/results.md.

usage: CNNBENCH_DATA=... python benchmarks/export.py RUN FOLDER [FORMAT...]

Writes the run's network into FOLDER in every format, one after the other in this process, asks each file about all test
images, and prints a row for each. For ResNet-8 on a part of CIFAR-10 train it before:

    cnnbench train resnet20-cifar10 model.architecture=resnet8 data.subset.train=8000 train.epochs=10 \
        train.batch_size=64 train.optimizer.learning_rate=0.05 --name resnet8-cifar10
"""

from __future__ import annotations

import sys
from pathlib import Path

from cnnbench.export.export import export
from cnnbench.export.formats import FORMATS, names
from cnnbench.report.exports import table
from cnnbench.runs.named import open_finished


def main(run: Path, folder: Path, formats: list[str]) -> None:
    """Export, check and print."""
    opened, found = open_finished(run), []
    for name in formats or names(estimators=False):
        done = export(
            opened, name, folder / f"{name}{FORMATS[name].suffix}", show=lambda said: print(said, file=sys.stderr)
        )
        assert done.found is not None
        found.append(done.found)
    print(table(found).markdown())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
