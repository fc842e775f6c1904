from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from cnnbench.files.whole import write_json
from cnnbench.report.write import write_report
from cnnbench.runs.folder import RunDir
from cnnbench.views.page import thumbnail
from tests.builders.runs import digits, write_interrupted_run, write_run, write_status
from tests.report.conftest import HOSTILE, HOSTILE_FILE

pytestmark = pytest.mark.drawn

VOID = {"meta", "img", "br"}
INLINE = {"small", "span", "a", "b", "i"}

PANELS = 15  # curves 4, true positives, classes, matrix, scores, errors 2, thresholds 2, calibration 2, augmentation


class Page(HTMLParser):
    """The elements of a page: (tag, attributes), its text, and tags left open or closed out of turn."""

    def __init__(self, run: RunDir) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.open, self.misplaced = "", [], []
        self.feed(run.report.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.misplaced.append(tag)
        if tag not in INLINE:
            self.text += " "

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.text += data

    def of_sections(self) -> list[str]:
        return [found["id"] or "" for tag, found in self.elements if tag == "section"]

    def attributes(self, name: str) -> list[str]:
        return [found[name] or "" for _, found in self.elements if name in found]


NAMES = ["two", "ten", "hundred", "hostile", "interrupted"]


@pytest.mark.parametrize("name", NAMES)
def test_page_is_well_formed_and_needs_nothing_from_outside(drawn, name):
    page = Page(drawn(name))
    assert (page.open, page.misplaced) == ([], [])
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"link", "iframe", "object", "embed", "base"}
    scripts = [found for tag, found in page.elements if tag == "script"]
    assert all(found in ({}, {"type": "application/json"}) for found in scripts)
    assert all(src.startswith("data:image/png;base64,") for src in page.attributes("src"))
    assert not any(re.match(r"[a-z]+:|//", href) for href in page.attributes("href"))
    assert not [name for _, found in page.elements for name in found if name.startswith("on")]
    assert not re.search(r"url\((?!#)", drawn(name).report.read_text())
    policy = [found.get("content") for _, found in page.elements if found.get("http-equiv")]
    assert len(policy) == 1 and (policy[0] or "").startswith("default-src 'none'; img-src data:; style-src")
    assert len(re.findall("'sha256-[^']{44}'", policy[0] or "")) == scripts.count({})


@pytest.mark.parametrize("name", NAMES)
def test_every_image_of_the_page_decodes(drawn, name):
    page = Page(drawn(name))
    sources = page.attributes("src") + [x for x in page.attributes("xlink:href") if x.startswith("data:")]
    assert len(sources) >= 15
    for source in sources:
        with Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))) as image:
            image.load()
            assert min(image.size) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_sections_or_files(drawn, name):
    page = Page(drawn(name))
    links, ids = page.attributes("href"), page.attributes("id")
    assert [link[1:] for link in links if link.startswith("#")] == ["content", *page.of_sections()]
    assert len(ids) == len(set(ids)) and {x[1:] for x in page.attributes("xlink:href") if x[0] == "#"} <= set(ids)
    files = [link for link in links if not link.startswith("#")]
    assert files and all((drawn(name).path / file).is_file() for file in files)


def test_headline_says_what_was_measured_on_what(drawn):
    text = " ".join(Page(drawn("ten")).text.split())
    assert "90.54 % test accuracy" in text
    assert "497 test images of digits in 10 classes; 95 % interval 87.65 % to 92.81 % (Wilson)" in text


def test_numbers_of_the_page_are_those_of_the_metrics(drawn):
    text = " ".join(Page(drawn("ten")).text.split())
    assert "Log loss 0.4267 nats" in text
    assert "Expected calibration error 11.89 %" in text
    assert "Top-2 accuracy 95.17 %" in text
    assert "Matthews correlation 0.8951" in text
    assert "macro: every class alike 90.75 % 90.51 % 90.54 %" in text
    assert "3 79.25 % 82.35 % 80.77 % 51 1 (5.88 %) ▼ worst" in text
    assert "micro" not in text
    assert "8 of 20" in text and "8 (by val_loss)" in text
    assert "599 train, 701 validation, 497 test" in text


def test_hostile_names_are_text(drawn):
    page = Page(drawn("hostile"))
    assert "<script>alert(1)</script>" in page.text
    assert "$x$" in page.text and "[bold]" in page.text and "\"'&amp;" in page.text
    titles = page.attributes("title")
    assert HOSTILE[3] in titles  # the whole of a long name
    assert HOSTILE_FILE in titles
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", page.text + "".join(titles))


def test_a_smoke_run_says_so(drawn):
    assert "This is a smoke run" in Page(drawn("hostile")).text
    assert "smoke" not in Page(drawn("ten")).text


def test_an_interrupted_run_says_so_and_shows_what_there_is(drawn):
    page = Page(drawn("interrupted"))
    text = " ".join(page.text.split())
    assert "This run is not complete: interrupted – Ctrl-C." in text
    assert "validation accuracy after epoch 8; the test images have not been looked at" in text
    shown = ["facts", "training", "augmentation", "network", "configuration", "environment", "files"]
    assert page.of_sections() == shown


def test_a_run_killed_within_its_test_does_not_claim_a_result(tmp_path):
    run = write_run(tmp_path, digits())
    run.metrics.unlink()
    write_report(run)
    text = " ".join(Page(run).text.split())
    assert "91.44 % validation accuracy after epoch 8; the test was not finished" in text
    assert "test accuracy" not in text


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            {"state": "failed", "reason": "loss is NaN at step 3 of epoch 2"},
            "failed – loss is NaN at step 3 of epoch 2",
        ),
        ({"state": "running", "reason": None, "host": "elsewhere", "pid": 1}, "stopped without a word."),
    ],
)
def test_a_run_that_ended_badly_says_why(tmp_path, status, said):
    run = write_interrupted_run(tmp_path, digits())
    write_status(run, **status)
    write_report(run)
    assert f"This run is not complete: {said}" in " ".join(Page(run).text.split())


def test_notes_and_skipped_images_are_told(tmp_path):
    run = write_run(tmp_path, digits())
    write_status(run, notes=["CIFAR-10 (JPEG)", "2 bad image(s) skipped: <b>.png"])
    write_json(run.split, {**digits().split, "skipped": ["a.png", "b.png"]})
    write_report(run)
    text = " ".join(Page(run).text.split())
    assert "CIFAR-10 (JPEG)" in text and "2 bad image(s) skipped: <b>.png" in text
    assert "497 test, 2 skipped" in text


@pytest.mark.parametrize("channels", [1, 3])
def test_thumbnails_are_small_and_keep_small_images(channels):
    rng = np.random.default_rng(0)
    for shape, size in {(8, 8): (8, 8), (28, 28): (28, 28), (500, 250): (64, 128)}.items():
        pixels = rng.integers(0, 256, (*shape, channels), np.uint8)
        with Image.open(io.BytesIO(base64.b64decode(thumbnail(pixels).partition(",")[2]))) as image:
            assert image.size == size
            if shape == size:
                assert np.array_equal(np.asarray(image).reshape(pixels.shape), pixels)


def test_of_equal_classes_none_is_called_the_worst(tmp_path):
    run = write_run(tmp_path, replace(digits(2), probabilities=np.eye(2)[digits(2).labels]))
    write_report(run)
    text = " ".join(Page(run).text.split())
    assert "100.00 % test accuracy" in text
    assert "▼ worst" not in text and "Worst class (lowest F1) –" in text


def test_plots_are_drawn_in_the_colours_of_the_page_and_written_as_text(drawn):
    html = drawn("ten").report.read_text(encoding="utf-8")
    plots = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(plots) == PANELS
    assert ">Error rate</text>" in html and "var(--blue)" in plots[0]
    styles = "".join(re.findall(r'style="[^"]*"', "".join(plots)))
    assert not re.search("font-family|#0072b2|#000000", styles)


def test_no_text_of_a_plot_is_shown_in_less_than_eleven_pixels(drawn):
    html = drawn("ten").report.read_text(encoding="utf-8")
    panels = re.findall(r'min-width: (\d+)px"><svg viewBox="0 0 ([\d.]+) .*?</svg>', html, re.DOTALL)
    sizes = [
        [float(size) for size in re.findall(r"font-size: ([\d.]+)px", plot)]
        for plot in re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    ]
    assert len(panels) == len(sizes) == PANELS
    for (least, width), found in zip(panels, sizes, strict=True):
        assert min(found) * float(least) / float(width) > 10.9
