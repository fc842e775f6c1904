"""The model card, of a run whose classes have names that mean something elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cnnbench.export.card import NOT_STATED, Told, card, licence_of
from cnnbench.export.formats import FORMATS
from cnnbench.runs.run import Run
from tests.builders.runs import digits, write_run

NAMES = ("<script>alert(1)</script>", "a | b", "[x](http://example.org)", "`code`", "two\nlines", *"56789")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(write_run(tmp_path_factory.mktemp("card"), digits().named(NAMES)).path)


def told(found: dict[str, object] | None = None) -> Told:
    return Told(FORMATS["onnx"], Path("a_b.onnx"), 12_345, ["takes *care*"], found)


def test_names_steer_nothing(run: Run) -> None:
    text = card(run, told())
    before, config, _ = re.split(r"^```(?:yaml)?\n", text, flags=re.MULTILINE)[:3]
    assert config.strip() == run.config_text.strip()
    assert "\\<script\\>" in before and "<script" not in before.replace("\\<script", "")
    rows = [line for line in before.splitlines() if line.startswith("| ") and "support" not in line]
    of_classes = [line for line in rows if len(re.findall(r"(?<!\\)\|", line)) == 6]
    assert len(of_classes) == 1 + len(NAMES)  # with the head of the table
    assert "takes \\*care\\*" in before and "two�lines" in before


def test_it_says_how_good_the_run_is_and_how_far_the_file_is_from_it(run: Run) -> None:
    assert run.metrics is not None
    text = card(run, told({"sentence": "They agree.", "rows": [("size", "12.3 kB")]}))
    assert "They agree." in text and "| size | 12.3 kB |" in text
    assert re.search(r"\| accuracy \| \d\d\.\d\d % \(95 % interval \d\d\.\d\d % to \d\d\.\d\d %\) \|", text)
    assert "Not checked" in card(run, told())


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("digits", "CC-BY-4.0"),
        ("fashion_mnist", "MIT"),
        ("cifar10", NOT_STATED),
        ("synthetic", "none needed: the images are drawn at random"),
        ("image_folder", "the user's own images: theirs to say"),
    ],
)
def test_the_licence_of_the_images(source: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(f"name: x\ndata: {{source: {source}}}\n")
    assert licence_of(Run(tmp_path)) == said
