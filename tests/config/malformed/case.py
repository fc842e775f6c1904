"""One wrong configuration with the lines that tell its mistakes, and short ways to write one."""

from __future__ import annotations

from tests.wrong import Wrong

FILE = "experiment.yaml"


def text(content: str, *expected: str) -> Wrong:
    """A file as a whole."""
    return Wrong(expected, {FILE: content})


def top(lines: str, *expected: str) -> Wrong:
    """Lines at the end of a small configuration, from line 4."""
    return text(f"name: demo\ndata: {{source: digits}}\nmodel: {{layers: [Flatten, classifier]}}\n{lines}\n", *expected)


def section(name: str, lines: str, *expected: str) -> Wrong:
    """Lines of a section, from line 5."""
    indented = "\n".join(f"  {line}" for line in lines.splitlines())
    data = "" if name == "data" else "data: {source: digits}"
    model = "" if name == "model" else "model: {layers: [Flatten, classifier]}"
    return text(f"name: demo\n{data}\n{model}\n{name}:\n{indented}\n", *expected)


def data(lines: str, *expected: str) -> Wrong:
    """Lines of `data`, from line 5."""
    return section("data", lines, *expected)


def train(lines: str, *expected: str) -> Wrong:
    """Lines of `train`, from line 5."""
    return section("train", lines, *expected)


def augment(lines: str, *expected: str) -> Wrong:
    """Entries of `augment`, from line 5."""
    return section("augment", lines, *expected)


def model(lines: str, *expected: str) -> Wrong:
    """Lines of `model`, from line 5."""
    return section("model", lines, *expected)


def layers(lines: str, *expected: str) -> Wrong:
    """Entries of `model.layers`, from line 6; images are 8x8x1."""
    return model("layers:\n" + "\n".join(f"  {line}" for line in lines.splitlines()), *expected)


def override(assignment: str, *expected: str) -> Wrong:
    """An assignment on the command line, over a right configuration with an augmentation and an optimizer."""
    content = (
        "name: demo\ndata: {source: digits, image_size: 16}\n"
        "augment: [RandomFlip: {mode: horizontal}, AutoContrast]\n"
        "model: {layers: [Flatten, classifier]}\ntrain: {optimizer: {name: SGD, momentum: 0.9}}\n"
    )
    return Wrong(expected, {FILE: content}, tuple(assignment.split(" ; ")))


GOOD = "name: demo\nmodel: {layers: [Flatten, classifier]}\n"
