"""One wrong sweep file with the lines that tell its mistakes, and short ways to write one."""

from __future__ import annotations

from tests.wrong import Wrong

FILE = "sweep.yaml"
BASE = """name: small
data: {source: digits}
model: {layers: [Flatten, {Dense: {units: 10}}, classifier]}
train:
  epochs: 8
  schedule: {name: CosineDecay, warmup_epochs: 2}
"""


def text(content: str, *expected: str, **files: str) -> Wrong:
    """A file as a whole, beside base.yaml; other files are named with _ for their dot."""
    others = {name.replace("_", "."): content for name, content in files.items()}
    return Wrong(expected, {FILE: content, "base.yaml": BASE, **others})


def sweep(lines: str, *expected: str, **files: str) -> Wrong:
    """Lines after the base's, from line 2."""
    return text(f"base: base.yaml\n{lines}\n", *expected, **files)


def space(lines: str, *expected: str) -> Wrong:
    """Axes of a grid, from line 3."""
    return sweep("space:\n" + "\n".join(f"  {line}" for line in lines.splitlines()), *expected)


def beside(lines: str, *expected: str) -> Wrong:
    """Lines beside a right space of two ranges, from line 3."""
    rate = "train.optimizer.learning_rate: {low: 1e-4, high: 0.1, log: true}"
    return sweep(f"space: {{train.batch_size: {{low: 8, high: 10}}, {rate}}}\n{lines}", *expected)


def listed(csv: str, *expected: str) -> Wrong:
    """The rows of a list."""
    return sweep("search: {method: list, file: trials.csv}", *expected, trials_csv=csv)


def override(assignment: str, *expected: str) -> Wrong:
    """An assignment on the command line, over a right sweep."""
    content = "base: base.yaml\nspace: {train.batch_size: [8, 16]}\nfixed: {train.epochs: 3}\n"
    return Wrong(expected, {FILE: content, "base.yaml": BASE}, tuple(assignment.split(" ; ")))
